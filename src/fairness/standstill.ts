/**
 * If several tenants have had running turns for so long, and none was answered, then the database stands still. That is
 * nobody's use, and nobody rests for it: after a pause of 12 s, all tenants rested for 10.
 */
const STALL_MS = 1_000
const NEVER = Number.POSITIVE_INFINITY

/** Notices when the database stands still. */
export class Standstill {
  /** Tenants with a running turn. */
  #busyTenants = 0
  /** Since when these have been several. */
  #severalSinceMs = NEVER
  #lastAnswerMs = 0
  /** When the database last went on after it had stood still. */
  untilMs = 0

  /** A turn begins; `isFirst`: its tenant has no other that runs. */
  noteBegin(nowMs: number, isFirst: boolean): void {
    if (isFirst) this.#busyTenants += 1
    if (this.#busyTenants > 1) this.#severalSinceMs = Math.min(this.#severalSinceMs, nowMs)
  }

  /** A turn ends. One that failed because the database is not available does not say that it goes on. */
  noteEnd(nowMs: number, answered: boolean): void {
    if (nowMs - Math.max(this.#lastAnswerMs, this.#severalSinceMs) > STALL_MS) this.untilMs = nowMs
    if (answered) this.#lastAnswerMs = nowMs
  }

  /** A tenant has no more turns that run. */
  noteLast(): void {
    this.#busyTenants -= 1
  }

  /** After an answer, once other turns have begun. Before there is one, those whose turns failed still count. */
  noteAnswer(): void {
    if (this.#busyTenants < 2) this.#severalSinceMs = NEVER
  }
}
