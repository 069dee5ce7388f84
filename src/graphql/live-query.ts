import type { Scope } from '../auth/principal.ts'
import type { Context } from '../context.ts'

/** What following takes: when it begins, and again at each turn, since an issuer may be let give less meanwhile. */
export const LIVE_SCOPE: Scope = 'CONVERSATIONS_READ'

/** What one look came to. */
export interface Turn<Event> {
  /** What the field's `resolve` makes an answer of; null: there is nothing to tell. */
  event: Event | null
  /** Look again at once, or at the next change, or no more. */
  next: 'MORE' | 'WAIT' | 'END'
}

/**
 * What a subscription field answers to `subscribe`: not its events, which have to be read inside a transaction each,
 * but how to read them. See subscription.ts, which does.
 */
export class LiveQuery<Event> implements AsyncIterable<Event> {
  /** UUID of the one conversation that it is about; null: any of the tenant's. */
  readonly conversationId: string | null
  /** Reads what is new since the last time. Throws where there is nothing to subscribe to. */
  readonly next: (context: Context) => Promise<Turn<Event>>

  constructor(conversationId: string | null, next: (context: Context) => Promise<Turn<Event>>) {
    this.conversationId = conversationId
    this.next = next
  }

  /** For the types of GraphQL alone, where whatever is subscribed to can be iterated. */
  [Symbol.asyncIterator](): AsyncIterator<Event> {
    throw new Error('is not iterated: useSubscriptions takes its turns')
  }
}
