import { hintOf } from '../auth/api-key.ts'
import type { Prisma } from '../database/generated/client/client.ts'
import { builder } from '../graphql/builder.ts'
import { connectionArgs, connectionType, keyset, parsePage, toConnection } from '../graphql/connection.ts'
import { anyOf } from '../graphql/filter-lists.ts'
import { Node } from '../graphql/node.ts'
import { decodeId, encodeId } from '../input/ids.ts'
import { statusOf } from './api-keys.ts'
import { Scope } from './scope.graphql.ts'

const ApiKeyStatus = builder.enumType('ApiKeyStatus', {
  description: 'Whether an API key is accepted.',
  values: {
    ACTIVE: { description: 'The key is accepted.' },
    EXPIRED: { description: 'The key has expired.' },
    REVOKED: { description: 'The key was permanently revoked.' },
  } as const,
})

export const ApiKey = builder.prismaObject('ApiKey', {
  description:
    'A credential for a back end or an administrator. Each of its secrets is shown only once, by `generateApiKey` or `regenerateApiKey`.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ description: 'Opaque id, `key_…`.', resolve: (key) => encodeId('ApiKey', key.id) }),
    name: t.exposeString('name', { description: 'Display name.' }),
    note: t.exposeString('note', {
      nullable: true,
      description: 'Note for administrators, such as who uses the key. Null if there is none.',
    }),
    tenantId: t.exposeID('tenantId', {
      nullable: true,
      description: 'The tenant the key is bound to. Null for an account key, which names the tenant of each request.',
    }),
    scopes: t.expose('scopes', { type: [Scope], description: 'What the key may do.' }),
    autoCreateTenants: t.exposeBoolean('autoCreateTenants', {
      description: 'Whether a write for a tenant that does not exist creates the tenant. Account keys only.',
    }),
    requestsPerMinute: t.exposeInt('requestsPerMinute', {
      nullable: true,
      description:
        'Maximum number of requests of the key per minute, for all tenants together; its tokens do not count. Null if only the limits of the server apply.',
    }),
    allowedNetworks: t.exposeStringList('allowedNetworks', {
      description:
        'Networks that the key is accepted from, in CIDR notation. Its tokens are for browsers, and are accepted from anywhere. If empty, so is the key.',
    }),
    status: t.field({
      type: ApiKeyStatus,
      description: 'Whether the key is accepted now.',
      resolve: (key, _args, context) => statusOf(key, context.now),
    }),
    hint: t.string({
      description: 'Beginning and end of the secret, to tell keys apart.',
      resolve: (key) => hintOf(key.id, key.secretLastFour),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the key was created.' }),
    regeneratedAt: t.expose('regeneratedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the key last got a new secret. Null if it never did.',
    }),
    previousSecretExpiresAt: t.expose('previousSecretExpiresAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When the previous secret, from before the last `regenerateApiKey`, stops being accepted; may be in the past. Null if there is none or it had no overlap.',
    }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the key was last used, accurate to the minute. Null if never.',
    }),
    lastUsedAddress: t.exposeString('lastUsedAddress', {
      nullable: true,
      description:
        'IP address that the key was last used from. Accurate to the minute, like `lastUsedAt`: a use from another address within that minute is not recorded. Null if it was never used, or if the address is unknown.',
    }),
    lastUsedUserAgent: t.exposeString('lastUsedUserAgent', {
      nullable: true,
      description:
        'What the key was last used by: the first 256 characters of the header User-Agent of the request that `lastUsedAddress` is from. Null if it had none, or if it is unknown.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the key expires. Null if it never expires.',
    }),
    revokedAt: t.expose('revokedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the key was revoked. Null if it was not.',
    }),
  }),
})

const ApiKeyFilter = builder.inputType('ApiKeyFilter', {
  description: 'Filters API keys. All given conditions must hold. Absent or null means no condition.',
  fields: (t) => ({
    statuses: t.field({ type: [ApiKeyStatus], required: false, description: anyOf('Has one of these statuses now.') }),
    tenantIds: t.idList({ required: false, description: anyOf('Is bound to one of these tenants.') }),
  }),
})

const ApiKeyConnection = connectionType(ApiKey, { name: 'ApiKey', of: 'API keys' })

builder.queryFields((t) => ({
  apiKeys: t.field({
    type: ApiKeyConnection,
    nullable: true,
    description: 'All API keys, newest first. Needs the scope ADMIN.',
    authScopes: { scope: 'ADMIN' },
    args: {
      ...connectionArgs,
      filter: t.arg({ type: ApiKeyFilter, required: false, description: 'Filters the keys. Default: all.' }),
    },
    resolve: async (_root, args, context) => {
      const page = parsePage(args, 'API_KEYS')
      const { where, ...query } = keyset(page, 'id', 'id', true)
      const matching = keysMatching(args.filter ?? {}, context.now)
      const rows = await context.account.apiKey.findMany({ ...query, where: { ...where, ...matching } })
      return toConnection(
        page,
        rows,
        (row) => ['API_KEYS', 0, row.id],
        () => context.account.apiKey.count({ where: matching }),
      )
    },
  }),
  apiKey: t.prismaField({
    type: ApiKey,
    nullable: true,
    description: 'One API key, or null if it does not exist. Needs the scope ADMIN.',
    authScopes: { scope: 'ADMIN' },
    args: { id: t.arg.id({ required: true, description: 'Id of the key, `key_…`.' }) },
    resolve: (query, _root, { id }, context) => {
      const uuid = decodeId('ApiKey', id)
      return uuid === null ? null : context.account.apiKey.findUnique({ ...query, where: { id: uuid } })
    },
  }),
}))

const conditionOf = (status: 'ACTIVE' | 'EXPIRED' | 'REVOKED', now: Date): Prisma.ApiKeyWhereInput => {
  if (status === 'REVOKED') return { revokedAt: { not: null } }
  if (status === 'EXPIRED') return { revokedAt: null, expiresAt: { lte: now } }
  return { revokedAt: null, OR: [{ expiresAt: null }, { expiresAt: { gt: now } }] }
}

const keysMatching = (
  { statuses, tenantIds }: typeof ApiKeyFilter.$inferInput,
  now: Date,
): Prisma.ApiKeyWhereInput => ({
  ...(statuses ? { OR: statuses.map((status) => conditionOf(status, now)) } : {}),
  ...(tenantIds ? { tenantId: { in: tenantIds } } : {}),
})
