import { recordAudit } from '../audit/record-audit.ts'
import { hashSecret, hintOf, lastFourOf, makeSecret } from '../auth/api-key.ts'
import { ACCOUNT_SCOPES, type Scope as ScopeName } from '../auth/principal.ts'
import type { Context } from '../context.ts'
import type { ApiKey as ApiKeyRow } from '../database/generated/client/client.ts'
import { lockRow } from '../database/locks.ts'
import { badInput, forbidden, notFound } from '../errors.ts'
import { builder } from '../graphql/builder.ts'
import { connectionArgs, connectionType, keyset, parsePage, toConnection } from '../graphql/connection.ts'
import { Node } from '../graphql/node.ts'
import { checkLength } from '../input/check-input.ts'
import { decodeId, encodeId, newUuid } from '../input/ids.ts'
import { LIMITS } from '../input/limits.ts'
import { lockAdminKeys } from './last-admin-key.sql.ts'
import { Scope } from './scope.graphql.ts'

const ApiKeyStatus = builder.enumType('ApiKeyStatus', {
  description: 'Whether a key is taken.',
  values: {
    ACTIVE: { description: 'It is taken.' },
    EXPIRED: { description: 'Its expiry has passed.' },
    REVOKED: { description: 'It was revoked, for good.' },
  } as const,
})

function statusOf(key: ApiKeyRow, now: Date) {
  if (key.revokedAt) return 'REVOKED'
  return key.expiresAt && key.expiresAt <= now ? 'EXPIRED' : 'ACTIVE'
}

export const ApiKey = builder.prismaObject('ApiKey', {
  description: 'A credential of a back end or an administrator. Its secret is shown once, when it is made.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ description: 'Opaque id, `key_…`.', resolve: (key) => encodeId('ApiKey', key.id) }),
    name: t.exposeString('name', { description: 'A name for people.' }),
    tenantId: t.exposeID('tenantId', {
      nullable: true,
      description: 'The tenant it is bound to. Null for an account key, which names a tenant per request.',
    }),
    scopes: t.expose('scopes', { type: [Scope], description: 'What it may do.' }),
    autoCreateTenants: t.exposeBoolean('autoCreateTenants', {
      description: 'Whether a write for a tenant that does not exist creates it. Account keys only.',
    }),
    status: t.field({
      type: ApiKeyStatus,
      description: 'Whether it is taken now.',
      resolve: (key, _args, context) => statusOf(key, context.now),
    }),
    hint: t.string({
      description: 'How its secret begins and ends, to tell it from others.',
      resolve: (key) => hintOf(key.id, key.secretLastFour),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    regeneratedAt: t.expose('regeneratedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was last given a new secret.',
    }),
    previousSecretExpiresAt: t.expose('previousSecretExpiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Until when the secret before the last `regenerateApiKey` is taken as well.',
    }),
    lastUsedAt: t.expose('lastUsedAt', { type: 'DateTime', nullable: true, description: 'Last used, to the minute.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', nullable: true, description: 'When it stops by itself.' }),
    revokedAt: t.expose('revokedAt', { type: 'DateTime', nullable: true, description: 'When it was revoked.' }),
  }),
})

const ApiKeyConnection = connectionType(ApiKey, { name: 'ApiKey', of: 'the API keys' })

builder.queryFields((t) => ({
  apiKeys: t.field({
    type: ApiKeyConnection,
    description: 'All API keys, newest first. Needs the scope ADMIN.',
    authScopes: { scope: 'ADMIN' },
    args: {
      ...connectionArgs,
      tenantId: t.arg.id({ required: false, description: 'Only the keys bound to this tenant.' }),
    },
    resolve: async (_root, args, context) => {
      const page = parsePage(args, 'API_KEYS')
      const { where, ...query } = keyset(page, 'id', 'id', true)
      const own = args.tenantId == null ? {} : { tenantId: args.tenantId }
      const rows = await context.account.apiKey.findMany({ ...query, where: { ...where, ...own } })
      return toConnection(
        page,
        rows,
        (row) => ['API_KEYS', 0, row.id],
        () => context.account.apiKey.count({ where: own }),
      )
    },
  }),
  apiKey: t.prismaField({
    type: ApiKey,
    nullable: true,
    description: 'One API key, or null. Needs the scope ADMIN.',
    authScopes: { scope: 'ADMIN' },
    args: { id: t.arg.id({ required: true, description: 'Its id, `key_…`.' }) },
    resolve: (query, _root, { id }, context) => {
      const uuid = decodeId('ApiKey', id)
      return uuid === null ? null : context.account.apiKey.findUnique({ ...query, where: { id: uuid } })
    },
  }),
}))

