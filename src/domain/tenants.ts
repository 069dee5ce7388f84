import type { Database } from '../database/connect.ts'
import { transaction } from '../database/transaction.ts'
import { badInput } from '../errors.ts'

/** Visible ASCII, so that every id fits in the header X-Tenant-Id. */
export const TENANT_ID = /^[\x21-\x7e]{1,64}$/

/** Creates a tenant that a key with `autoCreateTenants` names for the first time; its id is its name. */
export async function createTenantOnFirstUse(database: Database, id: string): Promise<void> {
  if (!TENANT_ID.test(id)) throw badInput(['X-Tenant-Id'], 'must be 1 to 64 visible ASCII characters without spaces.')
  await transaction(database, { tenantId: null, admin: true, readOnly: false }, (account) =>
    account.tenant.createMany({ data: [{ id, name: id, timeZone: 'UTC' }], skipDuplicates: true }),
  )
}
