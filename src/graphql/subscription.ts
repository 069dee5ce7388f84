import type { IncomingMessage } from 'node:http'
import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Context } from '../context.ts'
import type { Next, Polled, StreamSource } from '../domain/change-stream.ts'
import { SharedLooks } from '../domain/shared-looks.ts'
import type { Subscriber } from '../domain/subscriber.ts'
import type { SubscriberRegistry } from '../domain/subscriber-registry.ts'
import { notFound, ParleyError, unauthenticated } from '../errors.ts'
import { type FirstResult, LiveQuery } from './live-query.ts'
import {
  type Asked,
  type Looked,
  look,
  rightsOf,
  type StreamOptions,
  streamKeyOf,
  streamSourceOf,
} from './stream-source.ts'

/** A credential is checked before each delivery, and this often if nothing is delivered. */
const RECHECK_MS = 10_000

export interface SubscriptionContext {
  request: Request
  /** Undefined for a request from within the process. */
  req?: IncomingMessage
  session: Context
  /** The same request's session as of now; throws if its credential is no longer accepted. */
  renewSession: () => Promise<Context>
}

interface Options extends StreamOptions {
  subscribers: SubscriberRegistry
}

type FirstLooks = SharedLooks<Looked<FirstResult<unknown, unknown>>>

/**
 * Subscriptions: each answer is read in a short transaction of its own, behind both walls, with the rights that the
 * credential has at that moment, and once for all subscribers who ask the same with the same rights. No transaction is
 * open while a subscription waits. Answers are read when a client takes them: for a slow one nothing piles up.
 */
export function useSubscriptions(options: Options): Plugin<SubscriptionContext> {
  const firstLooks: FirstLooks = new SharedLooks()
  return {
    onSubscribe({ setSubscribeFn }) {
      setSubscribeFn((args: ExecutionArgs) => new Subscription({ ...options, firstLooks }, args).open())
    },
  }
}

/** The first answer. */
type First = Looked<FirstResult<unknown, unknown>>

/** The stream for the rights that the subscriber has now. */
type SourceOf = () => StreamSource<unknown, ExecutionResult>

class Subscription {
  readonly #options: Options & { firstLooks: FirstLooks }
  readonly #args: ExecutionArgs
  readonly #context: SubscriptionContext
  #session: Context
  /** The last answer that may be delivered in this turn of the event loop without checking the credential again. */
  #clearedTo: number | null = null
  #gathers = false

  constructor(options: Options & { firstLooks: FirstLooks }, args: ExecutionArgs) {
    this.#options = options
    this.#args = args
    this.#context = args.contextValue as SubscriptionContext
    this.#session = this.#context.session
  }

