import type { Session } from '../../client/session.ts'
import { SharedSession } from '../shared-session.ts'

/** A busy tenant changes all the time. */
const PAUSE_MS = 10_000

/** Calls `refresh` some time after something has changed, by the stream that all elements of a session share. */
export class LiveNumbers {
  readonly #refresh: () => void
  #session: Session | null = null
  #stop: (() => void) | null = null
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(refresh: () => void) {
    this.#refresh = refresh
  }

  /** Null: nothing is followed any more. */
  follow(session: Session | null): void {
    if (session === this.#session) return
    this.#session = session
    this.#stop?.()
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#stop = session && SharedSession.of(session).watch(() => this.#refreshLater())
    // What happened until now is not known, if others have kept the stream.
    if (session) this.#refreshLater()
  }

  #refreshLater() {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#refresh()
    }, PAUSE_MS)
  }
}
