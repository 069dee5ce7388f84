import type { Database } from '../database/connect.ts'
import { Prisma } from '../database/generated/client/client.ts'
import type { Statements } from '../database/sql-transactions.ts'
import { type AccessScope, ownRows } from '../database/tenant-scope.ts'
import { readAsTenant } from '../database/transaction.ts'
import type { Page } from '../graphql/connection.ts'

export interface DocumentRow {
  id: string
  /** Of the text, in hexadecimal. */
  sha256: string
  document: string
  name: string | null
  createdAt: Date
  isOfAccount: boolean
}

/** A document to store. */
export type NewDocument = Pick<DocumentRow, 'id' | 'sha256' | 'document' | 'name'>

/** The tenant that documents belong to; null: the account. */
export type Owner = string | null

const { sql, join, empty } = Prisma

const TABLES = { account: sql`account_documents`, tenant: sql`trusted_documents` }
const tableOf = (owner: Owner) => (owner === null ? TABLES.account : TABLES.tenant)
const ownedBy = (owner: Owner, table: string) => (owner === null ? sql`TRUE` : ownRows(owner, table))

const COLUMNS = sql`d.id, d.sha256, d.document, d.name, d.created_at AS "createdAt"`
const columnsFor = (owner: Owner) => sql`${COLUMNS}, ${owner === null}::boolean AS "isOfAccount"`

/** Those that may be sent for the owner. If the account has registered the same document, a tenant's own is listed. */
const usableBy = (owner: Owner) =>
  owner === null
    ? sql`SELECT ${columnsFor(null)} FROM account_documents d`
    : sql`
      SELECT ${columnsFor(owner)} FROM trusted_documents d WHERE ${ownRows(owner, 'd')}
      UNION ALL
      SELECT ${columnsFor(null)} FROM account_documents d WHERE NOT EXISTS (
        SELECT 1 FROM trusted_documents o WHERE ${ownRows(owner, 'o')} AND o.sha256 = d.sha256)`

/** The text of a document that may be sent for the tenant; null if there is none. */
export async function findDocument(database: Database, scope: AccessScope, sha256: string): Promise<string | null> {
  const ofTenant =
    scope.tenantId === null
      ? empty
      : sql`UNION ALL SELECT d.document FROM trusted_documents d WHERE ${ownRows(scope.tenantId, 'd')} AND d.sha256 = ${sha256}`
  const rows = await readAsTenant<{ document: string }>(
    database,
    scope,
    sql`SELECT a.document FROM account_documents a WHERE a.sha256 = ${sha256} ${ofTenant} LIMIT 1`,
    { findsByKey: true },
  )
  return rows[0]?.document ?? null
}

/** A page, newest first, and one more if there are more. */
export function listDocuments({ run }: Statements, owner: Owner, { after, before, backward, limit }: Page) {
  const conditions = [
    sql`TRUE`,
    ...(after ? [sql`u.id < ${after[2]}::uuid`] : []),
    ...(before ? [sql`u.id > ${before[2]}::uuid`] : []),
  ]
  return run<DocumentRow>(sql`
    SELECT u.* FROM (${usableBy(owner)}) u WHERE ${join(conditions, ' AND ')}
    ORDER BY u.id ${backward ? empty : sql`DESC`} LIMIT ${limit + 1}::int`)
}

export async function countDocuments({ run }: Statements, owner: Owner): Promise<number> {
  const [row] = await run<{ count: number }>(sql`SELECT count(*)::int AS count FROM (${usableBy(owner)}) u`)
  return row?.count ?? 0
}

/** How many documents the owner has registered, and those with these hashes. Nobody else registers any for it meanwhile. */
export async function lockDocuments({ run }: Statements, owner: Owner, hashes: readonly string[]) {
  await run(sql`SELECT 1 FROM pg_advisory_xact_lock(hashtextextended(${`trusted documents ${owner ?? ''}`}::text, 0))`)
  const [row] = await run<{ count: number }>(
    sql`SELECT count(*)::int AS count FROM ${tableOf(owner)} d WHERE ${ownedBy(owner, 'd')}`,
  )
  const known = await run<DocumentRow>(sql`
    SELECT ${columnsFor(owner)} FROM ${tableOf(owner)} d
    WHERE ${ownedBy(owner, 'd')} AND d.sha256 = ANY(${[...hashes]}::text[])`)
  return { count: row?.count ?? 0, known }
}

export async function insertDocuments({ run }: Statements, owner: Owner, rows: readonly NewDocument[], now: Date) {
  const [column, value] = owner === null ? [empty, empty] : [sql`tenant_id, `, sql`${owner}, `]
  await run(sql`
    INSERT INTO ${tableOf(owner)} (${column} id, sha256, document, name, created_at)
    SELECT ${value} given.id, given.sha256, given.document, given.name, ${now}
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS given (id uuid, sha256 text, document text, name text)`)
}

/** Returns the hashes of those that were deleted. */
export async function deleteDocuments({ run }: Statements, owner: Owner, hashes: readonly string[]): Promise<string[]> {
  const rows = await run<{ sha256: string }>(sql`
    DELETE FROM ${tableOf(owner)} d WHERE ${ownedBy(owner, 'd')} AND d.sha256 = ANY(${[...hashes]}::text[])
    RETURNING d.sha256`)
  return rows.map(({ sha256 }) => sha256)
}
