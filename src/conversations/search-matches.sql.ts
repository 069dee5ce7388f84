import { Prisma } from '../database/generated/client/client.ts'
import { ownRows } from '../database/tenant-scope.ts'
import { matchesSearch, type SearchQuery } from '../search/message-search.sql.ts'
import type { FilterScope } from './conversation-filter.sql.ts'

const { sql, raw, empty } = Prisma

/** What is searched: the entries of these conversations, by their UUIDs. */
export interface SearchedEntries {
  conversationIds: readonly string[]
  search: SearchQuery
  scope: FilterScope
}

export interface MatchPage {
  descending: boolean
  /** Sequences, in the order of the statement; exclusive. */
  after: number | null
  before: number | null
  limit: number
  /** How many characters of each text an excerpt is made of. */
  searchedLength: number
}

const matches = ({ search, scope }: SearchedEntries) => sql`
  ${ownRows(scope.tenantId, 'm')} AND m.conversation_id = g.id AND ${matchesSearch(search, scope.seesInternals)}`

const given = ({ conversationIds }: SearchedEntries) =>
  sql`unnest(${[...conversationIds]}::uuid[]) WITH ORDINALITY AS g (id, place)`

/** A page of matching entries of each conversation, as a page of a `RowSelection`. `searched` begins each text. */
export function matchPages(
  entries: SearchedEntries,
  { descending, after, before, limit, searchedLength }: MatchPage,
): Prisma.Sql {
  const [behind, ahead] = descending ? ['<', '>'] : ['>', '<']
  const direction = raw(descending ? 'DESC' : 'ASC')
  const beyond = (operator: string, sequence: number | null) =>
    sequence === null ? empty : sql`AND m.sequence ${raw(operator)} ${sequence}::integer`
  return sql`
    SELECT l.*, left(l.content, ${searchedLength}::integer) AS searched FROM ${given(entries)} CROSS JOIN LATERAL (
      SELECT m.* FROM messages m WHERE ${matches(entries)} ${beyond(behind, after)} ${beyond(ahead, before)}
      ORDER BY m.sequence ${direction} LIMIT ${limit}::integer
    ) l ORDER BY g.place, l.sequence ${direction}`
}

/** How many entries of each conversation match: rows of `id` and `count`. */
export const matchCounts = (entries: SearchedEntries) => sql`
  SELECT g.id::text AS id, l.count FROM ${given(entries)} CROSS JOIN LATERAL (
    SELECT count(*)::int AS count FROM messages m WHERE ${matches(entries)}
  ) l`
