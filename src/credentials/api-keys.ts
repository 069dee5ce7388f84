import { ACCOUNT_SCOPES, type Scope } from '../auth/principal.ts'
import type { Context } from '../context.ts'
import type { ApiKey as ApiKeyRow } from '../database/generated/client/client.ts'
import { lockRow } from '../database/locks.ts'
import { badInput, forbidden, notFound } from '../errors.ts'
import { checkLength } from '../input/check-input.ts'
import { decodeId } from '../input/ids.ts'
import { LIMITS } from '../input/limits.ts'

export interface NewKey {
  name: string
  scopes: readonly Scope[]
  tenantId?: string | null | undefined
  autoCreateTenants: boolean
  expiresAt?: Date | null | undefined
}

/** Throws if the caller may not create such a key. */
export async function checkKey(input: NewKey, context: Context) {
  if (input.name.trim() === '') throw badInput(['input', 'name'], 'must not be empty.')
  checkLength(input.name, LIMITS.name, ['input', 'name'])
  if (input.scopes.length === 0) throw badInput(['input', 'scopes'], 'must name at least one scope.')
  refuseStronger(input.scopes, context, (scope) => `A key can't have a scope that your key lacks: ${scope}.`)
  const accountScope = input.scopes.findIndex((scope) => ACCOUNT_SCOPES.includes(scope))
  if (input.tenantId != null && accountScope !== -1) {
    throw badInput(
      ['input', 'scopes', accountScope],
      `can't be ${input.scopes[accountScope]}: only account keys can have it.`,
    )
  }
  if (input.tenantId != null && input.autoCreateTenants) {
    throw badInput(['input', 'autoCreateTenants'], 'is allowed only for account keys.')
  }
  if (input.expiresAt && input.expiresAt <= context.now) throw badInput(['input', 'expiresAt'], 'is in the past.')
  const own = context.principal.expiresAt
  if (own && (!input.expiresAt || input.expiresAt > own)) {
    throw badInput(['input', 'expiresAt'], `must not be later than your own key's expiry, ${own.toISOString()}.`)
  }
  if (input.tenantId != null) {
    const tenant = await context.account.tenant.findUnique({ where: { id: input.tenantId } })
    if (!tenant) throw notFound('tenant', ['input', 'tenantId'])
  }
}

/** No credential may obtain one with scopes that it lacks. */
export function refuseStronger(scopes: readonly Scope[], context: Context, message: (scope: Scope) => string) {
  const lacked = scopes.find((scope) => !context.has(scope))
  if (lacked) throw forbidden(message(lacked), { scopes: [lacked] })
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
