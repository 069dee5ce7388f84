import { recordAudit } from '../audit/record-audit.ts'
import { hashSecret, keyIdOf, lastFourOf, makeSecret } from '../auth/api-key.ts'
import type { Scope } from '../auth/principal.ts'
import type { SigningKeys } from '../auth/signing-keys.ts'
import type { Database } from '../database/connect.ts'
import { OutcomeUnknown } from '../database/failure.ts'
import { Scope as Scopes } from '../database/generated/client/enums.ts'
import { lockTable } from '../database/locks.ts'
import type { Client } from '../database/tenant-scope.ts'
import { transaction } from '../database/transaction.ts'
import { encodeId, newUuid } from '../input/ids.ts'

/** Access to the account's own tables only. */
const ACCOUNT = { tenantId: null, admin: true, rowRestriction: null, readOnly: false, isReserved: true } as const

const ALL_SCOPES = Object.values(Scopes) as Scope[]

/**
 * Creates an account key with all scopes if there is no key at all, and returns its secret; otherwise returns null.
 * Processes that start together create only one key.
 */
export async function makeFirstKey(database: Database, brought: string | undefined): Promise<string | null> {
  const made = transaction(database, ACCOUNT, async (account) => {
    await lockTable(account, 'api_keys')
    if ((await account.apiKey.count()) > 0) return null
    const id = (brought && keyIdOf(brought)) || newUuid()
    const secret = brought ?? makeSecret(id)
    await createAdminKey(account, { id, name: 'First admin key', secret }, 'the first start')
    return secret
  })
  return made.catch((error) => {
    throw withAdvice(error, 'If the next start shows no key, create one with npm run admin-key.')
  })
}

/** If the outcome is unknown, a key may be stored whose secret nobody has seen. */
const withAdvice = (error: unknown, advice: string) =>
  error instanceof OutcomeUnknown ? new Error(`${error.message} ${advice}`) : error

/** Creates another account key with all scopes, for an operator who has lost all others. */
export async function makeAdminKey(database: Database, name: string): Promise<string> {
  const id = newUuid()
  const secret = makeSecret(id)
  const made = transaction(database, ACCOUNT, (account) =>
    createAdminKey(account, { id, name, secret }, 'npm run admin-key'),
  )
  await made.catch((error) => {
    throw withAdvice(error, `Run this again, and revoke the key ${encodeId('ApiKey', id)} if it exists.`)
  })
  return secret
}

async function createAdminKey(account: Client, key: { id: string; name: string; secret: string }, maker: string) {
  const { id, name, secret } = key
  await account.apiKey.create({
    data: { id, name, scopes: ALL_SCOPES, secretHash: hashSecret(secret), secretLastFour: lastFourOf(secret) },
  })
  const principalOrNull = { kind: 'NONE', id: null, name: maker, subject: null } as const
  await recordAudit(
    { principalOrNull, requestId: null, clientAddress: null, now: new Date(), auditLog: account },
    {
      action: 'API_KEY_GENERATED',
      tenantId: null,
      objectType: 'API_KEY',
      objectId: encodeId('ApiKey', id),
      details: { name, scopes: ALL_SCOPES },
    },
  )
}

/** Creates the first key that signs embed tokens, if there is none. */
export const makeFirstSigningKey = (database: Database, signingKeys: SigningKeys): Promise<void> =>
  transaction(database, ACCOUNT, (account) => signingKeys.makeFirst(account))
