import { accountCases } from './cases-account.ts'
import { halves, readCases } from './cases-read.ts'
import { writeCases } from './cases-write.ts'
import { mark, type Planted } from './plant.ts'
import type { Arguments } from './select-everything.ts'

/**
 * How one tenant tries to get at another's data: for each root field, the arguments of as many requests. Everything
 * that the field can answer is selected by itself (select-everything.ts).
 *
 * A new root field, connection, type with an id, or argument that can name a row fails coverage.test.ts until it has
 * a line in one of these three: for reading, for writing, or for what belongs to the account. Name the other's rows
 * in every way that the field takes; `own` is for requests that mix own rows with the other's.
 */
export type Case = (other: Planted, own: Planted) => Arguments[]

/** By `Query.field`, `Mutation.field` or `Subscription.field`. Run in this order: what reads before what writes, deletions last. */
export const cases: Record<string, Case> = { ...readCases, ...accountCases, ...writeCases }

/** A filter counts once for each list, and a document has a limit. */
const conversationLists: Case = (other) => [
  { filter: { endUserIds: [mark(other, 'end-user')] }, first: 5, after: other.cursors['STARTED_AT'] },
  { filter: { search: mark(other, 'content') }, last: 5 },
  { orderBy: { field: 'STARTED_AT' }, last: 5, before: other.cursors['STARTED_AT'] },
]

const FIRST_MATCH = Buffer.from('["SEARCH_MATCHES",0,""]').toString('base64url')

/** Arguments of fields below the root, by `Type.field`: sent with `rootField`. */
export const nestedCases: Record<string, { rootField: string; arguments: Case }> = {
  'Agent.totals': {
    rootField: 'Query.agents',
    arguments: (other) => halves(other).map((filter) => ({ filter, includeTests: true })),
  },
  'Agent.conversations': { rootField: 'Query.agents', arguments: conversationLists },
  'EndUser.conversations': { rootField: 'Query.endUsers', arguments: conversationLists },
  'EndUser.metrics': {
    rootField: 'Query.endUsers',
    arguments: (other) => [
      { range: { from: '2024-01-01T00:00:00Z', to: '2034-01-01T00:00:00Z' }, timeZone: 'UTC', includeTests: true },
      { filter: { endUserIds: [mark(other, 'end-user')] }, includeTests: true },
    ],
  },
  'Conversation.searchMatches': {
    rootField: 'Query.conversations',
    arguments: (other) => [
      { search: mark(other, 'content'), first: 5, after: FIRST_MATCH },
      { search: `-nothing or "${mark(other, 'content')}"`, last: 5, before: FIRST_MATCH },
    ],
  },
  'Conversation.firstMeaningfulIntent': {
    rootField: 'Query.conversations',
    arguments: () => [{ exclude: ['nobody has this'] }],
  },
  'Conversation.messages': {
    rootField: 'Query.conversations',
    arguments: ({ cursors }) => [
      // Fewer than by default: everything of twenty for each conversation costs more than a document may.
      { first: 10, after: cursors['messages'] },
      { before: cursors['messages'], last: 5 },
      { first: 5, types: ['CHAT', 'TOOL', 'EVENT'] },
    ],
  },
}

/** What belongs to the account and not to a tenant: no tenant's credential may ask for it at all. */
export const isAccountField = (coordinate: string) => coordinate in accountCases
