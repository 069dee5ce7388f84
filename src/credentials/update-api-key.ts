import { isDeepStrictEqual } from 'node:util'
import type { Context } from '../context.ts'
import type { ApiKey as ApiKeyRow } from '../database/generated/client/client.ts'
import { badInput, forbidden } from '../errors.ts'
import { liesWithin } from '../input/networks.ts'
import {
  isTightened,
  type KeyColumns,
  type KeySettings,
  keyColumns,
  lockKeyToChange,
  refuseLooserSettings,
} from './api-keys.ts'
import { lockAdminKeys } from './last-admin-key.sql.ts'

/** The settings that null can't clear: a key always has them. */
const NEVER_NULL = ['name', 'scopes', 'allowedNetworks', 'autoCreateTenants'] as const

export type KeyChanges = { id: string } & { [Name in keyof KeySettings]: KeySettings[Name] | null }

/** Changes a key, and returns it with the columns whose values are new. */
export async function updateApiKey(input: KeyChanges, context: Context) {
  const isLastAdmin = await lockAdminKeys(context.account, context.now)
  const key = await lockKeyToChange(input.id, context, 'changed')
  const columns = keyColumns(checkNulls(input), key.tenantId, context)
  refuseLooserSettings({ ...key, ...columns }, context)
  const changed = changesOf(key, columns)
  refuseLockout(key, changed, context, isLastAdmin(key.id))
  if (Object.keys(changed).length > 0) await context.account.apiKey.update({ where: { id: key.id }, data: changed })
  return { key, changed }
}

function checkNulls(input: KeyChanges): KeySettings {
  for (const name of NEVER_NULL) {
    const hint = name === 'allowedNetworks' ? ' by null: give an empty list.' : '.'
    if (input[name] === null) throw badInput(['input', name], `can't be cleared${hint}`)
  }
  return input as KeySettings
}

function changesOf(key: KeyColumns, columns: Partial<KeyColumns>): Partial<KeyColumns> {
  const isNew = ([name, value]: [string, unknown]) => !isDeepStrictEqual(key[name as keyof KeyColumns], value)
  return Object.fromEntries(Object.entries(columns).filter(isNew))
}

/**
 * Somebody must be able to administer keys. No key can make itself stronger, so if there is no other, nobody could undo
 * a change that makes it weaker.
 */
function refuseLockout(key: ApiKeyRow, changed: Partial<KeyColumns>, context: Context, isLastAdmin: boolean) {
  if (isLastAdmin && isTightened(key, { ...key, ...changed })) {
    const message =
      "This is the last active account key with ADMIN: it can't lose scopes, nor get an earlier expiry or tighter limits, because nobody could undo that. Create another first."
    throw forbidden(message)
  }
  const { principal, clientAddress } = context
  const { allowedNetworks: networks } = changed
  if (key.id !== principal.id || !networks || networks.length === 0) return
  if (clientAddress === null || !liesWithin(networks, clientAddress)) {
    throw badInput(
      ['input', 'allowedNetworks'],
      'must include the address of this request, because this is your own key.',
    )
  }
}
