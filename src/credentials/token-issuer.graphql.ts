import { recordAudit } from '../audit/record-audit.ts'
import { DEFAULT_EMBED_SCOPES } from '../auth/embed-token.ts'
import type { Context } from '../context.ts'
import { builder } from '../graphql/builder.ts'
import { connectionArgs, connectionType, keyset, parsePage, toConnection } from '../graphql/connection.ts'
import { Node } from '../graphql/node.ts'
import { encodeId } from '../input/ids.ts'
import { Scope } from './scope.graphql.ts'
import { TokenDocuments } from './token-documents.graphql.ts'
import { deleteTokenIssuer, registerTokenIssuer, updateTokenIssuer } from './token-issuers.ts'

const DOCUMENTS = 'Which documents its tokens may send.'

export const TokenIssuer = builder.prismaObject('TokenIssuer', {
  description:
    "An issuer whose JWTs are accepted like embed tokens: usually the SaaS product that embeds Parley. Its tokens need the claims `iss`, `aud`, `iat`, `exp` (at most 24 hours ahead) and the tenant claim. `scopes` (a list) or `scope` names their scopes (default: ANALYTICS_READ and CONVERSATIONS_READ), `sub` the subject. `parley_agents` (a list of ids or external ids of agents), `parley_end_user_ids` (a list) and `parley_metadata` (an object) restrict them, like the fields of `CreateEmbedTokenInput`; an agent that does not exist matches nothing until it does. `parley_documents` limits them to registered documents if it is REGISTERED, and to those of the web components if it is COMPONENTS. A token is refused if one of these claims can't be read, or for any other claim that begins with `parley_`.",
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ description: 'Opaque id, `issuer_…`.', resolve: ({ id }) => encodeId('TokenIssuer', id) }),
    name: t.exposeString('name', { nullable: true, description: 'Display name. Null if it has none.' }),
    issuer: t.exposeString('issuer', { description: 'Value of the claim `iss` in its tokens.' }),
    audience: t.exposeString('audience', {
      description: 'Value that the claim `aud` of its tokens must have, up to 256 characters.',
    }),
    jwksUrl: t.exposeString('jwksUrl', {
      nullable: true,
      description: 'URL that its public keys are read from. Null if they are in `keys`.',
    }),
    keys: t.field({
      type: ['JSONObject'],
      nullable: true,
      description: 'Its public keys, as JWKs. Null if they are read from `jwksUrl`.',
      // Written only by registering and updating, which accept only lists of objects.
      resolve: ({ keys }) => keys as Record<string, unknown>[] | null,
    }),
    tenantClaim: t.exposeString('tenantClaim', { description: 'Name of the claim that holds the tenant id.' }),
    scopes: t.expose('scopes', {
      type: [Scope],
      description: 'Scopes that its tokens may have. Any others that a token names are ignored.',
    }),
    documents: t.expose('documents', { type: TokenDocuments, description: DOCUMENTS }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the issuer was registered.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When the issuer was last changed.' }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When a token of the issuer was last accepted, accurate to the minute. `testToken` does not count. Null if never.',
    }),
    lastUsedAddress: t.exposeString('lastUsedAddress', {
      nullable: true,
      description:
        'IP address that this token was sent from. Accurate to the minute, like `lastUsedAt`: another token, or another address, within that minute is not recorded. Null if no token was ever accepted, or if the address is unknown.',
    }),
    lastUsedUserAgent: t.exposeString('lastUsedUserAgent', {
      nullable: true,
      description:
        'What sent this token: the first 256 characters of the header User-Agent of the request. Null if it had none, or if it is unknown.',
    }),
  }),
})

const TokenIssuerConnection = connectionType(TokenIssuer, { name: 'TokenIssuer', of: 'token issuers' })

