import { recordAudit } from '../audit/record-audit.ts'
import { hashSecret, hintOf, lastFourOf, makeSecret } from '../auth/api-key.ts'
import type { ApiKey as ApiKeyRow } from '../database/generated/client/client.ts'
import { badInput, forbidden } from '../errors.ts'
import { builder } from '../graphql/builder.ts'
import { connectionArgs, connectionType, keyset, parsePage, toConnection } from '../graphql/connection.ts'
import { Node } from '../graphql/node.ts'
import { decodeId, encodeId, newUuid } from '../input/ids.ts'
import { checkKey, lockKey, refuseStronger } from './api-keys.ts'
import { lockAdminKeys } from './last-admin-key.sql.ts'
import { Scope } from './scope.graphql.ts'

const ApiKeyStatus = builder.enumType('ApiKeyStatus', {
  description: 'Whether an API key is accepted.',
  values: {
    ACTIVE: { description: 'The key is accepted.' },
    EXPIRED: { description: 'The key has expired.' },
    REVOKED: { description: 'The key was permanently revoked.' },
  } as const,
})

function statusOf(key: ApiKeyRow, now: Date) {
  if (key.revokedAt) return 'REVOKED'
  return key.expiresAt && key.expiresAt <= now ? 'EXPIRED' : 'ACTIVE'
}

export const ApiKey = builder.prismaObject('ApiKey', {
  description:
    'A credential for a back end or an administrator. Each of its secrets is shown only once, by `generateApiKey` or `regenerateApiKey`.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ description: 'Opaque id, `key_…`.', resolve: (key) => encodeId('ApiKey', key.id) }),
    name: t.exposeString('name', { description: 'Display name.' }),
    tenantId: t.exposeID('tenantId', {
      nullable: true,
      description: 'The tenant the key is bound to. Null for an account key, which names the tenant of each request.',
    }),
    scopes: t.expose('scopes', { type: [Scope], description: 'What the key may do.' }),
    autoCreateTenants: t.exposeBoolean('autoCreateTenants', {
      description: 'Whether a write for a tenant that does not exist creates the tenant. Account keys only.',
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

const ApiKeyConnection = connectionType(ApiKey, { name: 'ApiKey', of: 'API keys' })

builder.queryFields((t) => ({
  apiKeys: t.field({
    type: ApiKeyConnection,
    nullable: true,
    description: 'All API keys, newest first. Needs the scope ADMIN.',
    authScopes: { scope: 'ADMIN' },
    args: {
      ...connectionArgs,
      tenantId: t.arg.id({
        required: false,
        description: 'Returns only keys bound to this tenant. Default: all keys.',
      }),
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
    description: 'One API key, or null if it does not exist. Needs the scope ADMIN.',
    authScopes: { scope: 'ADMIN' },
    args: { id: t.arg.id({ required: true, description: 'Id of the key, `key_…`.' }) },
    resolve: (query, _root, { id }, context) => {
      const uuid = decodeId('ApiKey', id)
      return uuid === null ? null : context.account.apiKey.findUnique({ ...query, where: { id: uuid } })
    },
  }),
}))

const GenerateApiKeyInput = builder.inputType('GenerateApiKeyInput', {
  description: 'The API key to generate.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Display name, up to 256 characters.' }),
    scopes: t.field({
      type: [Scope],
      required: true,
      description: 'What the key may do: at least one scope, and none that your own key lacks.',
    }),
    tenantId: t.id({
      required: false,
      description: 'The tenant to bind the key to. Default: none, for an account key.',
    }),
    expiresAt: t.field({
      type: 'DateTime',
      required: false,
      description:
        'When the key expires, in the future. Default: never. If your own key has an expiry, it is required and must not be later than that.',
    }),
    autoCreateTenants: t.boolean({
      required: true,
      defaultValue: false,
      description: 'Lets a write for a tenant that does not exist create the tenant. Account keys only.',
    }),
  }),
})

const RegenerateApiKeyInput = builder.inputType('RegenerateApiKeyInput', {
  description: 'The API key that gets a new secret.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Id of an active key, `key_…`.' }),
    overlapSeconds: t.int({
      required: true,
      defaultValue: 0,
      description:
        "How long the old secret is still accepted, in seconds: 0 to 2,592,000 (30 days). Cut off at the key's expiry.",
    }),
  }),
})

