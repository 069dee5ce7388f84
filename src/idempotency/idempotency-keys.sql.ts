import { Prisma } from '../database/generated/client/client.ts'
import type { Statements } from '../database/sql-transactions.ts'
import { ownRows } from '../database/tenant-scope.ts'

/** The table of idempotency keys and the responses of their writes. */

const { sql } = Prisma

/**
 * Stores keys that are new, with hashes (hex) of their inputs, and returns them. Keys are stored in sorted order, so that
 * two transactions that store the same ones can't deadlock.
 */
export async function insertKeys(
  db: Statements,
  tenantId: string,
  claims: readonly { key: string; hash: string }[],
): Promise<string[]> {
  const stored = await db.run<{ key: string }>(sql`
    INSERT INTO idempotency_keys (tenant_id, key, input_hash)
    SELECT ${tenantId}, key, decode(hash, 'hex')
    FROM unnest(${claims.map(({ key }) => key)}::text[], ${claims.map(({ hash }) => hash)}::text[]) AS given (key, hash)
    ORDER BY key
    ON CONFLICT DO NOTHING RETURNING key`)
  return stored.map(({ key }) => key)
}

export async function storeAnswers(
  db: Statements,
  tenantId: string,
  answers: readonly { key: string; answer: unknown }[],
): Promise<void> {
  await db.run(sql`
    UPDATE idempotency_keys k SET answer = given.answer
    FROM jsonb_to_recordset(${JSON.stringify(answers)}::jsonb) AS given (key text, answer jsonb)
    WHERE ${ownRows(tenantId, 'k')} AND k.key = ANY (${answers.map(({ key }) => key)}::text[]) AND k.key = given.key`)
}

export async function deleteKeys(db: Statements, tenantId: string, keys: readonly string[]): Promise<void> {
  await db.run(
    sql`DELETE FROM idempotency_keys k WHERE ${ownRows(tenantId, 'k')} AND k.key = ANY (${[...keys]}::text[])`,
  )
}

/** Those of these keys that are stored, with their responses. */
export const findKeys = (db: Statements, tenantId: string, keys: readonly string[]) =>
  db.run<{ key: string; hash: string; answer: unknown }>(sql`
    SELECT key, encode(input_hash, 'hex') AS hash, answer FROM idempotency_keys k
    WHERE ${ownRows(tenantId, 'k')} AND k.key = ANY (${[...keys]}::text[])`)