builder.queryField('tokenIssuers', (t) =>
  t.field({
    type: TokenIssuerConnection,
    nullable: true,
    description: 'All token issuers, newest first. Needs the scope ADMIN.',
    authScopes: { scope: 'ADMIN' },
    args: connectionArgs,
    resolve: async (_root, args, context) => {
      const page = parsePage(args, 'TOKEN_ISSUERS')
      const rows = await context.account.tokenIssuer.findMany(keyset(page, 'id', 'id', true))
      return toConnection(
        page,
        rows,
        (row) => ['TOKEN_ISSUERS', 0, row.id],
        () => context.account.tokenIssuer.count(),
      )
    },
  }),
)

const KEYS =
  '1 to 20 public keys of the issuer, as JWKs: RSA (2,048 bits or more), EC (P-256, P-384, P-521) or Ed25519. If there are several, each needs its own `kid`.'
const JWKS_URL =
  "URL of the issuer's JWKS, which holds its public keys, up to 2,048 characters: https on a public address or, in development, http on the server's own machine."
const SCOPES =
  'Scopes that its tokens may have: at least one of ANALYTICS_READ, CONVERSATIONS_READ and INTERNALS_READ, and none that your key lacks.'

const RegisterTokenIssuerInput = builder.inputType('RegisterTokenIssuerInput', {
  description:
    'The token issuer to register. Give either `jwksUrl` or `keys`. `TokenIssuer` describes the claims of its tokens.',
  fields: (t) => ({
    name: t.string({ required: false, description: 'Display name, up to 256 characters. Default: none.' }),
    issuer: t.string({
      required: true,
      description:
        'Exact value of the claim `iss` in its tokens, up to 256 characters. Must differ from that of other issuers by more than case, spaces, or look-alike or invisible characters. It never changes.',
    }),
    audience: t.string({
      required: true,
      description: 'Value that the claim `aud` of its tokens must have, up to 256 characters.',
    }),
    jwksUrl: t.string({ required: false, description: JWKS_URL }),
    keys: t.field({ type: ['JSONObject'], required: false, description: KEYS }),
    tenantClaim: t.string({
      required: true,
      defaultValue: 'tenant',
      description:
        'Name of the top-level claim that holds the tenant id, up to 256 characters. Not one that says what a token may do, such as `scope` or `parley_agents`.',
    }),
    scopes: t.field({ type: [Scope], required: true, defaultValue: [...DEFAULT_EMBED_SCOPES], description: SCOPES }),
    documents: t.field({ type: TokenDocuments, required: true, defaultValue: 'ANY', description: DOCUMENTS }),
  }),
})

const UpdateTokenIssuerInput = builder.inputType('UpdateTokenIssuerInput', {
  description:
    'The token issuer to update, and its new values. Absent fields keep their value. Only `name` can be cleared with null.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Id of the issuer, `issuer_…`.' }),
    name: t.string({ required: false, description: 'Display name, up to 256 characters. Null clears it.' }),
    audience: t.string({
      required: false,
      description: 'Value that the claim `aud` of its tokens must have, up to 256 characters.',
    }),
    jwksUrl: t.string({ required: false, description: `${JWKS_URL} Replaces \`keys\`.` }),
    keys: t.field({ type: ['JSONObject'], required: false, description: `${KEYS} They replace \`jwksUrl\`.` }),
    tenantClaim: t.string({
      required: false,
      description:
        'Name of the top-level claim that holds the tenant id, up to 256 characters. Not one that says what a token may do, such as `scope` or `parley_agents`.',
    }),
    scopes: t.field({ type: [Scope], required: false, description: SCOPES }),
    documents: t.field({ type: TokenDocuments, required: false, description: DOCUMENTS }),
  }),
})

const DeleteTokenIssuerInput = builder.inputType('DeleteTokenIssuerInput', {
  description: 'The token issuer to delete.',
  fields: (t) => ({ id: t.id({ required: true, description: 'Id of the issuer, `issuer_…`.' }) }),
})

