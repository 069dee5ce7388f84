import type { LoggedMessage } from '../logged-input.ts'
import { answerOf, type OpenAIAnswer, StreamedAnswer } from './answer.ts'

/** What is read of a request of `chat.completions.create` or `responses.create`. */
export interface OpenAIRequest {
  model?: unknown
  messages?: readonly unknown[]
  input?: string | readonly unknown[]
  instructions?: string | null
  previous_response_id?: string | null
  conversation?: unknown
  tool_choice?: unknown
  [name: string]: unknown
}

/** What became of a call. */
export interface CallOutcome {
  ending: 'ANSWERED' | 'ABORTED' | 'FAILED'
  /** The answer, or as much of it as there was. */
  answer: OpenAIAnswer
  latencyMs: number
  /** When the answer began. */
  beganAt: Date
  /** Says why it ended, unless it was answered. */
  event: LoggedMessage | null
}

/** A call that is under way. What happens to it first is logged. */
export class OpenAICall {
  readonly #log: (outcome: CallOutcome) => void
  readonly #startedAt = performance.now()
  readonly #streamed = new StreamedAnswer()
  #begun: { latencyMs: number; beganAt: Date } | null = null
  #isOver = false

  constructor(log: (outcome: CallOutcome) => void) {
    this.#log = log
  }

  /** All of the answer. */
  answer(value: unknown): void {
    this.#finish('ANSWERED', answerOf(value))
  }

  /** A chunk of a stream. */
  add(chunk: unknown): void {
    this.#streamed.add(chunk)
    if (this.#streamed.hasBegun) this.#begun ??= this.#now()
  }

  /** A stream is over. */
  end(wasAborted: boolean): void {
    const { answer, isComplete } = this.#streamed
    if (!wasAborted || isComplete) this.#finish('ANSWERED', answer)
    else
      this.#finish(
        'ABORTED',
        answer,
        eventOf('openai_aborted', { message: 'The caller left before the answer ended.' }),
      )
  }

  /** There is no answer, or a stream broke. */
  fail(error: unknown): void {
    this.#finish('FAILED', this.#streamed.answer, errorEvent(error))
  }

  #now() {
    return { latencyMs: performance.now() - this.#startedAt, beganAt: new Date() }
  }

  #finish(ending: CallOutcome['ending'], answer: OpenAIAnswer, event: LoggedMessage | null = null) {
    if (this.#isOver) return
    this.#isOver = true
    this.#log({ ending, answer, event, ...(this.#begun ?? this.#now()) })
  }
}

function errorEvent(error: unknown): LoggedMessage {
  const { name, message, status, code, type, requestID } = (error ?? {}) as Record<string, unknown>
  const given = { name: (error as object | null)?.constructor?.name ?? name, message, status, code, type, requestID }
  return eventOf(
    'openai_error',
    Object.fromEntries(Object.entries(given).filter(([, value]) => ['string', 'number'].includes(typeof value))),
  )
}

const eventOf = (name: string, payload: object): LoggedMessage => ({ event: { name, visibility: 'INTERNAL', payload } })
