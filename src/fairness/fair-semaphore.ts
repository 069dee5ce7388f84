import { overloaded } from '../errors.ts'
import type { DatabaseBudget } from './database-budget.ts'
import { CREDENTIAL_OF_TENANT, type Holder, TOKENS_OF_TENANT } from './holder.ts'
import { RecentActivity } from './recent-activity.ts'

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

/** How many may wait: of a tenant's tokens together, and of everything else of the tenant. */
const MAX_WAITING = 64
/** Of those, how many may be one token's. */
const MAX_WAITING_OF_TOKEN = MAX_WAITING / 2

/** Background work waits for everybody else, but no longer than this. */
const BACKGROUND_PATIENCE_MS = 5_000

/** The others use the database much if they keep this part of the turns busy. */
const BUSY_TURNS = 0.125
/**
 * A tenant that has lately kept more than a fifth of a connection busy gets one turn at a time while others are active.
 * Otherwise as many of its statements as it may have would share the database's cores with theirs. It is less than a fifth
 * the more the others use the database, down to the least if they use it much.
 */
const HEAVY_MS = 1_000
const LEAST_HEAVY_MS = 300
/** It stays heavy until its recent use is below this part of that. */
const NO_LONGER_HEAVY = 0.5
/**
 * Between these turns it rests: a statement needs a core as well. Its rest is this many times as long as the last turn took
 * if the others hardly use the database, and longer the more they do, up to the most if they use it much.
 */
const REST_FACTOR = 2
const MOST_REST_FACTOR = 20
const MAX_REST_MS = 20_000
/** While others are active, a tenant has more than one turn only if the mean of its latest ones is known to be shorter. */
const SHORT_MS = 50
/**
 * If several tenants have had running turns for so long, and none was answered, then the database stands still. That is
 * nobody's use, and nobody rests for it: after a pause of 12 s, all tenants rested for 10.
 */
const STALL_MS = 1_000
const NEVER = Number.POSITIVE_INFINITY
/** What "lately" means: use fades over time, to about a third after this long. */
const FADES_IN_MS = 5_000

