import type { Context } from '../context.ts'
import type { Prisma } from '../database/generated/client/client.ts'
import { throughPrisma } from '../database/sql-transactions.ts'
import type { RawRow } from './row-reader.ts'
import { RowSelection } from './row-selection.sql.ts'
import { columnsOf, type Row, treeOf } from './row-tree.ts'

/**
 * The rows of a page, with what Pothos' query selects of them (by default all columns) and these columns of the page, as
 * Prisma would return them. Prisma would take several statements, and most of the CPU of the request.
 */
export async function loadRows(
  model: string,
  page: Prisma.Sql,
  context: Pick<Context, 'db'>,
  query: { select?: object } | null,
  columns: readonly string[] = ['id'],
  maxBytes: number | null = null,
): Promise<Row[]> {
  // A query of no rows, such as one of only the `totalCount`, selects nothing.
  const selected = query ? { select: {}, ...query } : { select: columnsOf(model) }
  const selection = new RowSelection(treeOf(model, selected), maxBytes)
  const rows = await throughPrisma(context.db).run<RawRow>(selection.statement(page, columns))
  return rows.map(selection.read)
}
