import type { Scope } from '../auth/principal.ts'
import type { Context } from '../context.ts'
import type { Statements } from '../database/sql-transactions.ts'
import type { ChangeReader } from './change-stream.ts'

/** The scope of subscriptions. It is checked at each read too, because an issuer's scopes may be reduced meanwhile. */
export const LIVE_SCOPE: Scope = 'CONVERSATIONS_READ'

/** The result of one read. */
export interface PollResult<Cursor, Event> {
  /** What the field's `resolve` makes the answer from; null: there is nothing new. */
  event: Event | null
  /** Where the next read begins. */
  cursor: Cursor
  /** Whether to read again at once, after the next change, or not at all. */
  next: 'MORE' | 'WAIT' | 'END'
}

/** The result of the first read. */
export interface FirstResult<Cursor, Event> extends PollResult<Cursor, Event> {
  /** What else subscribers must have in common to share the later reads. */
  variant?: string
}

/** The argument of a field that only says where to begin. Subscribers that differ in nothing else share later reads. */
export interface ResumeArgument {
  field: string
  name: string
}

export interface LiveQueryOptions<Cursor, Event> extends Omit<ChangeReader<Cursor, unknown>, 'read'> {
  /** UUID of the one conversation that is followed; null: any of the tenant's. */
  conversationId: string | null
  resumeArgument: ResumeArgument | null
  /** Its filter with the moments that dates stood for when it began: others may begin in another time zone. */
  resolvedFilter?: unknown
  /** The first read. Throws if there is nothing to subscribe to. */
  begin: (reading: Reading) => Promise<FirstResult<Cursor, Event>>
  /** What is new after a cursor; with `upTo`, no further than this one. */
  poll: (reading: Reading, from: Cursor, upTo: Cursor | null) => Promise<PollResult<Cursor, Event>>
}

/** The rights that a read has, and its transaction. */
export interface Reading {
  context: Context
  statements: Statements
}

/**
 * What `subscribe` of a subscription field returns: not its events, each of which has to be read in a transaction of
 * its own, but how to read them. run-subscription.ts does that.
 */
export class LiveQuery<Cursor, Event> implements AsyncIterable<Event> {
  readonly options: LiveQueryOptions<Cursor, Event>

  constructor(options: LiveQueryOptions<Cursor, Event>) {
    this.options = options
  }

  /** Only for the types of graphql-js, which expects an async iterable. */
  [Symbol.asyncIterator](): AsyncIterator<Event> {
    throw new Error('A LiveQuery can not be iterated: useSubscriptions reads it.')
  }
}
