/**
 * Look-ups that several callers share: one at a time for each key. Whoever asks while one is running gets the next, which
 * begins after they asked.
 */
export class SharedLooks<Result> {
  readonly #running = new Map<string, Promise<Result>>()
  readonly #waiting = new Map<string, Promise<Result>>()

  look(key: string, look: () => Promise<Result>): Promise<Result> {
    const running = this.#running.get(key)
    if (!running) return this.#start(key, look)
    const waiting = this.#waiting.get(key) ?? running.then(noMatter, noMatter).then(() => this.#start(key, look))
    this.#waiting.set(key, waiting)
    return waiting
  }

  #start(key: string, look: () => Promise<Result>): Promise<Result> {
    this.#waiting.delete(key)
    const started = look().finally(() => {
      if (this.#running.get(key) === started) this.#running.delete(key)
    })
    this.#running.set(key, started)
    return started
  }
}

const noMatter = () => {}
