import type { ReactiveController, ReactiveControllerHost } from 'lit'
import { ParleyRequestError, RETRIED_CODES } from '../../client/errors.ts'
import { backoffMs, pause } from '../../client/timers.ts'
import { refusalOf } from './notice.ts'

export type SubmissionState =
  | 'idle'
  | 'sending'
  /** The server refused it: nothing was done. */
  | 'refused'
  /** No response arrived: it may have been done. */
  | 'lost'

const FIRST_RETRY_MS = 1_000
const LONGEST_RETRY_MS = 8_000
const RETRIES = 3
/** If the server asks for a longer wait, the error is shown instead. */
const LONGEST_WAIT_MS = 10_000

/** Codes of errors after which it may have been done anyway. */
const MAYBE_DONE: ReadonlySet<string> = new Set([
  'UNREACHABLE',
  'UNAVAILABLE',
  'OUTCOME_UNKNOWN',
  'INTERNAL_SERVER_ERROR',
  // An error without a code is not Parley's, but that of a gateway that has given up waiting.
  'UNKNOWN',
])

/** Of an error in the page. */
const NOT_ANSWERED = { code: 'NONE', retryAfterMs: 0 }

export interface SubmissionOptions {
  /** Whether sending it twice does no more than sending it once. If so, it is sent again if no response arrives. */
  isRepeatable: boolean
}

/** Sends a mutation and keeps its outcome, or what is known of it if no response arrives. */
export class Submission implements ReactiveController {
  state: SubmissionState = 'idle'
  error: unknown = null
  readonly #host: ReactiveControllerHost
  readonly #isRepeatable: boolean
  readonly #ended = new AbortController()
  #wasLost = false

  constructor(host: ReactiveControllerHost, { isRepeatable }: SubmissionOptions) {
    this.#host = host
    this.#isRepeatable = isRepeatable
    host.addController(this)
  }

  hostDisconnected(): void {
    this.#ended.abort()
  }

  /** Whether an earlier attempt may have been carried out. */
  get wasLost(): boolean {
    return this.#wasLost
  }

  get isSending(): boolean {
    return this.state === 'sending'
  }

  /** Why the input at a path such as `input.name`, or any part of it, was refused; null if it was not. */
  problemOf(path: string): string | null {
    if (!(this.error instanceof ParleyRequestError)) return null
    const { inputPath } = this.error
    const isIt = inputPath === path || inputPath?.startsWith(`${path}.`) || inputPath?.startsWith(`${path}[`)
    return isIt ? refusalOf(this.error, path) : null
  }

  /** Sends it, with retries if it is repeatable. Returns null if it was refused or no response arrived. */
  async run<Answer>(send: () => Promise<Answer>): Promise<Answer | null> {
    this.#show('sending', null)
    for (let failures = 0; ; ) {
      try {
        const answer = await send()
        this.#show('idle', null)
        return answer
      } catch (error) {
        const { code, retryAfterMs } = error instanceof ParleyRequestError ? error : NOT_ANSWERED
        if (MAYBE_DONE.has(code)) this.#wasLost = true
        failures += 1
        const isPassing = (MAYBE_DONE.has(code) || RETRIED_CODES.has(code)) && retryAfterMs <= LONGEST_WAIT_MS
        if (!this.#isRepeatable || !isPassing || failures > RETRIES || this.#ended.signal.aborted) {
          // A refusal says nothing about the attempts before it.
          this.#show(this.#wasLost ? 'lost' : 'refused', error)
          return null
        }
        await pause(retryAfterMs + backoffMs(failures, FIRST_RETRY_MS, LONGEST_RETRY_MS), this.#ended.signal)
      }
    }
  }

  #show(state: SubmissionState, error: unknown) {
    this.state = state
    this.error = error
    this.#host.requestUpdate()
  }
}
