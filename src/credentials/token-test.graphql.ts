import { unverifiedIssuerOf } from '../auth/issuer-token.ts'
import { TOKEN_REFUSALS, type TokenRefusal } from '../auth/refused-token.ts'
import { builder } from '../graphql/builder.ts'
import { type Prepares, takePrepared } from '../graphql/prepared.ts'
import { Scope } from './scope.graphql.ts'
import { TokenIssuer } from './token-issuer.graphql.ts'
import { describeRefusal, restrictedBy, type TokenTest, testToken } from './token-test.ts'

type Reason = TokenRefusal['reason']

const TokenRefusalReason = builder.enumType('TokenRefusalReason', {
  description: 'Why a token is refused.',
  values: Object.fromEntries(
    Object.keys(TOKEN_REFUSALS).map((reason) => [reason, { description: describeRefusal(reason as Reason) }]),
  ) as Record<Reason, { description: string }>,
})

const TestTokenInput = builder.inputType('TestTokenInput', {
  description: 'The token to test.',
  fields: (t) => ({
    token: t.string({
      required: true,
      description: 'An issuer token or an embed token, without `Bearer`. It is neither stored nor logged.',
    }),
  }),
})

/** Claims are named by whoever made the token. */
const MAX_CLAIM_LENGTH = 256

const TestTokenPayload = builder.objectRef<TokenTest & { issuer: string | null }>('TestTokenPayload').implement({
  description: 'Result of `testToken`.',
  fields: (t) => ({
    accepted: t.boolean({
      description: 'Whether a request with the token would be accepted now.',
      resolve: ({ refusal }) => refusal === null,
    }),
    reason: t.field({
      type: TokenRefusalReason,
      nullable: true,
      description: 'Why it would be refused. Null if it would be accepted.',
      resolve: ({ refusal }) => refusal?.reason ?? null,
    }),
    claim: t.string({
      nullable: true,
      description: 'Name of the claim that is to blame. Null if it is none.',
      resolve: ({ refusal }) => refusal?.claim?.slice(0, MAX_CLAIM_LENGTH) ?? null,
    }),
    message: t.string({
      description: 'The same in a sentence, for people.',
      resolve: ({ refusal }) => (refusal ? describeRefusal(refusal.reason) : 'The token would be accepted.'),
    }),
    tokenIssuer: t.prismaField({
      type: TokenIssuer,
      nullable: true,
      description:
        'The issuer that the token names, whether or not it signed it. Null for an embed token, and if no such issuer is registered.',
      resolve: (query, { issuer }, _args, context) =>
        issuer === null ? null : context.account.tokenIssuer.findUnique({ ...query, where: { issuer } }),
    }),
    tenant: t.prismaField({
      type: 'Tenant',
      nullable: true,
      description: 'The tenant of the token. Null if it would be refused, unless it only expired or was revoked.',
      resolve: (query, { claimant }, _args, context) =>
        claimant?.boundTenantId == null
          ? null
          : context.account.tenant.findUnique({ ...query, where: { id: claimant.boundTenantId } }),
    }),
    scopes: t.field({
      type: [Scope],
      nullable: true,
      description: 'What the token may do. Null if it would be refused.',
      resolve: ({ principal }) => principal && [...principal.scopes],
    }),
    subject: t.string({
      nullable: true,
      description: 'Who the token is for. Null if it names nobody, or would be refused.',
      resolve: ({ principal }) => principal?.subject ?? null,
    }),
    expiresAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the token expires. Null if it would be refused.',
      resolve: ({ principal }) => principal?.expiresAt ?? null,
    }),
    restrictedBy: t.stringList({
      nullable: true,
      description:
        'What restricts the token, without the values: `agents`, `endUserIds`, `metadata.` with a key, and `documents` if it may send only registered ones. Empty if nothing does. Null if it would be refused.',
      resolve: ({ principal }) => principal && restrictedBy(principal),
    }),
  }),
})

builder.mutationField('testToken', (t) =>
  t.field({
    type: TestTokenPayload,
    description:
      'Checks a token exactly as a request with it would be checked, and says why it would be refused. Fetches the keys of its issuer if necessary, and changes nothing. The token is checked before the other fields of the mutation run. (It is a mutation, so that no URL, cache or log of a client or proxy gets to hold the token.) Needs the scope ADMIN.',
    authScopes: { scope: 'ADMIN' },
    args: { input: t.arg({ type: TestTokenInput, required: true, description: 'The token to test.' }) },
    extensions: {
      prepare: async ({ input }, context) =>
        context.has('ADMIN') ? testToken(() => context.authenticateToken(input.token)) : null,
    } satisfies Prepares<{ input: { token: string } }>,
    resolve: (_root, { input }, context, info) => ({
      ...takePrepared<TokenTest>(context, info),
      issuer: unverifiedIssuerOf(input.token),
    }),
  }),
)
