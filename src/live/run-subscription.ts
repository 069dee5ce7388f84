import type { IncomingMessage, ServerResponse } from 'node:http'
import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Context } from '../context.ts'
import { NeedsPrisma } from '../database/sql-transactions.ts'
import { transaction } from '../database/transaction.ts'
import { notFound, ParleyError, unauthenticated } from '../errors.ts'
import type { Release } from '../fairness/held-amounts.ts'
import { withSentNumbers } from '../http/sent-numbers.ts'
import type { Next, Polled, StreamSource } from './change-stream.ts'
import { type FirstResult, LiveQuery } from './live-query.ts'
import { refuseOtherAnswers, refuseSkippedField } from './refused-subscriptions.ts'
import { SharedReads } from './shared-reads.ts'
import {
  type Asked,
  firstReadKeyOf,
  readAnswer,
  rightsOf,
  type StreamOptions,
  streamSourceOf,
  type WithAnswer,
} from './stream-source.ts'
import type { Subscriber } from './subscriber.ts'
import type { SubscriberRegistry } from './subscriber-registry.ts'

export interface SubscriptionContext {
  request: Request
  /** Undefined for a request from within the process. */
  req?: IncomingMessage
  res?: ServerResponse
  session: Context
  /** The same request's session as of now; throws if its credential is no longer accepted. */
  renewSession: () => Promise<Context>
}

interface Options extends StreamOptions {
  subscribers: SubscriberRegistry
}

type FirstReads = SharedReads<WithAnswer<FirstResult<unknown, unknown>>>

/**
 * Runs subscriptions. Each answer is read in a short transaction of its own, behind both walls, with the rights that
 * the credential has at that moment, and once for all subscribers with the same subscription and rights. No transaction
 * is open while a subscription waits. Answers are read when a client pulls them, so nothing piles up for a slow one.
 */
export function useSubscriptions(options: Options): Plugin<SubscriptionContext> {
  const firstReads: FirstReads = new SharedReads()
  return {
    onSubscribe({ setSubscribeFn }) {
      setSubscribeFn((args: ExecutionArgs) =>
        new Subscription({ ...options, firstReads }, withSentNumbers(args)).open(),
      )
    },
  }
}

/** The first answer for a subscriber. */
type First = WithAnswer<FirstResult<unknown, unknown>>

/** Returns the stream for the subscriber's current rights. */
type SourceOf = () => StreamSource<unknown, ExecutionResult>

class Subscription {
  readonly #options: Options & { firstReads: FirstReads }
  readonly #args: ExecutionArgs
  readonly #context: SubscriptionContext
  #session: Context
  /** The last answer that may be sent in this turn of the event loop without looking up the credential again. */
  #clearedTo: number | null = null
  #isCorked = false

  constructor(options: Options & { firstReads: FirstReads }, args: ExecutionArgs) {
    this.#options = options
    this.#args = args
    this.#context = args.contextValue as SubscriptionContext
    this.#session = this.#context.session
  }