  /** Looks before anything is sent: what can't be subscribed to is refused like any request. */
  async open(): Promise<AsyncIterable<ExecutionResult> | ExecutionResult> {
    const session = this.#session
    refuseOtherAnswers(this.#context.request)
    void session.principal
    const query = await createSourceEventStream({ ...this.#args, contextValue: session })
    if (!(query instanceof LiveQuery)) return query as ExecutionResult
    if (session.tenantIsNew) throw notFound('tenant', ['X-Tenant-Id'])
    this.#options.subscribers.refuseFull(session.tenantId)
    const first = await this.#firstLook(query)
    if (first.result?.errors) return first.result
    return this.#stream(() => streamSourceOf(this.#options, this.#asked, query, first), first)
  }

  /** Shared by all who begin at the same place at the same moment: after a start, all pages come back together. */
  #firstLook(query: LiveQuery<unknown, unknown>): Promise<First> {
    const asked = this.#asked
    return this.#options.firstLooks.look(streamKeyOf(asked, null), () =>
      look(this.#options, asked, query, query.options.begin),
    )
  }

  get #asked(): Asked {
    return { args: this.#args, session: this.#session }
  }

  /** An iterable that can be left while it waits, which a generator by itself can't. */
  #stream(sourceOf: SourceOf, first: First): AsyncIterableIterator<ExecutionResult> {
    let subscriber: Subscriber<unknown, ExecutionResult> | null = null
    const answers = this.#answers(sourceOf, first, () => {
      const { tenantId } = this.#session
      subscriber = this.#options.subscribers.subscribe(tenantId, sourceOf(), first.cursor)
      // Its client left before it was counted.
      if (this.#context.request.signal.aborted) subscriber.leave()
      return subscriber
    })
    const leave = () => subscriber?.leave()
    this.#context.request.signal.addEventListener('abort', leave, { once: true })
    return {
      next: () => answers.next(),
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
      // Only with the first pull, so that a stream that nobody reads takes no place.
      subscriber = subscribe()
      if (first.result) yield* this.#handOver(subscriber, first.result)
      await subscriber.begun
      for (let next: Next = first.next; next !== 'END' && next !== 'FAILED'; ) {
        if (next === 'WAIT') await subscriber.waitForWakeup(this.#waitMs())
        const polled = subscriber.ended ? null : await this.#poll(sourceOf, subscriber)
        if (subscriber.ended === 'STOPPED') throw stopping()
        if (subscriber.ended || !polled) return
        if (polled.answer) yield* this.#handOver(subscriber, polled.answer)
        next = polled.next
      }
    } catch (error) {
      yield { errors: [toGraphQLError(error)] }
    } finally {
      subscriber?.leave()
    }
  }

  /** The next answer, read with rights that the credential still has after the read. */
  async #poll(
    sourceOf: SourceOf,
    subscriber: Subscriber<unknown, ExecutionResult>,
  ): Promise<Polled<unknown, ExecutionResult> | null> {
    for (;;) {
      const polled = await subscriber.poll()
      if (subscriber.ended) return null
      const isTold = polled.answer !== null || polled.next === 'END'
      if (subscriber.mustRenew || (isTold && !this.#isCleared(subscriber, polled))) {
        await subscriber.passTurnstile()
        subscriber.mustRenew = false
        if (await this.#hasOtherRights(subscriber.stream.lastNumber)) {
          this.#options.subscribers.move(this.#session.tenantId, subscriber, sourceOf())
          continue
        }
      }
      subscriber.place = polled.place
      return polled
    }
  }

  /** Checks the credential; throws if it has ended. */
  async #hasOtherRights(lastNumber: number): Promise<boolean> {
    const before = this.#session
    refuseExpired(before, this.#options.now())
    const session = await this.#context.renewSession()
    // The check may have waited for a connection until after the credential expired.
    refuseExpired(session, this.#options.now())
    if (session.tenantId !== before.tenantId)
      throw unauthenticated('This credential belongs to another tenant now.', 'INVALID')
    this.#session = session
    const hasOthers = rightsOf(session) !== rightsOf(before)
    this.#clearedTo = hasOthers ? null : lastNumber
    setImmediate(() => {
      this.#clearedTo = null
    })
    return hasOthers
  }

  /** Answers that are delivered in one turn of the event loop need only one check, if it came after all were read. */
  #isCleared({ place: before }: Subscriber<unknown, ExecutionResult>, { place }: Polled<unknown, unknown>): boolean {
    // A subscriber that is between two answers of its stream has read this one for itself.
    if (before.number === null || place.number === null || this.#clearedTo === null) return false
    return place.number <= this.#clearedTo
  }

  /** Until the client asks for more, the subscriber waits for nothing, and nothing is read for it. */
  *#handOver(subscriber: Subscriber<unknown, ExecutionResult>, answer: ExecutionResult) {
    subscriber.isPulling = false
    this.#gatherWrites()
    yield answer
    subscriber.isPulling = true
  }

  /** Answers of one turn leave the process in one write: a write costs more than everything else. */
  #gatherWrites() {
    const socket = this.#context.req?.socket
    if (!socket || this.#gathers) return
    this.#gathers = true
    socket.cork()
    setImmediate(() => {
      this.#gathers = false
      socket.uncork()
    })
  }

  /** Not beyond the moment in which the credential ends. */
  #waitMs(): number {
    const { expiresAt } = this.#session.principal
    if (expiresAt === null) return RECHECK_MS
    return Math.min(RECHECK_MS, Math.max(0, expiresAt.getTime() - this.#options.now().getTime()))
  }
}

/** Without allowance for other clocks: a stream ends at the moment that its token says. */
function refuseExpired({ principal }: Context, now: Date) {
  if (principal.expiresAt && principal.expiresAt <= now) {
    throw unauthenticated('The credential of this subscription has expired.', 'EXPIRED')
  }
}

const stopping = () =>
  new ParleyError('SERVER_STOPPING', 'This server stops. Subscribe again from the last position: another goes on.')

/** Yoga answers a stream to whoever takes one, and to anybody else 406 without a word. */
function refuseOtherAnswers({ headers }: Request) {
  const accepted = headers.get('accept') ?? '*/*'
  if (/text\/event-stream|text\/\*|\*\/\*/i.test(accepted)) return
  throw new ParleyError('BAD_USER_INPUT', 'A subscription is answered as a stream: send "Accept: text/event-stream".', {
    http: { status: 406 },
  })
}

const toGraphQLError = (error: unknown) =>
  error instanceof GraphQLError ? error : new GraphQLError('', { originalError: error as Error })
