/**
 * Reads that several callers may share, one at a time for each key. A caller that comes during a read gets the next
 * one, which begins after the call.
 */
export class SharedReads<Result> {
  readonly #running = new Map<string, Promise<Result>>()
  readonly #waiting = new Map<string, Promise<Result>>()

  read(key: string, read: () => Promise<Result>): Promise<Result> {
    const running = this.#running.get(key)
    if (!running) return this.#start(key, read)
    const waiting = this.#waiting.get(key) ?? running.then(ignore, ignore).then(() => this.#start(key, read))
    this.#waiting.set(key, waiting)
    return waiting
  }

  #start(key: string, read: () => Promise<Result>): Promise<Result> {
    this.#waiting.delete(key)
    const started = read().finally(() => {
      if (this.#running.get(key) === started) this.#running.delete(key)
    })
    this.#running.set(key, started)
    return started
  }
}

const ignore = () => {}
