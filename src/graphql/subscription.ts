import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, execute, GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Context } from '../context.ts'
import type { Database } from '../database/connect.ts'
import { transaction } from '../database/transaction.ts'
import type { LiveChanges } from '../domain/live-changes.ts'
import type { Seat } from '../domain/seat.ts'
import { notFound, ParleyError, unauthenticated } from '../errors.ts'
import { LIVE_SCOPE, LiveQuery, type Turn } from './live-query.ts'

/** A credential is looked at before each delivery, and where nothing is delivered this often: as the feed's look, too. */
const RECHECK_MS = 10_000

export interface SubscriptionContext {
  request: Request
  session: Context
  /** The same request's session as of now; throws when its credential is no longer taken. */
  renewSession: () => Promise<Context>
}

interface Options {
  database: Database
  changes: LiveChanges
  now: () => Date
}

/**
 * Subscriptions: each event is read and answered in a short transaction of its own, behind both walls, with what the
 * credential may see at that moment. None is open while a subscription waits. Events are read when the client takes
 * them: for a slow one nothing piles up.
 */
export function useSubscriptions(options: Options): Plugin<SubscriptionContext> {
  return {
    onSubscribe({ setSubscribeFn }) {
      setSubscribeFn((args: ExecutionArgs) => new Subscription(options, args).open())
    },
  }
}

/** What a turn came to: an answer, if there was something to tell, and how to go on. */
interface Delivery {
  result: ExecutionResult | null
  next: Turn<unknown>['next']
}

class Subscription {
  readonly #options: Options
  readonly #args: ExecutionArgs
  readonly #context: SubscriptionContext
  #session: Context

  constructor(options: Options, args: ExecutionArgs) {
    this.#options = options
    this.#args = args
    this.#context = args.contextValue as SubscriptionContext
    this.#session = this.#context.session
  }

  /** Takes the first turn before anything is sent: what can't be subscribed to is refused like any request. */
  async open(): Promise<AsyncIterable<ExecutionResult> | ExecutionResult> {
    const session = this.#session
    refuseOtherAnswers(this.#context.request)
    void session.principal
    const query = await createSourceEventStream({ ...this.#args, contextValue: session })
    if (!(query instanceof LiveQuery)) return query as ExecutionResult
    if (session.tenantIsNew) throw notFound('tenant', ['X-Tenant-Id'])
    this.#options.changes.refuseFull(session.tenantId)
    const first = await this.#take(query)
    if (first.result?.errors) return first.result
    return this.#stream(query, first)
  }

  /** An iterable that can be left while it waits, which a generator by itself can't. */
  #stream(query: LiveQuery<unknown>, first: Delivery): AsyncIterableIterator<ExecutionResult> {
    let seat: Seat | null = null
    const deliveries = this.#deliveries(query, first, async () => {
      seat = await this.#options.changes.takeSeat(this.#session.tenantId, query.conversationId)
      // Gone before it sat down.
      if (this.#context.request.signal.aborted) seat.leave()
      return seat
    })
    const leave = () => seat?.leave()
    this.#context.request.signal.addEventListener('abort', leave, { once: true })
    return {
      next: () => deliveries.next(),
      return: () => {
        leave()
        return deliveries.return(undefined)
      },
      [Symbol.asyncIterator]() {
        return this
      },
    }
  }

  async *#deliveries(
    query: LiveQuery<unknown>,
    first: Delivery,
    takeSeat: () => Promise<Seat>,
  ): AsyncGenerator<ExecutionResult, undefined> {
    let seat: Seat | null = null
    try {
      // Taken with the first pull, so that an answer that nobody reads holds none.
      seat = await takeSeat()
      for (let delivery = first; ; delivery = await this.#deliver(query)) {
        if (delivery.result) yield delivery.result
        // What failed was not delivered: to go on behind it would be to lose it.
        if (delivery.result?.errors || delivery.next === 'END') return
        if (delivery.next === 'WAIT') await seat.woken(this.#waitMs())
        if (seat.ended === 'LEFT') return
        if (seat.ended === 'STOPPED') throw stopping()
      }
    } catch (error) {
      yield { errors: [toGraphQLError(error)] }
    } finally {
      seat?.leave()
    }
  }

  async #deliver(query: LiveQuery<unknown>): Promise<Delivery> {
    return this.#options.changes.turn(async () => {
      refuseExpired(this.#session, this.#options.now())
      this.#session = await this.#context.renewSession()
      const delivery = await this.#take(query)
      // It may have waited for a connection beyond that moment.
      refuseExpired(this.#session, this.#options.now())
      return delivery
    })
  }

  /** One turn in one transaction: what is new, and the answer made of it. */
  async #take(query: LiveQuery<unknown>): Promise<Delivery> {
    const { tenantId, lock } = this.#session
    const reach = { tenantId, lock, admin: this.#session.has('ADMIN'), readOnly: true }
    return transaction(this.#options.database, reach, async (client) => {
      const contextValue = this.#session.inside(client)
      contextValue.require(LIVE_SCOPE)
      const { event, next } = await query.next(contextValue)
      if (event === null) return { result: null, next }
      return { result: await execute({ ...this.#args, rootValue: event, contextValue }), next }
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
