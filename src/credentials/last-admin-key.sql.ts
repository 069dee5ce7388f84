import type { Client } from '../database/tenant-scope.ts'

/**
 * Locks the active account keys with ADMIN. Returns a function that says whether a key is the last of them: without it,
 * nobody could create another. Those that expire do not count, unless all do. Keys are locked in order of id, so that
 * two administrators who revoke each other's key can't both succeed.
 */
export async function lockAdminKeys(account: Client, now: Date): Promise<(keyId: string) => boolean> {
  const live = await account.$queryRaw<{ id: string; expires: boolean }[]>`
    SELECT id::text AS id, expires_at IS NOT NULL AS expires FROM api_keys
    WHERE tenant_id IS NULL AND 'ADMIN' = ANY(scopes) AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ${now})
    ORDER BY id FOR UPDATE`
  const lasting = live.some(({ expires }) => !expires) ? live.filter(({ expires }) => !expires) : live
  return (keyId) => lasting.length === 1 && lasting[0]?.id === keyId
}
