import type { Scope } from '../auth/principal.ts'
import type { Context } from '../context.ts'
import type { Statements } from '../database/sql-transactions.ts'
import type { ChangeReader } from './change-stream.ts'

/** The scope of subscriptions, needed at the beginning and at each read: an issuer may be allowed less meanwhile. */
export const LIVE_SCOPE: Scope = 'CONVERSATIONS_READ'

/** What one read came to. */
export interface PollResult<Cursor, Event> {
  /** What the field's `resolve` makes an answer of; null: there is nothing new. */
  event: Event | null
  /** Where to read on. */
  cursor: Cursor
  /** Read on at once, or after the next change, or not at all. */
  next: 'MORE' | 'WAIT' | 'END'
}

/** What the first read came to. */
export interface FirstResult<Cursor, Event> extends PollResult<Cursor, Event> {
  /** What subscribers must also have in common to share what follows. */
  variant?: string
}

/** The argument of a field that only says where to begin: subscribers that differ in nothing else share what follows. */
export interface ResumeArgument {
  field: string
  name: string
}

export interface LiveQueryOptions<Cursor, Event> extends Omit<ChangeReader<Cursor, unknown>, 'read'> {
  /** UUID of the one conversation that it is about; null: any of the tenant's. */
  conversationId: string | null
  resumeArgument: ResumeArgument | null
  /** The first read. Throws if there is nothing to subscribe to. */
  begin: (reading: Reading) => Promise<FirstResult<Cursor, Event>>
  /** What is new after a cursor; with `upTo`, no further than this one. */
  poll: (reading: Reading, from: Cursor, upTo: Cursor | null) => Promise<PollResult<Cursor, Event>>
}

/** With which rights to read, and in which transaction. */
export interface Reading {
  context: Context
  statements: Statements
}

/**
 * What a subscription field answers to `subscribe`: not its events, which have to be read inside a transaction each,
 * but how to read them. See subscription.ts, which does.
 */
export class LiveQuery<Cursor, Event> implements AsyncIterable<Event> {
  readonly options: LiveQueryOptions<Cursor, Event>

  constructor(options: LiveQueryOptions<Cursor, Event>) {
    this.options = options
  }

  /** Only for the types of GraphQL, which subscribes to what can be iterated. */
  [Symbol.asyncIterator](): AsyncIterator<Event> {
    throw new Error('is not iterated: useSubscriptions reads it')
  }
}