const GenerateApiKeyInput = builder.inputType('GenerateApiKeyInput', {
  description: 'An API key to make.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'A name for people, up to 256 characters.' }),
    scopes: t.field({
      type: [Scope],
      required: true,
      description: 'What it may do: at least one, none that you lack.',
    }),
    tenantId: t.id({ required: false, description: 'Binds it to one tenant. Absent: an account key.' }),
    expiresAt: t.field({ type: 'DateTime', required: false, description: 'When it stops by itself. Absent: never.' }),
    autoCreateTenants: t.boolean({
      required: true,
      defaultValue: false,
      description: 'Lets a write for a tenant that does not exist create it. Account keys only.',
    }),
  }),
})

const ApiKeySecret = builder.objectRef<{ keyId: string; secret: string }>('ApiKeySecret').implement({
  description: 'An API key with its secret. This is the only time that the secret is shown.',
  fields: (t) => ({
    apiKey: t.prismaField({
      type: ApiKey,
      description: 'The key.',
      resolve: (query, { keyId }, _args, context) =>
        context.account.apiKey.findUniqueOrThrow({ ...query, where: { id: keyId } }),
    }),
    secret: t.exposeString('secret', {
      description: 'Send it as `Authorization: Bearer …`. It is kept as a hash alone and can not be shown again.',
    }),
  }),
})

const RevokeApiKeyPayload = builder.objectRef<{ keyId: string }>('RevokeApiKeyPayload').implement({
  description: 'The answer of `revokeApiKey`.',
  fields: (t) => ({
    apiKey: t.prismaField({
      type: ApiKey,
      description: 'The key, revoked.',
      resolve: (query, { keyId }, _args, context) =>
        context.account.apiKey.findUniqueOrThrow({ ...query, where: { id: keyId } }),
    }),
  }),
})

const MAX_OVERLAP_SECONDS = 30 * 86_400

builder.mutationFields((t) => ({
  generateApiKey: t.field({
    type: ApiKeySecret,
    description: 'Makes an API key and shows its secret, once. Needs the scope ADMIN.',
    authScopes: { scope: 'ADMIN' },
    args: { input: t.arg({ type: GenerateApiKeyInput, required: true, description: 'The key.' }) },
    resolve: async (_root, { input }, context) => {
      await checkKey(input, context)
      const id = newUuid()
      const secret = makeSecret(id)
      await context.account.apiKey.create({
        data: {
          id,
          name: input.name,
          scopes: [...new Set(input.scopes)],
          tenantId: input.tenantId ?? null,
          expiresAt: input.expiresAt ?? null,
          autoCreateTenants: input.autoCreateTenants,
          secretHash: hashSecret(secret),
          secretLastFour: lastFourOf(secret),
        },
      })
      const { name, scopes, tenantId = null, expiresAt, autoCreateTenants } = input
      await recordAudit(context, {
        action: 'API_KEY_GENERATED',
        ...keyObject({ id, tenantId }),
        details: { name, scopes, expiresAt: expiresAt?.toISOString() ?? null, autoCreateTenants },
      })
      return { keyId: id, secret }
    },
  }),
  regenerateApiKey: t.field({
    type: ApiKeySecret,
    description:
      'Gives a key a new secret, shown once; id, name and scopes stay. The old secret ends at once, or after the overlap, and the tokens that were made with it end then too. Needs the scope ADMIN.',
    authScopes: { scope: 'ADMIN' },
    args: {
      id: t.arg.id({ required: true, description: '`key_…`, active.' }),
      overlapSeconds: t.arg.int({
        required: true,
        defaultValue: 0,
        description:
          'How long the old secret is taken as well: 0 to 2,592,000 (30 days), never beyond the key’s expiry.',
      }),
    },
    resolve: async (_root, { id, overlapSeconds }, context) => {
      if (overlapSeconds < 0 || overlapSeconds > MAX_OVERLAP_SECONDS) {
        throw badInput(['overlapSeconds'], `must be between 0 and ${MAX_OVERLAP_SECONDS}.`)
      }
      const key = await lockKey(id, context)
      const status = statusOf(key, context.now)
      if (status !== 'ACTIVE') throw badInput(['id'], `names a key that is ${status}: it can't be regenerated.`)
      refuseStronger(key.scopes, context, (scope) => `This key has ${scope}, which yours lacks: you would hold it.`)
      const secret = makeSecret(key.id)
      const overlapEnd = new Date(context.now.getTime() + overlapSeconds * 1000)
      const previousSecretExpiresAt = key.expiresAt && key.expiresAt < overlapEnd ? key.expiresAt : overlapEnd
      context.endsCredentials = true
      await context.account.apiKey.update({
        where: { id: key.id },
        data: {
          secretHash: hashSecret(secret),
          secretLastFour: lastFourOf(secret),
          regeneratedAt: context.now,
          previousSecretHash: overlapSeconds > 0 ? key.secretHash : null,
          previousSecretExpiresAt: overlapSeconds > 0 ? previousSecretExpiresAt : null,
        },
      })
      await recordAudit(context, {
        action: 'API_KEY_REGENERATED',
        ...keyObject(key),
        details: { name: key.name, overlapSeconds },
      })
      return { keyId: key.id, secret }
    },
  }),
  revokeApiKey: t.field({
    type: RevokeApiKeyPayload,
    description:
      'Ends a key at once and for good; doing it again changes nothing. The last live account key with ADMIN stays. Needs the scope ADMIN.',
    authScopes: { scope: 'ADMIN' },
    args: { id: t.arg.id({ required: true, description: 'Its id, `key_…`.' }) },
    resolve: async (_root, { id }, context) => {
      const isLastAdmin = await lockAdminKeys(context.account, context.now)
      const key = await lockKey(id, context)
      if (key.revokedAt) return { keyId: key.id }
      if (isLastAdmin(key.id)) throw forbidden('This is the last live account key with ADMIN: make another one first.')
      context.endsCredentials = true
      await context.account.apiKey.update({
        where: { id: key.id },
        data: { revokedAt: context.now, previousSecretHash: null, previousSecretExpiresAt: null },
      })
      await recordAudit(context, { action: 'API_KEY_REVOKED', ...keyObject(key), details: { name: key.name } })
      return { keyId: key.id }
    },
  }),
}))

