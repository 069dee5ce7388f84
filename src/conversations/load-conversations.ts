import type { Context } from '../context.ts'
import type { Prisma } from '../database/generated/client/client.ts'
import { throughPrisma } from '../database/sql-transactions.ts'
import type { RawRow } from '../rows/row-reader.ts'
import { RowSelection } from '../rows/row-selection.sql.ts'
import { type Row, treeOf } from '../rows/row-tree.ts'

/**
 * The conversations of a page, with what Pothos' query selects of them and these columns of the page, as Prisma would return
 * them. Prisma would take several statements, and most of the CPU of the request.
 */
export async function loadConversations(
  page: Prisma.Sql,
  context: Context,
  query: { select?: object },
  columns: readonly string[] = ['id'],
): Promise<Row[]> {
  // A query of no rows, such as one of only the `totalCount`, selects nothing.
  const selection = new RowSelection(treeOf('Conversation', { select: {}, ...query }))
  const rows = await throughPrisma(context.db).run<RawRow>(selection.statement(page, columns))
  return rows.map(selection.read)
}