const issuerPayload = (name: string, operation: string, description: string) =>
  builder.objectRef<{ issuerId: string }>(name).implement({
    description: `Result of \`${operation}\`.`,
    fields: (t) => ({
      tokenIssuer: t.prismaField({
        type: TokenIssuer,
        description,
        resolve: (query, { issuerId }, _args, context) =>
          context.account.tokenIssuer.findUniqueOrThrow({ ...query, where: { id: issuerId } }),
      }),
    }),
  })

const RegisterTokenIssuerPayload = issuerPayload('RegisterTokenIssuerPayload', 'registerTokenIssuer', 'The issuer.')
const UpdateTokenIssuerPayload = issuerPayload('UpdateTokenIssuerPayload', 'updateTokenIssuer', 'The updated issuer.')

const DeleteTokenIssuerPayload = builder.objectRef<{ issuerId: string }>('DeleteTokenIssuerPayload').implement({
  description: 'Result of `deleteTokenIssuer`.',
  fields: (t) => ({
    deletedId: t.id({
      description: 'Id of the deleted issuer, `issuer_…`.',
      resolve: ({ issuerId }) => encodeId('TokenIssuer', issuerId),
    }),
  }),
})

const record = (
  context: Context,
  action: 'TOKEN_ISSUER_REGISTERED' | 'TOKEN_ISSUER_UPDATED' | 'TOKEN_ISSUER_DELETED',
  { id, issuer, scopes, documents }: { id: string; issuer: string; scopes: string[]; documents: string },
) =>
  recordAudit(context, {
    action,
    tenantId: null,
    objectType: 'TOKEN_ISSUER',
    objectId: encodeId('TokenIssuer', id),
    details: { issuer, scopes, documents },
  })

const loadIssuer = ({ account }: Context, id: string) => account.tokenIssuer.findUniqueOrThrow({ where: { id } })

builder.mutationFields((t) => ({
  registerTokenIssuer: t.field({
    type: RegisterTokenIssuerPayload,
    description:
      "Registers an external issuer, whose JWTs are then accepted like embed tokens. A key with an expiry can't register one, because the issuer would outlive the key. Needs the scope ADMIN.",
    authScopes: { scope: 'ADMIN' },
    args: { input: t.arg({ type: RegisterTokenIssuerInput, required: true, description: 'The issuer to register.' }) },
    resolve: async (_root, { input }, context) => {
      const registered = await registerTokenIssuer(context, input)
      await record(context, 'TOKEN_ISSUER_REGISTERED', await loadIssuer(context, registered.issuerId))
      return registered
    },
  }),
  updateTokenIssuer: t.field({
    type: UpdateTokenIssuerPayload,
    description:
      'Updates an issuer. Takes effect from the next request on. Your own key must have all scopes that the issuer has afterwards; a key with an expiry may only change the name, withdraw scopes and limit the documents. Needs the scope ADMIN.',
    authScopes: { scope: 'ADMIN' },
    args: {
      input: t.arg({
        type: UpdateTokenIssuerInput,
        required: true,
        description: 'The issuer to update, and its new values.',
      }),
    },
    resolve: async (_root, { input }, context) => {
      const updated = await updateTokenIssuer(context, input)
      context.endsCredentials = true
      await record(context, 'TOKEN_ISSUER_UPDATED', await loadIssuer(context, updated.issuerId))
      return updated
    },
  }),
  deleteTokenIssuer: t.field({
    type: DeleteTokenIssuerPayload,
    description: 'Deletes an issuer. Its tokens are refused from the next request on. Needs the scope ADMIN.',
    authScopes: { scope: 'ADMIN' },
    args: { input: t.arg({ type: DeleteTokenIssuerInput, required: true, description: 'The issuer to delete.' }) },
    resolve: async (_root, { input }, context) => {
      const deleted = await deleteTokenIssuer(context, input.id)
      context.endsCredentials = true
      await record(context, 'TOKEN_ISSUER_DELETED', deleted)
      return { issuerId: deleted.id }
    },
  }),
}))
