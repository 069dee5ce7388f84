/** What "lately" means: use fades over time, to about a third after this long. */
export const FADES_IN_MS = 5_000

/** Milliseconds that were used lately. */
export class RecentUse {
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
