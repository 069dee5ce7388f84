import { AsyncLocalStorage } from 'node:async_hooks'
import type pg from 'pg'
import { DatabaseBudget } from '../fairness/database-budget.ts'
import { FairSemaphore } from '../fairness/fair-semaphore.ts'
import type { Holder } from '../fairness/holder.ts'
import type { Rest } from '../fairness/rest.ts'
import { OutcomeUnknown, passingFailure } from './failure.ts'
import { streamOf } from './sql-transactions.ts'

/** Connections that transactions leave free for authentication, /ready, rate-limit counts and the audit log. */
const RESERVED = 2

/** A piece of work with the database, which ends with its request's budget. */
export class Turn {
  readonly #budget: DatabaseBudget
  readonly rest: Rest
  #client: pg.PoolClient | null = null

  constructor(budget: DatabaseBudget, rest: Rest) {
    this.#budget = budget
    this.rest = rest
  }

  /** From now until it is released, the connection is closed if the work is to end. */
  hold(client: pg.PoolClient): void {
    this.#client = client
    holders.set(client, this)
    if (this.#budget.endedBy) this.close()
  }

  letGo(): void {
    this.#client = null
  }

  close(): void {
    if (this.#client) streamOf(this.#client).destroy()
  }
}

const holders = new WeakMap<pg.PoolClient, Turn>()

/**
 * For Prisma, which connects by itself. All other code passes its turn explicitly, which is cheaper: this costs more at
 * each `await`.
 */
const turnOfPrisma = new AsyncLocalStorage<Turn>()

/** Within `work`, connections that Prisma takes belong to this turn. */
export const throughTurn = <Result>(turn: Turn, work: () => Promise<Result>): Promise<Result> =>
  turnOfPrisma.run(turn, work)

export interface TurnOptions {
  tenantId: string | null
  /** Default: the tenant as a whole. */
  holder?: Holder | null
  /** The budget of the request. Default: one of its own. */
  budget?: DatabaseBudget | null
  /** Uses a reserved connection, for work that others must not be able to hold up. */
  isReserved?: boolean
}

/** Gives transactions their turns at the database, in an order that is fair to all tenants. */
export class Turns {
  readonly #semaphore: FairSemaphore
  readonly #limitMs: number

  /** `connections`: how many transactions can be open at a time. */
  constructor(options: { connections: number; connectTimeoutMs: number; statementTimeoutMs: number }) {
    const { connections, connectTimeoutMs, statementTimeoutMs } = options
    const capacity = Math.max(1, connections - RESERVED)
    const perTenant = Math.min(capacity, Math.max(1, Math.floor(connections / 2)))
    this.#semaphore = new FairSemaphore({
      ...{ capacity, perTenant, timeoutMs: connectTimeoutMs },
      isUnanswered: (error) => passingFailure(error) !== null,
    })
    this.#limitMs = statementTimeoutMs
  }

  /**
   * Rejects with OVERLOADED if it gets no turn in time, and with LIMIT_EXCEEDED if it takes longer than the request
   * may. Work that is ended while it runs loses its connection, because cancelling by process id could hit the next
   * user of the connection.
   */
  run<Result>(options: TurnOptions, work: (turn: Turn) => Promise<Result>): Promise<Result> {
    const budget = options.budget ?? new DatabaseBudget(this.#limitMs)
    const inTurn = (rest: Rest) => budget.spend(() => withTurn(budget, rest, work))
    if (options.isReserved) return inTurn(noRest)
    const holder = options.holder ?? { tenantId: options.tenantId ?? '', credential: '', isKey: true }
    return this.#semaphore.run(holder, inTurn, budget)
  }

  /** Upkeep that no request waits for. Its statements are limited one by one, not in sum. */
  runInBackground<Result>(work: (turn: Turn) => Promise<Result>): Promise<Result> {
    return this.#semaphore.runInBackground(() => withTurn(new DatabaseBudget(this.#limitMs), noRest, work))
  }

  /** Whether anybody but background work has a turn, or had one recently. */
  get areInUse(): boolean {
    return this.#semaphore.isInUse
  }

  /** Counts work that was done for a tenant outside the database. */
  charge(tenantId: string, ms: number): void {
    this.#semaphore.charge(tenantId, ms)
  }
}

const noRest: Rest = { isOwed: () => false, after: async () => {} }

async function withTurn<Result>(
  budget: DatabaseBudget,
  rest: Rest,
  work: (turn: Turn) => Promise<Result>,
): Promise<Result> {
  const turn = new Turn(budget, rest)
  const forget = budget.whenEnded(() => turn.close())
  try {
    return await work(turn)
  } catch (error) {
    throw error instanceof OutcomeUnknown ? error : (budget.endedBy ?? error)
  } finally {
    forget()
  }
}

/** Gives each turn the connections that Prisma takes for it, for no longer than the turn holds them. */
export function connectWithTurns(pool: pg.Pool): void {
  pool.on('release', (_error, client) => {
    holders.get(client)?.letGo()
    holders.delete(client)
  })
  const connect = pool.connect.bind(pool) as (callback?: unknown) => Promise<pg.PoolClient>
  const connectFor = async (turn: Turn) => {
    const client = await connect()
    turn.hold(client)
    return client
  }
  pool.connect = ((callback?: unknown) => {
    const turn = callback === undefined ? turnOfPrisma.getStore() : undefined
    return turn ? connectFor(turn) : connect(callback)
  }) as typeof pool.connect
}
