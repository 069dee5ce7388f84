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
import type { FieldCost, InputLimits } from '../graphql/read-limits.ts'
import { asRow } from '../graphql/rows.ts'
import { isSelectedBelow } from '../graphql/selected.ts'
import { checkInput } from '../input/check-input.ts'
import { LIMITS, maxReadBytes } from '../input/limits.ts'
import { ChatMessage } from '../messages/chat-message.graphql.ts'
import { Message } from '../messages/message.graphql.ts'
import { loadRows } from '../rows/load-rows.ts'
import {
  type Excerpt,
  ExcerptBudget,
  excerptOf,
  MAX_EXCERPT,
  MAX_FOLDS,
  MAX_READ,
  MAX_SEARCHED,
  type TextRange,
} from '../search/excerpt.ts'
import type { SearchQuery } from '../search/message-search.sql.ts'
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

interface MatchingRow {
  sequence: number
  conversation_id: string
  /** The beginning of the text. Empty if no excerpt is requested. */
  searched: string
}

/** Makes its excerpt only if it is requested, once. */
class Match {
  readonly message: MatchingRow
  readonly #search: SearchQuery
  #excerpt: Promise<Excerpt> | undefined

  constructor(message: MatchingRow, search: SearchQuery) {
    this.message = message
    this.#search = search
  }

  excerpt(context: Context): Promise<Excerpt> {
    this.#excerpt ??= excerptsOf(context).make(this.message.searched, this.#search)
    return this.#excerpt
  }
}

/**
 * Makes the excerpts of an operation, one after the other, with rests between them. They are made while its transaction
 * is open, so the rests count as time of the transaction, and the budget keeps all of them together short.
 */
class Excerpts {
  readonly #budget: ExcerptBudget
  #last: Promise<unknown> = Promise.resolve()

  constructor(context: Context) {
    this.#budget = new ExcerptBudget(context.timeSlice(null))
  }

  make(text: string, search: SearchQuery): Promise<Excerpt> {
    const made = this.#last.then(() => excerptOf(text, search, this.#budget))
    this.#last = made
    return made
  }
}

const excerpts = new WeakMap<Context, Excerpts>()

function excerptsOf(context: Context): Excerpts {
  const known = excerpts.get(context) ?? new Excerpts(context)
  excerpts.set(context, known)
  return known
}

/** The excerpt of a text of 200 characters takes 0.05 ms if it is ASCII, else up to 0.3 ms; a field, 1 to 2 µs. */
const EXCERPT_COST = 50

const SearchMatch = builder.objectRef<Match>('SearchMatch').implement({
  description: 'A transcript entry that matches a search.',
  fields: (t) => ({
    message: t.field({
      type: Message,
      description: 'The entry. At present, only chat messages are searched.',
      resolve: ({ message }) => asRow(message),
    }),
    excerpt: t.string({
      description: `The text around the first match, up to ${MAX_EXCERPT} UTF-16 code units of plain text, with an ellipsis (…) where it is cut. The beginning of the text, without highlights, if the search has only excluded words, if the first match is after the first ${MAX_SEARCHED} code units, or if the operation has searched about ${MAX_FOLDS} characters for its excerpts. Costs as much as ${EXCERPT_COST} fields.`,
      extensions: { cost: EXCERPT_COST } satisfies FieldCost,
      resolve: async (match, _args, context) => (await match.excerpt(context)).text,
    }),
    highlights: t.field({
      type: [TextHighlight],
      description: `The words and phrases of the search in the excerpt, in order and without overlaps. Costs as much as ${EXCERPT_COST} fields.`,
      extensions: { cost: EXCERPT_COST } satisfies FieldCost,
      resolve: async (match, _args, context) => (await match.excerpt(context)).highlights,
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
    const query = queryFromInfo({ context, info, typeName: 'ChatMessage', paths })
    return { query, showsText: isSelectedBelow(info, ['excerpt', 'highlights']) }
  },
  async (conversationIds, args: Arguments, context, { query, showsText }): Promise<Connection<Match>[]> => {
    checkInput(args.search, ['search'])
    const page = parsePage(args, ORDER, NO_ID, { max: MAX_COUNT })
    const search = parseSearch(args.search)
    const entries = { conversationIds, search, scope: filterScope(context) }
    const [after, before] = page.backward ? [page.before, page.after] : [page.after, page.before]
    const searchedLength = showsText ? MAX_READ : 0
    const options = { descending: page.backward, limit: page.limit + 1, searchedLength }
    const rows = args.search.trim()
      ? await loadMatching(
          matchPages(entries, { ...options, after: after?.[1] ?? null, before: before?.[1] ?? null }),
          context,
          query,
        )
      : []
    const matches = rows.map((row) => new Match(ChatMessage.addBrand(asRow(row)), search))
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
  const columns = ['id', 'kind', 'sequence', 'conversation_id', 'searched']
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
