import { Prisma } from '../database/generated/client/client.ts'
import type { Statements } from '../database/sql-transactions.ts'

/** The table of new secrets, which are kept for retries. */

const { sql } = Prisma

/**
 * Stores a sealed secret, and returns it; if there is another of this name that is newer than `endedAt`, returns that
 * one. Whichever it is can't be deleted before the end of the transaction, and a concurrent retry waits for that.
 */
export async function storeSealed(
  db: Statements,
  { name, sealed, now, endedAt }: { name: string; sealed: string; now: Date; endedAt: Date },
): Promise<string> {
  const [row] = await db.run<{ sealed: string }>(sql`
    INSERT INTO sealed_secrets AS stored (name, sealed, created_at) VALUES (${name}, ${sealed}, ${now})
    ON CONFLICT (name) DO UPDATE SET
      sealed = CASE WHEN stored.created_at > ${endedAt} THEN stored.sealed ELSE excluded.sealed END,
      created_at = CASE WHEN stored.created_at > ${endedAt} THEN stored.created_at ELSE excluded.created_at END
    RETURNING stored.sealed`)
  if (!row) throw new Error('a sealed secret was not stored')
  return row.sealed
}

export async function deleteSealed(db: Statements, endedAt: Date): Promise<void> {
  await db.run(sql`DELETE FROM sealed_secrets WHERE created_at <= ${endedAt}`)
}
