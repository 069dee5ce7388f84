import { recordAudit } from '../audit/record-audit.ts'
import { DEFAULT_EMBED_SCOPES } from '../auth/embed-token.ts'
import type { Context } from '../context.ts'
import { builder } from '../graphql/builder.ts'
import { connectionArgs, connectionType, keyset, parsePage, toConnection } from '../graphql/connection.ts'
import { Node } from '../graphql/node.ts'
import { encodeId } from '../input/ids.ts'
import { Scope } from './scope.graphql.ts'
import { registerTokenIssuer, removeTokenIssuer, updateTokenIssuer } from './token-issuers.ts'

export const TokenIssuer = builder.prismaObject('TokenIssuer', {
  description: 'Somebody whose tokens are taken like those of `createEmbedToken`: usually the SaaS product itself.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ description: 'Opaque id, `issuer_…`.', resolve: ({ id }) => encodeId('TokenIssuer', id) }),
    name: t.exposeString('name', { nullable: true, description: 'A name for people.' }),
    issuer: t.exposeString('issuer', { description: 'What its tokens say in the claim `iss`.' }),
    audience: t.exposeString('audience', { description: 'What its tokens must say in the claim `aud`.' }),
    jwksUrl: t.exposeString('jwksUrl', { nullable: true, description: 'Where its public keys are read.' }),
    keys: t.field({
      type: ['JSONObject'],
      nullable: true,
      description: 'Its public keys, as JWKs, where no URL is given.',
      // Written by registering and updating alone, which take lists of objects.
      resolve: ({ keys }) => keys as Record<string, unknown>[] | null,
    }),
    tenantClaim: t.exposeString('tenantClaim', { description: 'The claim that holds the id of the tenant.' }),
    scopes: t.expose('scopes', { type: [Scope], description: 'What its tokens may do at most.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was registered.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it was last changed.' }),
  }),
})

const TokenIssuerConnection = connectionType(TokenIssuer, { name: 'TokenIssuer', of: 'the token issuers' })

builder.queryField('tokenIssuers', (t) =>
  t.field({
    type: TokenIssuerConnection,
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
  'Its public keys, as JWKs: up to 20 of RSA (2048 bits or more), EC (P-256, P-384, P-521) or Ed25519. Several are told apart by `kid`.'
const JWKS_URL =
  'Where its public keys are, as a JWKS: https, and of a public address. In development http on this machine does as well.'
const SCOPES =
  'What its tokens may do at most: ANALYTICS_READ, CONVERSATIONS_READ, INTERNALS_READ, and none that your key lacks.'

const RegisterTokenIssuerInput = builder.inputType('RegisterTokenIssuerInput', {
  description: 'Somebody whose tokens are to be taken. Give either `jwksUrl` or `keys`.',
  fields: (t) => ({
    name: t.string({ required: false, description: 'A name for people, up to 256 characters.' }),
    issuer: t.string({
      required: true,
      description: 'What its tokens say in the claim `iss`, to the letter. Registered once, and never changes.',
    }),
    audience: t.string({ required: true, description: 'What its tokens must say in the claim `aud`.' }),
    jwksUrl: t.string({ required: false, description: JWKS_URL }),
    keys: t.field({ type: ['JSONObject'], required: false, description: KEYS }),
    tenantClaim: t.string({
      required: true,
      defaultValue: 'tenant',
      description: 'The claim, at the top level, that holds the id of the tenant.',
    }),
    scopes: t.field({ type: [Scope], required: true, defaultValue: [...DEFAULT_EMBED_SCOPES], description: SCOPES }),
  }),
})

const UpdateTokenIssuerInput = builder.inputType('UpdateTokenIssuerInput', {
  description: 'A token issuer, and what of it to change: absent keeps.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Which issuer, `issuer_…`.' }),
    name: t.string({ required: false, description: 'A name for people, up to 256 characters. Null clears it.' }),
    audience: t.string({ required: false, description: 'What its tokens must say in the claim `aud`.' }),
    jwksUrl: t.string({ required: false, description: `${JWKS_URL} Takes the place of \`keys\`.` }),
    keys: t.field({ type: ['JSONObject'], required: false, description: `${KEYS} Take the place of \`jwksUrl\`.` }),
    tenantClaim: t.string({ required: false, description: 'The claim that holds the id of the tenant.' }),
    scopes: t.field({ type: [Scope], required: false, description: SCOPES }),
  }),
})

