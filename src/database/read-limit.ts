import { databaseCode } from './error-code.ts'
import { Prisma } from './generated/client/client.ts'

/**
 * Ends a statement that reads too much before its rows are sent: a row may have any number of rows below it. PostgreSQL
 * has no expression that raises an error, so two arithmetic errors stand in for it.
 */

const { sql } = Prisma

/** SQLSTATEs: division by zero, and a logarithm of zero. */
const TOO_MUCH = '22012'
const LARGE_ROW = '2201E'

/** What is read is larger than allowed. */
export const isTooMuchRead = (error: unknown) => databaseCode(error) === TOO_MUCH

/** A row is larger than its share of what may be read. The total may still be small enough. */
export const isLargeRow = (error: unknown) => databaseCode(error) === LARGE_ROW

/**
 * Conditions that are true or fail. The failing expression depends on the size, so that PostgreSQL does not evaluate it
 * while planning, and only evaluates it for what is too large: a page has many rows below it.
 */
const unlessTooMuch = (total: Prisma.Sql, maxBytes: number) =>
  sql`CASE WHEN ${total} > ${maxBytes}::bigint THEN 1 / (${total} * 0) = 1 ELSE true END`

export const unlessLarge = (size: Prisma.Sql, maxBytes: number) =>
  sql`CASE WHEN ${size} > ${maxBytes}::bigint THEN ln((${size} * 0)::double precision) = 0 ELSE true END`

/** The same rows, one after the other, until together they are too large. */
export function limited(rows: Prisma.Sql, columns: readonly Prisma.Sql[], maxBytes: number): Prisma.Sql {
  const sizes = columns.map((column) => sql`coalesce(octet_length(f.${column}), 0)`)
  const names = columns.map((column) => sql`g.${column}`)
  // OFFSET 0: otherwise PostgreSQL computes each column twice, because it is used twice.
  return sql`
    SELECT ${Prisma.join(names)} FROM (
      SELECT f.*, sum(${Prisma.join(sizes, ' + ')}) OVER (ROWS UNBOUNDED PRECEDING) AS total FROM (${rows} OFFSET 0) f
    ) g WHERE ${unlessTooMuch(sql`g.total`, maxBytes)}`
}
