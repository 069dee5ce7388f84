/** A party that did something within this time is active. */
const ACTIVE_MS = 1_000

/** Remembers the last two parties that did something, and when: enough to tell whether anybody else is active. */
export class RecentActivity<Party> {
  #last: { party: Party; atMs: number } | undefined
  #lastOther: { party: Party; atMs: number } | undefined

  note(party: Party, nowMs: number): void {
    if (this.#last?.party !== party) this.#lastOther = this.#last
    this.#last = { party, atMs: nowMs }
  }

  hasAny(nowMs: number): boolean {
    return this.#last !== undefined && nowMs - this.#last.atMs < ACTIVE_MS
  }

  hasOthers(party: Party, nowMs: number): boolean {
    const other = this.#last?.party === party ? this.#lastOther : this.#last
    return other !== undefined && nowMs - other.atMs < ACTIVE_MS
  }
}
