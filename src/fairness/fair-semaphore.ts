import { overloaded } from '../errors.ts'
import type { DatabaseBudget } from './database-budget.ts'
import { CREDENTIAL_OF_TENANT, type Holder, TOKENS_OF_TENANT } from './holder.ts'
import { RecentActivity } from './recent-activity.ts'
import { FADES_IN_MS, RecentUse } from './recent-use.ts'
import { MAX_REST_MS, MOST_REST_FACTOR, type Rest, restUnlessEnded } from './rest.ts'
import { leastUsed, Round } from './rounds.ts'
import { Standstill } from './standstill.ts'
import { type Limits, Line, type Start, Tenant } from './tenant-turns.ts'

interface Options {
  /** How many turns run at a time. */
  capacity: number
  /** How many of them one tenant may have. */
  perTenant: number
  /** How long to wait for a turn. */
  timeoutMs: number
  /** Whether an error means that the database did not answer. Default: none does. */
  isUnanswered?: (error: unknown) => boolean
}

/** Background work waits for everybody else, but no longer than this. */
const BACKGROUND_PATIENCE_MS = 5_000

/** The others use the database heavily if they keep this part of the turns busy. */
const BUSY_TURNS = 0.125
/**
 * A heavy tenant rests between its turns: a statement needs a core as well. Its rest is this many times as long as its
 * last turn if the others hardly use the database, and grows to MOST_REST_FACTOR times as they use it more.
 */
const REST_FACTOR = 2

/** How soon resting tenants are checked again, at the latest: the others may no longer be active. */
const LOOK_AGAIN_MS = 1_000

/** How often idle parties are forgotten. */
const SWEEP_EVERY_MS = 1_000

/**
 * Shares turns at the database, and thereby its time: first between tenants, then between the credentials of each. The
 * party that has used the fewest milliseconds is next (start-time fair queueing). A credential has at most half of its
 * tenant's turns, and tokens leave a quarter of them to keys: a token is public, and a flood of them must not shut out
 * the back end.
 */
export class FairSemaphore {
  readonly #capacity: number
  readonly #limits: Limits
  readonly #timeoutMs: number
  readonly #isUnanswered: (error: unknown) => boolean
  readonly #tenants = new Round<Tenant>()
  /** The tenants with something waiting. */
  readonly #waiting = new Set<Tenant>()
  readonly #background: { start(): void; sinceMs: number }[] = []
  #running = 0
  #isInBackground = false
  /** The activity of tenants whose turns have ended. */
  readonly #activity = new RecentActivity<Tenant>()
  #sweptMs = 0
  readonly #standstill = new Standstill()
  /** What all tenants used lately. */
  readonly #lately = new RecentUse()
  /** Checks again when the first resting tenant may start. */
  #alarm: NodeJS.Timeout | null = null