/** How soon those that rest are looked at again, at the latest: the others may no longer be active. */
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
  /** Of tenants whose turns have ended. */
  readonly #activity = new RecentActivity<Tenant>()
  #sweptMs = 0
  /** Tenants with a running turn. */
  #busyTenants = 0
  /** Since when these have been several. */
  #severalSinceMs = NEVER
  #lastAnswerMs = 0
  /** When the database last went on after it had stood still. */
  #stalledUntilMs = 0
  /** What all tenants used. */
  readonly #lately = new RecentUse()
  /** Looks again when the first of those that rest may start. */
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
    // Nothing that could start is waiting, except behind a rest that is over. A newcomer overtakes only other lines.
    const isNext = line.waiting.length === 0 && this.#mayStart(line, nowMs)
    const beganMs = isNext ? this.#begin(line, nowMs) : await this.#wait(line, budget)
    const spent = { restedMs: 0, restedForMs: 0 }
    const rest: Rest = {
      isOwed: () => this.#owesRest(line.tenant, beganMs),
      after: async (ms) => {
        spent.restedForMs += ms
        const restMs = this.#restOf(line.tenant, ms)
        if (restMs > 0) spent.restedMs += await restUnlessEnded(restMs, budget)
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
    return this.#isHeavy(tenant, nowMs) && this.#hasActiveOthers(tenant, nowMs)
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
    const isHeavy = this.#isHeavy(tenant, nowMs)
    if (!isHeavy && (tenant.running === 0 || tenant.isQuick)) return true
    if (!this.#hasActiveOthers(tenant, nowMs)) return true
    return isHeavy && tenant.running === 0 && nowMs >= tenant.restsUntilMs
  }

  #hasActiveOthers(tenant: Tenant, nowMs: number): boolean {
    if (this.#running > tenant.running + (this.#isInBackground ? 1 : 0)) return true
    return this.#activity.hasOthers(tenant, nowMs)
  }

  #isHeavy(tenant: Tenant, nowMs: number): boolean {
    return tenant.isHeavy(nowMs, between(HEAVY_MS, LEAST_HEAVY_MS, this.#useOfOthers(tenant, nowMs)))
  }

  #restFactor(tenant: Tenant, nowMs: number): number {
    return between(REST_FACTOR, MOST_REST_FACTOR, this.#useOfOthers(tenant, nowMs))
  }

  /** How much the others use the database, between 0 and 1: much. */
  #useOfOthers(tenant: Tenant, nowMs: number): number {
    const othersMs = Math.max(0, this.#lately.at(nowMs) - tenant.lately.at(nowMs))
    return Math.min(1, othersMs / FADES_IN_MS / (this.#capacity * BUSY_TURNS))
  }

  #begin(line: Line, nowMs: number): number {
    const { tenant } = line
    if (tenant.running === 0) this.#busyTenants += 1
    if (this.#busyTenants > 1) this.#severalSinceMs = Math.min(this.#severalSinceMs, nowMs)
    this.#tenants.turnTo(tenant, nowMs)
    tenant.lines.turnTo(line, nowMs)
    this.#running += 1
    if (line.isToken) tenant.runningTokens += 1
    return nowMs
  }

  #end(line: Line, { beganMs, answered, restedMs, restedForMs }: Turn) {
    const nowMs = performance.now()
    const { tenant } = line
    this.#noteStall(nowMs, answered)
    tenant.end(beganMs, nowMs - restedMs)
    const ms = Math.max(0, nowMs - Math.max(beganMs, this.#stalledUntilMs) - restedMs)
    this.#lately.add(ms, nowMs)
    tenant.noteTurn(ms, nowMs)
    tenant.rest(Math.max(0, ms - restedForMs) * this.#restFactor(tenant, nowMs), nowMs)
    line.end(beganMs, nowMs - restedMs)
    if (tenant.running === 0) this.#busyTenants -= 1
    this.#running -= 1
    if (line.isToken) tenant.runningTokens -= 1
    this.#activity.note(tenant, nowMs)
    this.#startNext()
    // Before there is an answer, those whose turns failed still count.
    if (answered && this.#busyTenants < 2) this.#severalSinceMs = NEVER
    if (nowMs - this.#sweptMs < SWEEP_EVERY_MS) return
    this.#sweptMs = nowMs
    for (const { lines } of this.#tenants.members()) lines.forgetIdle()
    this.#tenants.forgetIdle()
  }

  /** A turn ends. One that failed because the database is not available does not say that it goes on. */
  #noteStall(nowMs: number, answered: boolean) {
    if (nowMs - Math.max(this.#lastAnswerMs, this.#severalSinceMs) > STALL_MS) this.#stalledUntilMs = nowMs
    if (answered) this.#lastAnswerMs = nowMs
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

  /** Nobody's end may come before the rest is over, or before the others are no longer active. */
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

/** Of a tenant that keeps the database busy, within its turn. */
export interface Rest {
  /** Whether there are rests, as far as is known when the turn begins. */
  isOwed(): boolean
  /** To be awaited between two statements, with the milliseconds that the first of them took. */
  after(ms: number): Promise<void>
}

/** A turn that ends. */
interface Turn {
  beganMs: number
  answered: boolean
  /** In it. */
  restedMs: number
  /** After statements that took so long. */
  restedForMs: number
}

/** Returns how long the rest was, which does not count. Nobody needs the rest of a turn whose budget has ended. */
async function restUnlessEnded(ms: number, budget: DatabaseBudget | undefined): Promise<number> {
  const beganMs = performance.now()
  // Before it: the budget would end meanwhile.
  budget?.exclude(ms)
  await new Promise<void>((resolve) => {
    const forget = budget?.whenEnded(() => end())
    const timer = setTimeout(() => end(), ms)
    const end = () => {
      clearTimeout(timer)
      forget?.()
      resolve()
    }
  })
  return performance.now() - beganMs
}

/** Starts waiting work. */
type Start = (nowMs: number) => void

/** How many turns may run at a time. */
interface Limits {
  perTenant: number
  perCredential: number
  perTokens: number
}

/** A party whose use is measured. */
abstract class Party {
  running = 0
  /** What it has used, on top of what others had used when it began. Only differences mean anything. */
  #usedMs: number
  /** The sum of the times at which its running work began. */
  #beganSumMs = 0

  constructor(usedMs: number) {
    this.#usedMs = usedMs
  }

  abstract get isIdle(): boolean

  get isForgettable(): boolean {
    return this.isIdle
  }

  usedMs(nowMs: number): number {
    return this.#usedMs + this.runningMs(nowMs)
  }

  /** How long its running work has been running, in all. */
  runningMs(nowMs: number): number {
    return this.running * nowMs - this.#beganSumMs
  }

  /** Idle time earns no credit. */
  raiseTo(usedMs: number) {
    this.#usedMs = Math.max(this.#usedMs, usedMs)
  }

  begin(nowMs: number) {
    this.running += 1
    this.#beganSumMs += nowMs
  }

  end(beganMs: number, endedMs: number) {
    this.running -= 1
    this.#beganSumMs = this.running === 0 ? 0 : this.#beganSumMs - beganMs
    this.use(endedMs - beganMs)
  }

  use(ms: number) {
    this.#usedMs += ms
  }
}

/** Parties that take turns. */
class Round<Member extends Party> {
  readonly #members = new Map<string, Member>()
  /** What the party whose turn came last had used. */
  #frontMs = 0

  members(): Iterable<Member> {
    return this.#members.values()
  }

  get(name: string, make: (usedMs: number) => Member): Member {
    const known = this.#members.get(name)
    if (known) {
      if (known.isIdle) known.raiseTo(this.#frontMs)
      return known
    }
    const made = make(this.#frontMs)
    this.#members.set(name, made)
    return made
  }

  turnTo(member: Member, nowMs: number) {
    this.#frontMs = Math.max(this.#frontMs, member.usedMs(nowMs))
    member.begin(nowMs)
  }

  /** Those that have used more than others stay until the others have caught up. */
  forgetIdle() {
    for (const [name, member] of this.#members) {
      if (member.isForgettable && member.usedMs(0) <= this.#frontMs) this.#members.delete(name)
    }
  }

  get isEmpty(): boolean {
    return this.#members.size === 0
  }
}

/** What `find` returns for the party that has used least, of those for which it returns something. */
function leastUsed<Member extends Party, Found>(
  members: Iterable<Member>,
  nowMs: number,
  find: (member: Member) => Found | undefined,
): Found | undefined {
  let [next, leastMs]: [Found | undefined, number] = [undefined, Number.POSITIVE_INFINITY]
  for (const member of members) {
    const usedMs = member.usedMs(nowMs)
    const found = usedMs < leastMs ? find(member) : undefined
    if (found !== undefined) [next, leastMs] = [found, usedMs]
  }
  return next
}

const between = (first: number, last: number, part: number) => first + (last - first) * part

/** Milliseconds that were used lately. */
class RecentUse {
  #ms = 0
  #atMs = 0

  add(ms: number, nowMs: number) {
    this.#ms = this.at(nowMs) + ms
    this.#atMs = nowMs
  }

  at(nowMs: number): number {
    return this.#ms * Math.exp((this.#atMs - nowMs) / FADES_IN_MS)
  }
}

const UNKNOWN = Number.POSITIVE_INFINITY

class Tenant extends Party {
  readonly lines = new Round<Line>()
  /** When its rest ends, if it is heavy. */
  restsUntilMs = 0
  /** Its lines with something waiting. */
  readonly waiting = new Set<Line>()
  readonly lately = new RecentUse()
  #isHeavy = false
  #meanTurnMs = UNKNOWN
  runningTokens = 0
  waitingTokens = 0
  waitingOthers = 0

  charge(ms: number, nowMs: number) {
    this.use(ms)
    this.lately.add(ms, nowMs)
  }

  /** Whether its turns are known to be short. */
  get isQuick(): boolean {
    return this.#meanTurnMs < SHORT_MS
  }

  /** Its length, less the time in which the database stood still. */
  noteTurn(ms: number, nowMs: number) {
    this.lately.add(ms, nowMs)
    this.#meanTurnMs = this.#meanTurnMs === UNKNOWN ? ms : 0.8 * this.#meanTurnMs + 0.2 * ms
  }

  rest(ms: number, nowMs: number) {
    this.restsUntilMs = nowMs + Math.min(MAX_REST_MS, ms)
  }

  isHeavy(nowMs: number, heavyMs: number): boolean {
    const limitMs = this.#isHeavy ? heavyMs * NO_LONGER_HEAVY : heavyMs
    this.#isHeavy = this.lately.at(nowMs) + this.runningMs(nowMs) > limitMs
    return this.#isHeavy
  }

  get isIdle(): boolean {
    return this.running === 0 && this.waiting.size === 0
  }

  override get isForgettable(): boolean {
    return this.isIdle && this.lines.isEmpty
  }
}

/** The waiting and running work of one credential of a tenant. */
class Line extends Party {
  readonly isToken: boolean
  readonly tenant: Tenant
  /** Each starts one piece of work. */
  readonly waiting: Start[] = []

  constructor(usedMs: number, tenant: Tenant, isToken: boolean) {
    super(usedMs)
    this.tenant = tenant
    this.isToken = isToken
  }

  get isIdle(): boolean {
    return this.running === 0 && this.waiting.length === 0
  }

  mayStart({ perTenant, perCredential, perTokens }: Limits): boolean {
    if (this.running >= perCredential || this.tenant.running >= perTenant) return false
    return !this.isToken || this.tenant.runningTokens < perTokens
  }

  isFull(): boolean {
    const { waitingTokens, waitingOthers } = this.tenant
    if (!this.isToken) return waitingOthers >= MAX_WAITING
    return waitingTokens >= MAX_WAITING || this.waiting.length >= MAX_WAITING_OF_TOKEN
  }

  enter(start: Start) {
    this.waiting.push(start)
    this.tenant.waiting.add(this)
    this.#count(1)
  }

  leave(start: Start) {
    this.waiting.splice(this.waiting.indexOf(start), 1)
    if (this.waiting.length === 0) this.tenant.waiting.delete(this)
    this.#count(-1)
  }

  #count(change: 1 | -1) {
    if (this.isToken) this.tenant.waitingTokens += change
    else this.tenant.waitingOthers += change
  }
}
