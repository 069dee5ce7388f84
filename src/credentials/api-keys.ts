import { ACCOUNT_SCOPES, type Principal, type Scope } from '../auth/principal.ts'
import type { Context } from '../context.ts'
import type { ApiKey as ApiKeyRow } from '../database/generated/client/client.ts'
import { lockRow } from '../database/locks.ts'
import { badInput, forbidden, notFound } from '../errors.ts'
import { checkLength, checkName } from '../input/check-input.ts'
import { decodeId } from '../input/ids.ts'
import { LIMITS } from '../input/limits.ts'
import { checkNetworks, liesWithin } from '../input/networks.ts'

type Maybe<Value> = Value | null | undefined

/** What can be chosen for a new key, and changed later. Absent: as it was. */
export interface KeySettings {
  name?: string | undefined
  note?: Maybe<string>
  scopes?: readonly Scope[] | undefined
  expiresAt?: Maybe<Date>
  requestsPerMinute?: Maybe<number>
  allowedNetworks?: readonly string[] | undefined
  autoCreateTenants?: boolean | undefined
}

export type KeyColumns = Pick<ApiKeyRow, keyof KeySettings>

/** A new key has these, unless others are chosen. */
export const NEW_KEY: KeyColumns = {
  name: '',
  note: null,
  scopes: [],
  expiresAt: null,
  requestsPerMinute: null,
  allowedNetworks: [],
  autoCreateTenants: false,
}

/** The columns of a key for these settings. Throws if they can't be those of a key of this tenant. */
export function keyColumns(input: KeySettings, tenantId: string | null, context: Context): Partial<KeyColumns> {
  const { name, note, scopes, expiresAt, requestsPerMinute, allowedNetworks, autoCreateTenants } = input
  if (name !== undefined) checkName(name, ['input', 'name'])
  checkLength(note, LIMITS.text, ['input', 'note'])
  if (scopes) checkScopes(scopes, tenantId, context)
  if (tenantId !== null && autoCreateTenants) {
    throw badInput(['input', 'autoCreateTenants'], 'is allowed only for account keys.')
  }
  if (expiresAt && expiresAt <= context.now) throw badInput(['input', 'expiresAt'], 'is in the past.')
  const most = LIMITS.requestsPerMinuteOfKey
  if (requestsPerMinute != null && (requestsPerMinute < 1 || requestsPerMinute > most)) {
    throw badInput(['input', 'requestsPerMinute'], `must be between 1 and ${most}.`)
  }
  return defined({
    name,
    note,
    scopes: scopes && [...new Set(scopes)],
    expiresAt,
    requestsPerMinute,
    allowedNetworks: allowedNetworks && checkNetworks(allowedNetworks, ['input', 'allowedNetworks']),
    autoCreateTenants,
  })
}

function checkScopes(scopes: readonly Scope[], tenantId: string | null, context: Context) {
  if (scopes.length === 0) throw badInput(['input', 'scopes'], 'must name at least one scope.')
  refuseLacked(scopes, context, (scope) => `A key can't have a scope that your key lacks: ${scope}.`)
  const accountScope = scopes.findIndex((scope) => ACCOUNT_SCOPES.includes(scope))
  if (tenantId !== null && accountScope !== -1) {
    throw badInput(
      ['input', 'scopes', accountScope],
      `can't be ${scopes[accountScope]}: only account keys can have it.`,
    )
  }
}

function refuseLacked(scopes: readonly Scope[], context: Context, message: (scope: Scope) => string) {
  const lacked = scopes.find((scope) => !context.has(scope))
  if (lacked) throw forbidden(message(lacked), { scopes: [lacked] })
}

type KeyLimits = Pick<KeyColumns, 'expiresAt' | 'requestsPerMinute' | 'allowedNetworks'>

/** Which limit of a key is looser than that of the caller's own key, and what it must be. Null: none is. */
function looserLimit(
  key: KeyLimits,
  own: Pick<Principal, keyof KeyLimits>,
): { name: keyof KeyLimits; must: string } | null {
  const { expiresAt, requestsPerMinute = null, allowedNetworks: networks = [] } = own
  if (expiresAt && (!key.expiresAt || key.expiresAt > expiresAt)) {
    return { name: 'expiresAt', must: `must not be later than your own key's expiry, ${expiresAt.toISOString()}.` }
  }
  if (requestsPerMinute !== null && (key.requestsPerMinute ?? Infinity) > requestsPerMinute) {
    return { name: 'requestsPerMinute', must: `must not be more than your own key's, ${requestsPerMinute}.` }
  }
  const isWithin = key.allowedNetworks.length > 0 && key.allowedNetworks.every((one) => liesWithin(networks, one))
  return networks.length > 0 && !isWithin ? { name: 'allowedNetworks', must: "must lie within your own key's." } : null
}

/** Refuses settings that are looser than those of the caller's own key. */
export function refuseLooserSettings(key: KeyLimits, { principal }: Context): void {
  const looser = looserLimit(key, principal)
  if (looser) throw badInput(['input', looser.name], looser.must)
}

/** Whether a key with the settings `after` can do less than it could before. */
export function isTightened(before: KeyColumns, after: KeyColumns): boolean {
  return before.scopes.some((scope) => !after.scopes.includes(scope)) || looserLimit(before, after) !== null
}

/** No credential may obtain or change one that is stronger than itself. */
export function refuseStrongerKey(key: ApiKeyRow, context: Context): void {
  refuseLacked(key.scopes, context, (scope) => `This key has the scope ${scope}, which your key lacks.`)
  const looser = looserLimit(key, context.principal)
  if (looser) throw forbidden(`This key is stronger than your own: its ${looser.name} ${looser.must}`)
}

export function statusOf(key: Pick<ApiKeyRow, 'revokedAt' | 'expiresAt'>, now: Date) {
  if (key.revokedAt) return 'REVOKED'
  return key.expiresAt && key.expiresAt <= now ? 'EXPIRED' : 'ACTIVE'
}

/** The key, locked until the end of the transaction, so that changes of one key run one after the other. */
export async function lockKey(id: string, context: Context): Promise<ApiKeyRow> {
  const uuid = decodeId('ApiKey', id)
  if (uuid === null) throw notFound('API key', ['input', 'id'])
  await lockRow(context.account, 'api_keys', uuid)
  const key = await context.account.apiKey.findUnique({ where: { id: uuid } })
  if (!key) throw notFound('API key', ['input', 'id'])
  return key
}

/** The same for an active key that is not stronger than the caller's own. `change` says what can't be done otherwise. */
export async function lockKeyToChange(id: string, context: Context, change: string): Promise<ApiKeyRow> {
  const key = await lockKey(id, context)
  const status = statusOf(key, context.now)
  if (status !== 'ACTIVE') throw badInput(['input', 'id'], `names a key that is ${status}: it can't be ${change}.`)
  refuseStrongerKey(key, context)
  return key
}

/** Without what is absent: Prisma's types accept no explicit undefined. */
function defined<Values extends object>(values: Values) {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Values]?: Exclude<Values[Name], undefined>
  }
}
