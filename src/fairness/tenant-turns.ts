import { RecentUse } from './recent-use.ts'
import { MAX_REST_MS } from './rest.ts'
import { Party, Round } from './rounds.ts'

/** How many may wait: of a tenant's tokens together, and of everything else of the tenant. */
const MAX_WAITING = 64
/** Of those, how many may be one token's. */
const MAX_WAITING_OF_TOKEN = MAX_WAITING / 2

/** While others are active, a tenant may have more than one turn only if its latest turns are known to be shorter on average. */
const SHORT_MS = 50
/**
 * A tenant that has lately kept more than a fifth of a connection busy gets one turn at a time while others are active.
 * Otherwise all the statements that it may run would share the database's cores with theirs.
 */
const HEAVY_MS = 1_000
/** It stays heavy until its recent use is below this. */
const NO_LONGER_HEAVY_MS = 500

/** Starts waiting work. */
export type Start = (nowMs: number) => void

/** How many turns may run at a time. */
export interface Limits {
  perTenant: number
  perCredential: number
  perTokens: number
}

const UNKNOWN = Number.POSITIVE_INFINITY

export class Tenant extends Party {
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

  /** `ms`: its length, less the time in which the database stood still. */
  noteTurn(ms: number, nowMs: number) {
    this.lately.add(ms, nowMs)
    this.#meanTurnMs = this.#meanTurnMs === UNKNOWN ? ms : 0.8 * this.#meanTurnMs + 0.2 * ms
  }

  rest(ms: number, nowMs: number) {
    this.restsUntilMs = nowMs + Math.min(MAX_REST_MS, ms)
  }

  isHeavy(nowMs: number): boolean {
    const limitMs = this.#isHeavy ? NO_LONGER_HEAVY_MS : HEAVY_MS
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
export class Line extends Party {
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