  /** Reads before anything is sent, so that an invalid subscription is refused like any request. */
  async open(): Promise<AsyncIterable<ExecutionResult> | ExecutionResult> {
    const session = this.#session
    refuseOtherAnswers(this.#context.request)
    void session.principal
    refuseSkippedField(this.#args)
    const query = await this.#query(session)
    if (!(query instanceof LiveQuery)) return query
    if (session.createsTenant) throw noSuchTenant()
    const leavePlace = this.#options.subscribers.takePlace(session.holder)
    try {
      const first = await this.#firstRead(query)
      if (!first.result?.errors) {
        return this.#stream(() => streamSourceOf(this.#options, this.#asked, query, first), first, leavePlace)
      }
      leavePlace()
      return first.result
    } catch (error) {
      leavePlace()
      throw error
    }
  }

  /** A filter with dates may have to read the tenant's time zone, and is then parsed in a transaction. */
  async #query(session: Context): Promise<LiveQuery<unknown, unknown> | ExecutionResult> {
    const query = async (contextValue: Context) => {
      const result = await createSourceEventStream({ ...this.#args, contextValue })
      return result instanceof LiveQuery ? result : (result as ExecutionResult)
    }
    const found = await query(session)
    const needsTransaction = !(found instanceof LiveQuery) && found.errors?.[0]?.originalError instanceof NeedsPrisma
    if (!needsTransaction) return found
    if (session.createsTenant) throw noSuchTenant()
    return transaction(this.#options.database, { ...session.accessScope, readOnly: true }, (client) =>
      query(session.inside(client)),
    )
  }

  /** Shared by all that begin at the same point and moment: pages reconnect together after a server has started. */
  #firstRead(query: LiveQuery<unknown, unknown>): Promise<First> {
    const asked = this.#asked
    return this.#options.firstReads.read(firstReadKeyOf(asked, query), () =>
      readAnswer(this.#options, asked, query.options.begin),
    )
  }

  get #asked(): Asked {
    return { args: this.#args, session: this.#session }
  }

  /** An iterable that can be ended while it waits, unlike a generator by itself. */
  #stream(sourceOf: SourceOf, first: First, leavePlace: Release): AsyncIterableIterator<ExecutionResult> {
    const { request, res } = this.#context
    let subscriber: Subscriber<unknown, ExecutionResult> | null = null
    const leave = () => {
      subscriber?.leave()
      leavePlace()
    }
    const answers = this.#answers(sourceOf, first, () => {
      const { tenantId } = this.#session
      subscriber = this.#options.subscribers.subscribe(tenantId, sourceOf(), first.cursor)
      if (request.signal.aborted) subscriber.leave()
      return subscriber
    })
    // The client left while the first answer was being read.
    if (request.signal.aborted) leave()
    request.signal.addEventListener('abort', leave, { once: true })
    // Also if the stream was refused after all, and nobody ever pulls from it.
    res?.once('close', leave)
    return {
      async next() {
        const next = await answers.next()
        if (next.done) leave()
        return next
      },
      return: () => {
        leave()
        return answers.return(undefined)
      },
      [Symbol.asyncIterator]() {
        return this
      },
    }
  }

  async *#answers(
    sourceOf: SourceOf,
    first: First,
    subscribe: () => Subscriber<unknown, ExecutionResult>,
  ): AsyncGenerator<ExecutionResult, undefined> {
    let subscriber: Subscriber<unknown, ExecutionResult> | null = null
    try {
      // On the first pull, so that a stream that nobody reads has no subscriber.
      subscriber = subscribe()
      if (first.result) yield* this.#deliver(subscriber, first.result)
      subscriber.isPulling = true
      await subscriber.begun
      for (let next: Next = first.next; next !== 'END' && next !== 'FAILED'; ) {
        if (next === 'WAIT') await subscriber.waitForWakeup(this.#waitMs())
        const polled = subscriber.ended ? null : await this.#poll(sourceOf, subscriber)
        if (subscriber.ended === 'STOPPED') throw stopping()
        if (subscriber.ended || !polled) return
        if (polled.answer) yield* this.#deliver(subscriber, polled.answer)
        next = polled.next
      }
    } catch (error) {
      yield { errors: [toGraphQLError(error)] }
    } finally {
      subscriber?.leave()
    }
  }

  /** What comes next, read with the rights that the credential still has after the read. */
  async #poll(
    sourceOf: SourceOf,
    subscriber: Subscriber<unknown, ExecutionResult>,
  ): Promise<Polled<unknown, ExecutionResult> | null> {
    for (;;) {
      const polled = await subscriber.poll()
      if (subscriber.ended) return null
      const isDelivery = polled.answer !== null || polled.next === 'END'
      const mustRenew = subscriber.mustRenew || (isDelivery && !this.#isCleared(subscriber, polled))
      if (mustRenew && (await this.#hasOtherRights(subscriber))) {
        this.#options.subscribers.move(this.#session.tenantId, subscriber, sourceOf())
        continue
      }
      subscriber.progress = polled.progress
      return polled
    }
  }

  /** Looks up the credential, and returns whether its rights have changed. Throws if it has ended. */
  async #hasOtherRights(subscriber: Subscriber<unknown, ExecutionResult>): Promise<boolean> {
    const before = this.#session
    const { lastIndex } = subscriber.stream
    // All look up in one statement, then send a few at a time. A credential that may have ended meanwhile is looked up
    // again.
    for (subscriber.mustRenew = true; subscriber.mustRenew; await subscriber.waitForTurn()) {
      subscriber.mustRenew = false
      refuseExpired(this.#session, this.#options.now())
      this.#session = await this.#context.renewSession()
    }
    // It may have expired during the wait.
    refuseExpired(this.#session, this.#options.now())
    if (this.#session.tenantId !== before.tenantId) throw otherTenant()
    const hasOthers = rightsOf(this.#session) !== rightsOf(before)
    this.#clearTo(hasOthers ? null : lastIndex)
    return hasOthers
  }

  #clearTo(index: number | null) {
    this.#clearedTo = index
    setImmediate(() => {
      this.#clearedTo = null
    })
  }

  /**
   * Several answers that are sent in one turn of the event loop need only one lookup, if that came after all of them
   * were read.
   */
  #isCleared(
    { progress: before }: Subscriber<unknown, ExecutionResult>,
    { progress }: Polled<unknown, unknown>,
  ): boolean {
    // It was between two answers of its stream, so it has read this one for itself.
    if (before.index === null || progress.index === null || this.#clearedTo === null) return false
    return progress.index <= this.#clearedTo
  }

  /** The subscriber waits for nothing until the client pulls the next answer. */
  *#deliver(subscriber: Subscriber<unknown, ExecutionResult>, answer: ExecutionResult) {
    subscriber.isPulling = false
    this.#corkForThisTurn()
    yield answer
    subscriber.isPulling = true
  }

  /** Sends everything of one turn in one write, because a write costs more than everything else. */
  #corkForThisTurn() {
    const socket = this.#context.req?.socket
    if (!socket || this.#isCorked) return
    this.#isCorked = true
    socket.cork()
    setImmediate(() => {
      this.#isCorked = false
      socket.uncork()
    })
  }

  /** Never longer than until the credential expires. */
  #waitMs(): number {
    const { recheckMs } = this.#options.subscribers.times
    const { expiresAt } = this.#session.principal
    if (expiresAt === null) return recheckMs
    return Math.min(recheckMs, Math.max(0, expiresAt.getTime() - this.#options.now().getTime()))
  }
}

/** Without tolerance for other clocks: a stream ends exactly when its token expires. */
function refuseExpired({ principal }: Context, now: Date) {
  if (principal.expiresAt && principal.expiresAt <= now) {
    throw unauthenticated('The credential of this subscription has expired.', 'EXPIRED')
  }
}

const otherTenant = () => unauthenticated('This credential now belongs to another tenant.', 'INVALID')

const noSuchTenant = () => notFound('tenant', ['X-Tenant-Id'])

const stopping = () =>
  new ParleyError('SERVER_STOPPING', 'This server is stopping. Subscribe again with the last resume token.')

const toGraphQLError = (error: unknown) =>
  error instanceof GraphQLError ? error : new GraphQLError('', { originalError: error as Error })
