/**
 * If several tenants have had running turns for this long, and none was answered, then the database stands still. That
 * time counts for nobody, and nobody rests for it: after a pause of 12 s, all tenants rested for 10 s.
 */
const STALL_MS = 1_000
const NEVER = Number.POSITIVE_INFINITY

/** Notices when the database stands still. */
export class Standstill {
  /** Tenants with a running turn. */
  #busyTenants = 0
  /** Since when there have been several. */
  #severalSinceMs = NEVER
  #lastAnswerMs = 0
  /** When the database last resumed after a standstill. */
  untilMs = 0

  /** A turn begins; `isFirst`: its tenant has no other that runs. */
  noteBegin(nowMs: number, isFirst: boolean): void {
    if (isFirst) this.#busyTenants += 1
    if (this.#busyTenants > 1) this.#severalSinceMs = Math.min(this.#severalSinceMs, nowMs)
  }

  /** A turn ends. If it failed because the database is not available, that does not mean that the database has resumed. */
  noteEnd(nowMs: number, answered: boolean): void {
    if (nowMs - Math.max(this.#lastAnswerMs, this.#severalSinceMs) > STALL_MS) this.untilMs = nowMs
    if (answered) this.#lastAnswerMs = nowMs
  }

  /** A tenant has no more running turns. */
  noteLast(): void {
    this.#busyTenants -= 1
  }

  /** Call this after an answer, once other turns have begun. Until there is one, tenants whose turns failed still count. */
  noteAnswer(): void {
    if (this.#busyTenants < 2) this.#severalSinceMs = NEVER
  }
}
