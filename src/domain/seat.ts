/** A subscription's place among those who are woken. It holds one mark and no changes, however many there are. */
export class Seat {
  /** UUID of the one conversation that it is about; null: any. */
  readonly conversationId: string | null
  /** Why it ended: its subscriber left, or the server stops. */
  ended: 'LEFT' | 'STOPPED' | null = null
  readonly #onLeave: () => void
  // To be looked at once without being woken: since its first look something may have come.
  #woken = true
  #resolve: (() => void) | null = null

  constructor(conversationId: string | null, onLeave: () => void) {
    this.conversationId = conversationId
    this.#onLeave = onLeave
  }

  wake(): void {
    this.#woken = true
    this.#resolve?.()
  }

  /** Waits until it was woken since the last time, until it ends, or as long as given. */
  async woken(forMs: number): Promise<void> {
    if (!this.#woken && !this.ended) {
      const waited = Promise.withResolvers<void>()
      const timer = setTimeout(waited.resolve, forMs)
      this.#resolve = waited.resolve
      await waited.promise
      clearTimeout(timer)
      this.#resolve = null
    }
    this.#woken = false
  }

  leave(): void {
    this.#end('LEFT')
    this.#onLeave()
  }

  stop(): void {
    this.#end('STOPPED')
  }

  #end(why: 'LEFT' | 'STOPPED') {
    this.ended ??= why
    this.wake()
  }
}
