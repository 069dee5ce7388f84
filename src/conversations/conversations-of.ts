import { queryFromInfo } from '@pothos/plugin-prisma'
import DataLoader from 'dataloader'
import type { Context } from '../context.ts'
import { throughPrisma } from '../database/sql-transactions.ts'
import { selectionLoader } from '../graphql/batch-loader.ts'
import { NODE_PATHS } from '../graphql/connection.ts'
import { asRow } from '../graphql/rows.ts'
import { checkInput } from '../input/check-input.ts'
import { loadRows } from '../rows/load-rows.ts'
import { type ConversationListArguments, parseConversationList } from './conversation-list.graphql.ts'
import {
  type ConversationParent,
  conversationCountsOf,
  conversationPagesOf,
  type Position,
} from './conversation-list.sql.ts'

/**
 * Resolves a list of conversations that belong to something, by its id as text. The pages of all parents of one list,
 * and likewise their counts, are read in one statement.
 */
export const conversationsOf = (kind: ConversationParent) =>
  selectionLoader(
    (context, info) => queryFromInfo({ context, info, paths: NODE_PATHS }),
    (parents, args: ConversationListArguments, context, query) => loadPages(kind, parents, args, context, query),
  )

async function loadPages(
  kind: ConversationParent,
  parents: readonly string[],
  args: ConversationListArguments,
  context: Context,
  query: { select?: object },
) {
  for (const [name, value] of Object.entries(args)) checkInput(value, [name])
  const { options, connection } = parseConversationList(args, context)
  const pages = conversationPagesOf(kind, parents, options)
  const columns = ['id', 'value', 'parent']
  const rows: (Position & { parent: string })[] = asRow(await loadRows('Conversation', pages, context, query, columns))
  const rowsOf = Map.groupBy(rows, (row) => row.parent)
  const counts = new DataLoader<string, number>(async (counted) => {
    const counting = conversationCountsOf(kind, counted, options)
    const found = await throughPrisma(context.db).run<{ parent: string; count: number }>(counting)
    const countOf = new Map(found.map(({ parent, count }) => [parent, count]))
    return counted.map((parent) => countOf.get(parent) ?? 0)
  })
  return parents.map((parent) => connection(rowsOf.get(parent) ?? [], () => counts.load(parent)))
}
