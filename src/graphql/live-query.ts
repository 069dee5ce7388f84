import type { Scope } from '../auth/principal.ts'
import type { Context } from '../context.ts'
import type { Statements } from '../database/statements.ts'
import type { ChangeReader } from '../domain/change-stream.ts'

/** What following takes: when it begins, and again at each read, since an issuer may be let give less meanwhile. */
export const LIVE_SCOPE: Scope = 'CONVERSATIONS_READ'

/** What one look came to. */
export interface PollResult<Cursor, Event> {
  /** What the field's `resolve` makes an answer of; null: there is nothing to tell. */
  event: Event | null
  /** Where to look next time. */
  cursor: Cursor
  /** Look again at once, or at the next change, or no more. */
  next: 'MORE' | 'WAIT' | 'END'
}

/** What the first look came to. */
export interface FirstResult<Cursor, Event> extends PollResult<Cursor, Event> {
  /** What those must also have in common who share what is told from there on. */
  variant?: string
}

/** The argument of a field that only says where to begin: whoever differs in nothing else is told the same from then on. */
export interface ResumeArgument {
  field: string
  name: string
}

export interface LiveQueryOptions<Cursor, Event> extends Omit<ChangeReader<Cursor, unknown>, 'read'> {
  /** UUID of the one conversation that it is about; null: any of the tenant's. */
  conversationId: string | null
  resumeArgument: ResumeArgument | null
  /** The first look. Throws if there is nothing to subscribe to. */
  begin: (reading: Reading) => Promise<FirstResult<Cursor, Event>>
  /** What is new after a cursor; with `upTo`, no further than this one. */
  poll: (reading: Reading, from: Cursor, upTo: Cursor | null) => Promise<PollResult<Cursor, Event>>
  /** The conversations that an answer is made of. Absent: it is made of more than these, by the field's `resolve`. */
  conversations?: {
    /** UUIDs. */
    idsIn: (event: Event) => readonly string[]
    /** What `resolve` answers, with the rows of these. */
    toAnswer: (event: Event, rowOf: ReadonlyMap<string, unknown>) => unknown
  }
}

/** One look: with which rights, and in which transaction. */
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