/** A key as the audit log names it. */
const keyObject = ({ id, tenantId }: Pick<ApiKeyRow, 'id' | 'tenantId'>) =>
  ({ tenantId, objectType: 'API_KEY', objectId: encodeId('ApiKey', id) }) as const

async function checkKey(input: typeof GenerateApiKeyInput.$inferInput, context: Context) {
  if (input.name.trim() === '') throw badInput(['input', 'name'], 'must not be empty.')
  checkLength(input.name, LIMITS.name, ['input', 'name'])
  if (input.scopes.length === 0) throw badInput(['input', 'scopes'], 'must name at least one scope.')
  refuseStronger(input.scopes, context, (scope) => `No key can be made stronger than yours, which lacks ${scope}.`)
  const accountScope = input.scopes.findIndex((scope) => ACCOUNT_SCOPES.includes(scope))
  if (input.tenantId != null && accountScope !== -1) {
    throw badInput(
      ['input', 'scopes', accountScope],
      `can't be ${input.scopes[accountScope]}: that is for account keys.`,
    )
  }
  if (input.tenantId != null && input.autoCreateTenants) {
    throw badInput(['input', 'autoCreateTenants'], 'is for account keys.')
  }
  if (input.expiresAt && input.expiresAt <= context.now) throw badInput(['input', 'expiresAt'], 'is in the past.')
  const own = context.principal.expiresAt
  if (own && (!input.expiresAt || input.expiresAt > own)) {
    throw badInput(['input', 'expiresAt'], `must not be later than your own key's, ${own.toISOString()}.`)
  }
  if (input.tenantId != null) {
    const tenant = await context.account.tenant.findUnique({ where: { id: input.tenantId } })
    if (!tenant) throw notFound('tenant', ['input', 'tenantId'])
  }
}

/** No credential may come to hold one that can do what it can't do itself. */
function refuseStronger(scopes: readonly ScopeName[], context: Context, message: (scope: ScopeName) => string) {
  const lacked = scopes.find((scope) => !context.has(scope))
  if (lacked) throw forbidden(message(lacked), { scopes: [lacked] })
}

/** The key, locked until the end of the transaction: two changes of one key happen one after the other. */
async function lockKey(id: string, context: Context): Promise<ApiKeyRow> {
  const uuid = decodeId('ApiKey', id)
  if (uuid === null) throw notFound('API key', ['id'])
  await lockRow(context.account, 'api_keys', uuid)
  const key = await context.account.apiKey.findUnique({ where: { id: uuid } })
  if (!key) throw notFound('API key', ['id'])
  return key
}