const RevokeApiKeyInput = builder.inputType('RevokeApiKeyInput', {
  description: 'The API key to revoke.',
  fields: (t) => ({ id: t.id({ required: true, description: 'Id of the key, `key_…`.' }) }),
})

const keyPayload = <Shape extends { keyId: string }>(name: string, mutation: string, description: string) => {
  const payload = builder.objectRef<Shape>(name).implement({ description: `Result of \`${mutation}\`.` })
  builder.objectField(payload, 'apiKey', (t) =>
    t.prismaField({
      type: ApiKey,
      description,
      resolve: (query, { keyId }, _args, context) =>
        context.account.apiKey.findUniqueOrThrow({ ...query, where: { id: keyId } }),
    }),
  )
  return payload
}

const secretPayload = (name: string, mutation: string) => {
  const payload = keyPayload<{ keyId: string; secret: string }>(name, mutation, 'The key.')
  builder.objectField(payload, 'secret', (t) =>
    t.exposeString('secret', {
      description:
        "The secret, which is shown only here. Send it as `Authorization: Bearer …`. Only its hash is stored, so it can't be shown again.",
    }),
  )
  return payload
}

const GenerateApiKeyPayload = secretPayload('GenerateApiKeyPayload', 'generateApiKey')
const RegenerateApiKeyPayload = secretPayload('RegenerateApiKeyPayload', 'regenerateApiKey')
const RevokeApiKeyPayload = keyPayload('RevokeApiKeyPayload', 'revokeApiKey', 'The revoked key.')

const MAX_OVERLAP_SECONDS = 30 * 86_400

builder.mutationFields((t) => ({
  generateApiKey: t.field({
    type: GenerateApiKeyPayload,
    description: 'Generates an API key and returns its secret, which is shown only once. Needs the scope ADMIN.',
    authScopes: { scope: 'ADMIN' },
    args: { input: t.arg({ type: GenerateApiKeyInput, required: true, description: 'The key to generate.' }) },
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
    type: RegenerateApiKeyPayload,
    description:
      'Gives a key a new secret, which is shown only once; its id, name and scopes stay the same. The old secret, and the tokens created with it, are refused from now on or, with `overlapSeconds`, once the overlap ends. Your own key must have all of its scopes. Needs the scope ADMIN.',
    authScopes: { scope: 'ADMIN' },
    args: {
      input: t.arg({
        type: RegenerateApiKeyInput,
        required: true,
        description: 'The key, and how long its old secret lasts.',
      }),
    },
    resolve: async (_root, { input: { id, overlapSeconds } }, context) => {
      if (overlapSeconds < 0 || overlapSeconds > MAX_OVERLAP_SECONDS) {
        throw badInput(['input', 'overlapSeconds'], `must be between 0 and ${MAX_OVERLAP_SECONDS}.`)
      }
      const key = await lockKey(id, context)
      const status = statusOf(key, context.now)
      if (status !== 'ACTIVE')
        throw badInput(['input', 'id'], `names a key that is ${status}: it can't be regenerated.`)
      refuseStronger(key.scopes, context, (scope) => `This key has the scope ${scope}, which your key lacks.`)
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
      "Revokes a key at once and permanently; revoking it again changes nothing. The last active account key with ADMIN can't be revoked. Needs the scope ADMIN.",
    authScopes: { scope: 'ADMIN' },
    args: { input: t.arg({ type: RevokeApiKeyInput, required: true, description: 'The key to revoke.' }) },
    resolve: async (_root, { input: { id } }, context) => {
      const isLastAdmin = await lockAdminKeys(context.account, context.now)
      const key = await lockKey(id, context)
      if (key.revokedAt) return { keyId: key.id }
      if (isLastAdmin(key.id)) throw forbidden('This is the last active account key with ADMIN. Create another first.')
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