  constructor({ capacity, perTenant, timeoutMs, isUnanswered = () => false }: Options) {
    this.#capacity = capacity
    this.#isUnanswered = isUnanswered
    this.#timeoutMs = timeoutMs
    this.#limits = {
      perTenant,
      perCredential: Math.ceil(perTenant * CREDENTIAL_OF_TENANT),
      perTokens: Math.max(1, Math.floor(perTenant * TOKENS_OF_TENANT)),
    }
  }

  /**
   * Rejects with OVERLOADED if too many wait already or the wait is too long, and with the reason if the budget ends
   * meanwhile.
   */
  async run<Result>(holder: Holder, work: (rest: Rest) => Promise<Result>, budget?: DatabaseBudget): Promise<Result> {
    if (budget?.endedBy) throw budget.endedBy
    const line = this.#lineOf(holder)
    const nowMs = performance.now()
    // Nothing that could start is waiting, except after a rest that is over. A newcomer overtakes only other lines.
    const isNext = line.waiting.length === 0 && this.#mayStart(line, nowMs)
    const beganMs = isNext ? this.#begin(line, nowMs) : await this.#wait(line, budget)
    const spent = { restedMs: 0, restedForMs: 0 }
    const rest: Rest = {
      isOwed: () => this.#owesRest(line.tenant, beganMs),
      after: async (ms) => {
        const restMs = this.#restOf(line.tenant, ms)
        if (restMs === 0) return
        spent.restedForMs += ms
        spent.restedMs += await restUnlessEnded(restMs, budget)
      },
    }
    let answered = true
    try {
      return await work(rest)
    } catch (error) {
      answered = !this.#isUnanswered(error)
      throw error
    } finally {
      this.#end(line, { beganMs, answered, ...spent })
    }
  }

  #owesRest(tenant: Tenant, nowMs: number): boolean {
    return tenant.isHeavy(nowMs) && this.#hasActiveOthers(tenant, nowMs)
  }

  /** How long a tenant has to rest within its turn, after a statement that took this long. */
  #restOf(tenant: Tenant, ms: number): number {
    const nowMs = performance.now()
    if (!this.#owesRest(tenant, nowMs)) return 0
    return Math.min(MAX_REST_MS, ms * this.#restFactor(tenant, nowMs))
  }

  /** Upkeep: one piece at a time, after everybody else's work. */
  async runInBackground<Result>(work: () => Promise<Result>): Promise<Result> {
    await new Promise<void>((start) => {
      this.#background.push({ start, sinceMs: performance.now() })
      this.#startNext()
    })
    try {
      return await work()
    } finally {
      this.#running -= 1
      this.#isInBackground = false
      this.#startNext()
    }
  }

  /** Whether anybody but background work has a turn, or had one lately. */
  get isInUse(): boolean {
    return this.#running > (this.#isInBackground ? 1 : 0) || this.#activity.hasAny(performance.now())
  }

  /** Counts work that was done for a tenant elsewhere. */
  charge(tenantId: string, ms: number): void {
    const nowMs = performance.now()
    this.#tenantOf(tenantId).charge(ms, nowMs)
    this.#lately.add(ms, nowMs)
  }

  #tenantOf(id: string): Tenant {
    return this.#tenants.get(id, (usedMs) => new Tenant(usedMs))
  }

  #lineOf({ tenantId, credential, isKey }: Holder): Line {
    const tenant = this.#tenantOf(tenantId)
    return tenant.lines.get(credential, (usedMs) => new Line(usedMs, tenant, !isKey))
  }

  #mayStart(line: Line, nowMs: number): boolean {
    if (this.#running >= this.#capacity || !line.mayStart(this.#limits)) return false
    const { tenant } = line
    const isHeavy = tenant.isHeavy(nowMs)
    if (!isHeavy && (tenant.running === 0 || tenant.isQuick)) return true
    if (!this.#hasActiveOthers(tenant, nowMs)) return true
    return isHeavy && tenant.running === 0 && nowMs >= tenant.restsUntilMs
  }

  #hasActiveOthers(tenant: Tenant, nowMs: number): boolean {
    if (this.#running > tenant.running + (this.#isInBackground ? 1 : 0)) return true
    return this.#activity.hasOthers(tenant, nowMs)
  }

  #restFactor(tenant: Tenant, nowMs: number): number {
    return REST_FACTOR + (MOST_REST_FACTOR - REST_FACTOR) * this.#useOfOthers(tenant, nowMs)
  }

  /** How heavily the others use the database, between 0 and 1. */
  #useOfOthers(tenant: Tenant, nowMs: number): number {
    const othersMs = Math.max(0, this.#lately.at(nowMs) - tenant.lately.at(nowMs))
    return Math.min(1, othersMs / FADES_IN_MS / (this.#capacity * BUSY_TURNS))
  }

  #begin(line: Line, nowMs: number): number {
    const { tenant } = line
    this.#standstill.noteBegin(nowMs, tenant.running === 0)
    this.#tenants.turnTo(tenant, nowMs)
    tenant.lines.turnTo(line, nowMs)
    this.#running += 1
    if (line.isToken) tenant.runningTokens += 1
    return nowMs
  }

  #end(line: Line, { beganMs, answered, restedMs, restedForMs }: Turn) {
    const nowMs = performance.now()
    const { tenant } = line
    this.#standstill.noteEnd(nowMs, answered)
    tenant.end(beganMs, nowMs - restedMs)
    const ms = Math.max(0, nowMs - Math.max(beganMs, this.#standstill.untilMs) - restedMs)
    this.#lately.add(ms, nowMs)
    tenant.noteTurn(ms, nowMs)
    tenant.rest(Math.max(0, ms - restedForMs) * this.#restFactor(tenant, nowMs), nowMs)
    line.end(beganMs, nowMs - restedMs)
    if (tenant.running === 0) this.#standstill.noteLast()
    this.#running -= 1
    if (line.isToken) tenant.runningTokens -= 1
    this.#activity.note(tenant, nowMs)
    this.#startNext()
    if (answered) this.#standstill.noteAnswer()
    if (nowMs - this.#sweptMs < SWEEP_EVERY_MS) return
    this.#sweptMs = nowMs
    for (const { lines } of this.#tenants.members()) lines.forgetIdle()
    this.#tenants.forgetIdle()
  }

  /** Resolves when the turn has begun. */
  #wait(line: Line, budget: DatabaseBudget | undefined): Promise<number> {
    if (line.isFull()) throw overloaded()
    const { tenant } = line
    return new Promise((resolve, reject) => {
      const leave = () => {
        clearTimeout(timer)
        forget?.()
        line.leave(start)
        if (tenant.waiting.size === 0) this.#waiting.delete(tenant)
      }
      const stop = (reason: Error) => {
        leave()
        reject(reason)
      }
      const start = (nowMs: number) => {
        leave()
        resolve(this.#begin(line, nowMs))
      }
      const timer = setTimeout(() => stop(overloaded()), this.#timeoutMs)
      const forget = budget?.whenEnded(stop)
      line.enter(start)
      this.#waiting.add(tenant)
      this.#startNext()
    })
  }

  #startNext() {
    while (this.#running < this.#capacity && (this.#waiting.size > 0 || this.#background.length > 0)) {
      const nowMs = performance.now()
      const start = this.#next(nowMs)
      if (!start) return this.#setAlarm(nowMs)
      start(nowMs)
    }
  }

  /** It may be that no turn ends before the rest is over, or before the others are no longer active. */
  #setAlarm(nowMs: number) {
    const rests = [...this.#waiting].map(({ restsUntilMs }) => restsUntilMs).filter((untilMs) => untilMs > nowMs)
    if (rests.length === 0 || this.#alarm) return
    const delayMs = Math.min(LOOK_AGAIN_MS, Math.max(1, Math.min(...rests) - nowMs))
    this.#alarm = setTimeout(() => {
      this.#alarm = null
      this.#startNext()
    }, delayMs)
  }

  #next(nowMs: number): Start | undefined {
    const background = this.#isInBackground ? undefined : this.#background[0]
    if (background && nowMs - background.sinceMs >= BACKGROUND_PATIENCE_MS) return this.#startBackground
    const firstOf = (line: Line) => (this.#mayStart(line, nowMs) ? line.waiting[0] : undefined)
    const start = leastUsed(this.#waiting, nowMs, (tenant) => leastUsed(tenant.waiting, nowMs, firstOf))
    return start ?? (background && this.#startBackground)
  }

  readonly #startBackground = () => {
    this.#running += 1
    this.#isInBackground = true
    this.#background.shift()?.start()
  }
}

/** A turn that ends. */
interface Turn {
  beganMs: number
  answered: boolean
  /** The rests within the turn. */
  restedMs: number
  /** How long the statements before these rests took. */
  restedForMs: number
}
