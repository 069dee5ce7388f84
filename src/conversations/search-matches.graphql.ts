import { queryFromInfo } from '@pothos/plugin-prisma'
import DataLoader from 'dataloader'
import type { Context } from '../context.ts'
import { isTooMuchRead } from '../database/read-limit.ts'
import { throughPrisma } from '../database/sql-transactions.ts'
import { AnswerTooLarge } from '../errors.ts'
import { selectionLoader } from '../graphql/batch-loader.ts'
import { builder } from '../graphql/builder.ts'
import {
  type Connection,
  type ConnectionArguments,
  connectionArgs,
  connectionType,
  MAX_COUNT,
  NODE_PATHS,
  parsePage,
  toConnection,
} from '../graphql/connection.ts'
import type { InputLimits } from '../graphql/read-limits.ts'
import { asRow } from '../graphql/rows.ts'
import { checkInput } from '../input/check-input.ts'
import { LIMITS, maxReadBytes } from '../input/limits.ts'
import { ChatMessage } from '../messages/chat-message.graphql.ts'
import { Message } from '../messages/message.graphql.ts'
import { loadRows } from '../rows/load-rows.ts'
import { type Excerpt, excerptOf, MAX_EXCERPT, type TextRange } from '../search/excerpt.ts'
import { parseSearch } from '../search/parse-search.ts'
import { filterScope } from './conversation-filter.graphql.ts'
import { matchCounts, matchPages } from './search-matches.sql.ts'

const TextHighlight = builder.objectRef<TextRange>('TextHighlight').implement({
  description: 'A part of a text, in UTF-16 code units, as in JavaScript strings.',
  fields: (t) => ({
    start: t.exposeInt('start', { description: 'Where it begins, counted from 0.' }),
    end: t.exposeInt('end', { description: 'Where it ends, exclusive.' }),
  }),
})

interface Match extends Excerpt {
  message: MatchingRow
}

interface MatchingRow {
  sequence: number
  conversation_id: string
  content: string
}

const SearchMatch = builder.objectRef<Match>('SearchMatch').implement({
  description: 'A transcript entry that matches a search.',
  fields: (t) => ({
    message: t.field({
      type: Message,
      description: 'The entry. At present, only chat messages are searched.',
      resolve: ({ message }) => asRow(message),
    }),
    excerpt: t.exposeString('text', {
      description: `The text around the first match, up to ${MAX_EXCERPT} UTF-16 code units of plain text, with an ellipsis (…) where it is cut. The beginning of the text if nothing in it is highlighted, such as for a search that has only excluded words.`,
    }),
    highlights: t.expose('highlights', {
      type: [TextHighlight],
      description: 'The words and phrases of the search in the excerpt, in order and without overlaps.',
    }),
  }),
})

const SearchMatchConnection = connectionType(SearchMatch, { name: 'SearchMatch', of: 'search matches' })

interface Arguments extends ConnectionArguments {
  search: string
}

/** A match's cursor is the sequence of its message. */
const NO_ID = /^$/
const ORDER = 'SEARCH_MATCHES'

/** Those of all conversations of a list, in one statement. */
const searchMatchesOf = selectionLoader(
  (context, info) => {
    const paths = NODE_PATHS.map((path) => [...path, 'message'])
    return queryFromInfo({ context, info, typeName: 'ChatMessage', paths })
  },
  async (conversationIds, args: Arguments, context, query): Promise<Connection<Match>[]> => {
    checkInput(args.search, ['search'])
    const page = parsePage(args, ORDER, NO_ID, { max: MAX_COUNT })
    const search = parseSearch(args.search)
    const entries = { conversationIds, search, scope: filterScope(context) }
    const [after, before] = page.backward ? [page.before, page.after] : [page.after, page.before]
    const options = { descending: page.backward, limit: page.limit + 1 }
    const rows = args.search.trim()
      ? await loadMatching(
          matchPages(entries, { ...options, after: after?.[1] ?? null, before: before?.[1] ?? null }),
          context,
          query,
        )
      : []
    const matches: Match[] = []
    const timeSlice = context.timeSlice()
    for (const row of rows) {
      matches.push({ message: ChatMessage.addBrand(asRow(row)), ...(await excerptOf(row.content, search, timeSlice)) })
      if (timeSlice.isOver) await timeSlice.yieldToEventLoop()
    }
    const matchesOf = Map.groupBy(matches, ({ message }) => message.conversation_id)
    const counts = new DataLoader<string, number>(async (counted) => {
      const counting = matchCounts({ ...entries, conversationIds: counted })
      const found = await throughPrisma(context.db).run<{ id: string; count: number }>(counting)
      const countOf = new Map(found.map(({ id, count }) => [id, count]))
      return counted.map((id) => countOf.get(id) ?? 0)
    })
    return conversationIds.map((id) =>
      toConnection(
        page,
        matchesOf.get(id) ?? [],
        ({ message }) => [ORDER, message.sequence, ''],
        () => (args.search.trim() ? counts.load(id) : 0),
      ),
    )
  },
)

/** The rows of a page of messages, with what is selected of `SearchMatch.message`. */
async function loadMatching(
  page: ReturnType<typeof matchPages>,
  context: Context,
  query: { select?: object },
): Promise<MatchingRow[]> {
  const columns = ['id', 'kind', 'sequence', 'conversation_id', 'content']
  const { limits } = context
  const rows = await loadRows('Message', page, context, query, columns, maxReadBytes(limits)).catch((error) => {
    throw isTooMuchRead(error) ? new AnswerTooLarge(limits.maxAnswerBytes) : error
  })
  return asRow(rows)
}

builder.prismaObjectField('Conversation', 'searchMatches', (t) =>
  t.field({
    type: SearchMatchConnection,
    description:
      'The transcript entries that match a search, in order. A conversation that a filter with this `search` finds has at least one, and any other has none.',
    args: {
      search: t.arg.string({
        required: true,
        description: `What to search for, as in \`ConversationFilter.search\`: an entry matches by itself. At most ${LIMITS.searchTerms} terms. A blank search matches nothing.`,
        extensions: { isSearch: true } satisfies InputLimits,
      }),
      ...connectionArgs,
    },
    select: { id: true },
    resolve: ({ id }, args, context, info) => searchMatchesOf(id, args, context, info),
  }),
)
