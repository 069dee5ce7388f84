import { type AuditDetails, recordAudit } from '../audit/record-audit.ts'
import { hashSecret, lastFourOf, makeSecret } from '../auth/api-key.ts'
import type { ApiKey as ApiKeyRow } from '../database/generated/client/client.ts'
import { badInput, forbidden, notFound } from '../errors.ts'
import { builder } from '../graphql/builder.ts'
import { encodeId, newUuid } from '../input/ids.ts'
import { ApiKey } from './api-key.graphql.ts'
import {
  GenerateApiKeyInput,
  RegenerateApiKeyInput,
  RevokeApiKeyInput,
  UpdateApiKeyInput,
} from './api-key-inputs.graphql.ts'
import { type KeyColumns, keyColumns, lockKey, lockKeyToChange, NEW_KEY, refuseLooserSettings } from './api-keys.ts'
import { lockAdminKeys } from './last-admin-key.sql.ts'
import { writeSecretOnce } from './new-secret.ts'
import { updateApiKey } from './update-api-key.ts'

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
        "The secret, which is shown only here. Send it as `Authorization: Bearer …`. Only its hash is stored, so it can't be shown again, except to a retry with the same `idempotencyKey` within 10 minutes.",
    }),
  )
  return payload
}

const GenerateApiKeyPayload = secretPayload('GenerateApiKeyPayload', 'generateApiKey')
const RegenerateApiKeyPayload = secretPayload('RegenerateApiKeyPayload', 'regenerateApiKey')
const UpdateApiKeyPayload = keyPayload('UpdateApiKeyPayload', 'updateApiKey', 'The updated key.')
const RevokeApiKeyPayload = keyPayload('RevokeApiKeyPayload', 'revokeApiKey', 'The revoked key.')

const MAX_OVERLAP_SECONDS = 30 * 86_400

builder.mutationFields((t) => ({
  generateApiKey: t.field({
    type: GenerateApiKeyPayload,
    description: 'Generates an API key and returns its secret, which is shown only once. Needs the scope ADMIN.',
    authScopes: { scope: 'ADMIN' },
    args: { input: t.arg({ type: GenerateApiKeyInput, required: true, description: 'The key to generate.' }) },
    resolve: async (_root, { input }, context) => {
      const { tenantId = null } = input
      const settings = { ...NEW_KEY, ...keyColumns(input, tenantId, context) }
      refuseLooserSettings(settings, context)
      if (tenantId !== null && !(await context.account.tenant.findUnique({ where: { id: tenantId } }))) {
        throw notFound('tenant', ['input', 'tenantId'])
      }
      const id = newUuid()
      const secret = makeSecret(id)
      const request = { operation: 'generateApiKey', input, path: ['input'] }
      return writeSecretOnce(
        context,
        request,
        { keyId: id, secret },
        {
          write: () =>
            context.account.apiKey.create({
              data: { id, tenantId, ...settings, secretHash: hashSecret(secret), secretLastFour: lastFourOf(secret) },
            }),
          audit: (keyId) => ({
            action: 'API_KEY_GENERATED',
            ...keyObject({ id: keyId, tenantId }),
            details: auditDetails(settings),
          }),
        },
      )
    },
  }),
  updateApiKey: t.field({
    type: UpdateApiKeyPayload,
    description:
      "Updates an active key; its secret stays the same. Takes effect from the next request on, and for open subscriptions at once. Your own key can't change a stronger key, nor make a key stronger than itself: with a scope that it lacks, a later expiry, more requests per minute, or networks outside its own. A key that tightens its own limits can't loosen them again: only another key can. So the last active account key with ADMIN can't lose a scope, nor get an earlier expiry, fewer requests per minute or narrower networks. Needs the scope ADMIN.",
    authScopes: { scope: 'ADMIN' },
    args: {
      input: t.arg({ type: UpdateApiKeyInput, required: true, description: 'The key to update, and its new values.' }),
    },
    resolve: async (_root, { input }, context) => {
      const { key, changed } = await updateApiKey(input, context)
      if (Object.keys(changed).length > 0) {
        context.endsCredentials = true
        const details: AuditDetails = { name: key.name, ...auditDetails(changed) }
        if ('note' in changed) details['noteChanged'] = true
        await recordAudit(context, { action: 'API_KEY_UPDATED', ...keyObject(key), details })
      }
      return { keyId: key.id }
    },
  }),
  regenerateApiKey: t.field({
    type: RegenerateApiKeyPayload,
    description:
      'Gives a key a new secret, which is shown only once; its id, name and scopes stay the same. The old secret, and the tokens created with it, are refused from now on or, with `overlapSeconds`, once the overlap ends. It must not be stronger than your own key: see `updateApiKey`. Needs the scope ADMIN.',
    authScopes: { scope: 'ADMIN' },
    args: {
      input: t.arg({
        type: RegenerateApiKeyInput,
        required: true,
        description: 'The key, and how long its old secret lasts.',
      }),
    },
    resolve: async (_root, { input }, context) => {
      const { id, overlapSeconds } = input
      if (overlapSeconds < 0 || overlapSeconds > MAX_OVERLAP_SECONDS) {
        throw badInput(['input', 'overlapSeconds'], `must be between 0 and ${MAX_OVERLAP_SECONDS}.`)
      }
      const key = await lockKeyToChange(id, context, 'regenerated')
      const secret = makeSecret(key.id)
      const overlapEnd = new Date(context.now.getTime() + overlapSeconds * 1000)
      const previousSecretExpiresAt = key.expiresAt && key.expiresAt < overlapEnd ? key.expiresAt : overlapEnd
      // For a retry too: the first request may have been lost before open subscriptions were told.
      context.endsCredentials = true
      const request = { operation: 'regenerateApiKey', input, path: ['input'] }
      return writeSecretOnce(
        context,
        request,
        { keyId: key.id, secret },
        {
          write: () =>
            context.account.apiKey.update({
              where: { id: key.id },
              data: {
                secretHash: hashSecret(secret),
                secretLastFour: lastFourOf(secret),
                regeneratedAt: context.now,
                previousSecretHash: overlapSeconds > 0 ? key.secretHash : null,
                previousSecretExpiresAt: overlapSeconds > 0 ? previousSecretExpiresAt : null,
              },
            }),
          audit: () => ({
            action: 'API_KEY_REGENERATED',
            ...keyObject(key),
            details: { name: key.name, overlapSeconds },
          }),
        },
      )
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

/** The settings of a key for the audit log, without the note, which may be any text. */
const auditDetails = ({ note: _note, expiresAt, ...settings }: Partial<KeyColumns>) => ({
  ...settings,
  ...(expiresAt === undefined ? {} : { expiresAt: expiresAt?.toISOString() ?? null }),
})
