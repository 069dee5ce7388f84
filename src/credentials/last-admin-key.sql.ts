import type { Client } from '../database/tenant-scope.ts'

/**
 * Locks the active account keys with ADMIN. Returns a function that says whether a key is the last of them: without it,
 * nobody could create another. Keys are locked in order of id, so that two administrators who revoke each other's key
 * can't both succeed.
 */
export async function lockAdminKeys(account: Client, now: Date): Promise<(keyId: string) => boolean> {
  const live = await account.$queryRaw<{ id: string }[]>`
    SELECT id::text AS id FROM api_keys
    WHERE tenant_id IS NULL AND 'ADMIN' = ANY(scopes) AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ${now})
    ORDER BY id FOR UPDATE`
  return (keyId) => live.length === 1 && live[0]?.id === keyId
}