const issuerPayload = (name: string, operation: string, description: string) =>
  builder.objectRef<{ issuerId: string }>(name).implement({
    description: `The answer of \`${operation}\`.`,
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
const UpdateTokenIssuerPayload = issuerPayload('UpdateTokenIssuerPayload', 'updateTokenIssuer', 'The issuer, changed.')

const RemoveTokenIssuerPayload = builder.objectRef<{ issuerId: string }>('RemoveTokenIssuerPayload').implement({
  description: 'The answer of `removeTokenIssuer`.',
  fields: (t) => ({
    removedId: t.id({
      description: 'The id that the issuer had, `issuer_…`.',
      resolve: ({ issuerId }) => encodeId('TokenIssuer', issuerId),
    }),
  }),
})

const record = (
  context: Context,
  action: 'TOKEN_ISSUER_REGISTERED' | 'TOKEN_ISSUER_UPDATED' | 'TOKEN_ISSUER_REMOVED',
  { id, issuer, scopes }: { id: string; issuer: string; scopes: string[] },
) =>
  recordAudit(context, {
    action,
    tenantId: null,
    objectType: 'TOKEN_ISSUER',
    objectId: encodeId('TokenIssuer', id),
    details: { issuer, scopes },
  })

const loadIssuer = ({ account }: Context, id: string) => account.tokenIssuer.findUniqueOrThrow({ where: { id } })

builder.mutationFields((t) => ({
  registerTokenIssuer: t.field({
    type: RegisterTokenIssuerPayload,
    description:
      'Trusts JWTs signed by an external issuer. The issuer outlives every key, so a key with an expiry may not register one. Needs the scope ADMIN.',
    authScopes: { scope: 'ADMIN' },
    args: { input: t.arg({ type: RegisterTokenIssuerInput, required: true, description: 'The issuer.' }) },
    resolve: async (_root, { input }, context) => {
      const registered = await registerTokenIssuer(context, input)
      await record(context, 'TOKEN_ISSUER_REGISTERED', await loadIssuer(context, registered.issuerId))
      return registered
    },
  }),
  updateTokenIssuer: t.field({
    type: UpdateTokenIssuerPayload,
    description:
      'Changes an issuer, from the next request on. A key that expires may change the name and take scopes away. Needs the scope ADMIN.',
    authScopes: { scope: 'ADMIN' },
    args: { input: t.arg({ type: UpdateTokenIssuerInput, required: true, description: 'Which one, and what of it.' }) },
    resolve: async (_root, { input }, context) => {
      const updated = await updateTokenIssuer(context, input)
      context.endsCredentials = true
      await record(context, 'TOKEN_ISSUER_UPDATED', await loadIssuer(context, updated.issuerId))
      return updated
    },
  }),
  removeTokenIssuer: t.field({
    type: RemoveTokenIssuerPayload,
    description: 'Has no token of an issuer taken any more, from the next request on. Needs the scope ADMIN.',
    authScopes: { scope: 'ADMIN' },
    args: { id: t.arg.id({ required: true, description: 'Its id, `issuer_…`.' }) },
    resolve: async (_root, { id }, context) => {
      const removed = await removeTokenIssuer(context, id)
      context.endsCredentials = true
      await record(context, 'TOKEN_ISSUER_REMOVED', removed)
      return { issuerId: removed.id }
    },
  }),
}))
