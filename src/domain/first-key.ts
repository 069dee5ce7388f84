import { hashSecret, keyIdOf, lastFourOf, makeSecret } from '../auth/api-key.ts'
import type { Scope } from '../auth/principal.ts'
import type { Database } from '../database/connect.ts'
import { Scope as Scopes } from '../database/generated/client/enums.ts'
import { transaction } from '../database/transaction.ts'
import { newUuid } from './ids.ts'

const ALL_SCOPES = Object.values(Scopes) as Scope[]

/**
 * Makes an account key that may do everything, where there is no key at all, and answers its secret. Null where
 * there is one. Processes that start together make one key between them.
 */
export async function makeFirstKey(database: Database, brought: string | undefined): Promise<string | null> {
  return transaction(database, { tenantId: null, admin: true, readOnly: false }, async (account) => {
    await account.$executeRaw`LOCK TABLE api_keys IN SHARE ROW EXCLUSIVE MODE`
    if ((await account.apiKey.count()) > 0) return null
    const id = (brought && keyIdOf(brought)) || newUuid()
    const secret = brought ?? makeSecret(id)
    await account.apiKey.create({
      data: {
        id,
        name: 'First admin key',
        scopes: ALL_SCOPES,
        secretHash: hashSecret(secret),
        secretLastFour: lastFourOf(secret),
      },
    })
    return secret
  })
}

/** Makes one more account key that may do everything: for who has lost every other. */
export async function makeAdminKey(database: Database, name: string): Promise<string> {
  const id = newUuid()
  const secret = makeSecret(id)
  await transaction(database, { tenantId: null, admin: true, readOnly: false }, (account) =>
    account.apiKey.create({
      data: { id, name, scopes: ALL_SCOPES, secretHash: hashSecret(secret), secretLastFour: lastFourOf(secret) },
    }),
  )
  return secret
}
