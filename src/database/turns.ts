import { AsyncLocalStorage } from 'node:async_hooks'
import type pg from 'pg'
import { DatabaseBudget } from './budget.ts'
import { OutcomeUnknown } from './failure.ts'
import { FairSemaphore } from './fair-semaphore.ts'
import type { Holder } from './holder.ts'
import { streamOf } from './statements.ts'

/** Connections that transactions leave to authentication, /ready, rate-limit counts and the audit log. */
const RESERVED = 2

/** Whoever works with the database now, and how that is ended. */
interface Turn {
  readonly budget: DatabaseBudget
  /** Closes the connection that it holds. */
  close: (() => void) | null
}

const turns = new AsyncLocalStorage<Turn>()

export interface TurnOptions {
  tenantId: string | null
  /** Default: the tenant as a whole. */
  holder?: Holder | null
  /** Of the request. Default: one of its own. */
  budget?: DatabaseBudget | null
  /** Uses a reserved connection: what others must not be able to keep from happening. */
  isReserved?: boolean
}

/** Lets transactions have their turn at the database, in an order that is fair to all tenants. */
export class Turns {
  readonly #semaphore: FairSemaphore
  readonly #limitMs: number

  /** `connections`: how many transactions can be open at a time. */
  constructor(options: { connections: number; connectTimeoutMs: number; statementTimeoutMs: number }) {
    const { connections, connectTimeoutMs, statementTimeoutMs } = options
    const capacity = Math.max(1, connections - RESERVED)
    const perTenant = Math.min(capacity, Math.max(1, Math.floor(connections / 2)))
    this.#semaphore = new FairSemaphore({ capacity, perTenant, timeoutMs: connectTimeoutMs })
    this.#limitMs = statementTimeoutMs
  }

  /**
   * Rejects with OVERLOADED if there is no turn for it in time, and with LIMIT_EXCEEDED if it takes longer than the request
   * may take. What is ended while it runs loses its connection, since to cancel by process id could hit whoever has it next.
   */
  run<Result>(options: TurnOptions, work: () => Promise<Result>): Promise<Result> {
    const budget = options.budget ?? new DatabaseBudget(this.#limitMs)
    const inTurn = () => budget.spend(() => withTurn(budget, work))
    if (options.isReserved) return inTurn()
    const holder = options.holder ?? { tenantId: options.tenantId ?? '', credential: '', isKey: true }
    return this.#semaphore.run(holder, inTurn, budget)
  }

  /** Upkeep that no request waits for. */
  runInBackground<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#semaphore.runInBackground(work)
  }

  /** Counts work that was done for a tenant outside of the database. */
  charge(tenantId: string, ms: number): void {
    this.#semaphore.charge(tenantId, ms)
  }
}

async function withTurn<Result>(budget: DatabaseBudget, work: () => Promise<Result>): Promise<Result> {
  const turn: Turn = { budget, close: null }
  const forget = budget.whenEnded(() => turn.close?.())
  try {
    return await turns.run(turn, work)
  } catch (error) {
    throw error instanceof OutcomeUnknown ? error : (budget.endedBy ?? error)
  } finally {
    forget()
  }
}

/** Lets each turn close the connection that it holds, for as long as it holds it. */
export function closeWithTurns(pool: pg.Pool): void {
  const holders = new WeakMap<pg.PoolClient, Turn>()
  pool.on('release', (_error, client) => {
    const turn = holders.get(client)
    if (turn) turn.close = null
    holders.delete(client)
  })
  const connect = pool.connect.bind(pool) as (callback?: unknown) => Promise<pg.PoolClient>
  const connectInTurn = async (turn: Turn) => {
    const client = await connect()
    holders.set(client, turn)
    turn.close = () => streamOf(client).destroy()
    if (turn.budget.endedBy) turn.close()
    return client
  }
  pool.connect = ((callback?: unknown) => {
    const turn = callback === undefined ? turns.getStore() : undefined
    return turn ? connectInTurn(turn) : connect(callback)
  }) as typeof pool.connect
}
