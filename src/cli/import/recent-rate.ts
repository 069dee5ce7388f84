const WINDOW_MS = 30_000

/** How fast work goes, measured over the last 30 seconds: a server can become slower, or faster, within an hour. */
export class RecentRate {
  readonly #samples: { atMs: number; done: number }[] = []

  note(done: number, atMs: number) {
    this.#samples.push({ atMs, done })
    while (this.#samples.length > 2 && atMs - (this.#samples[1]?.atMs ?? atMs) >= WINDOW_MS) this.#samples.shift()
  }

  /** Null if nothing was done yet. */
  get perSecond(): number | null {
    const [oldest, latest] = [this.#samples[0], this.#samples.at(-1)]
    if (!oldest || !latest || latest.done === oldest.done || latest.atMs === oldest.atMs) return null
    return ((latest.done - oldest.done) * 1_000) / (latest.atMs - oldest.atMs)
  }
}
