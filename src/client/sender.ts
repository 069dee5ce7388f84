import { RETRIED_CODES } from './errors.ts'
import type { Entry, Outbox } from './outbox.ts'
import { agentBody, bodyOf, type Refusal, refusalsOf } from './requests.ts'
import { type Attempt, attempt, type Endpoint } from './transport.ts'

const AT_A_TIME = 4
const FIRST_RETRY_MS = 250
const LONGEST_RETRY_MS = 10_000
/** How often Parley may fail to store a write before it is given up, if it stores others meanwhile. */
const MAX_FAILURES = 5
const KNOWN_AGENTS = 10_000
/** Codes that say nothing about what was sent: every write would be refused. */
const OF_THE_CREDENTIAL: ReadonlySet<string> = new Set([
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'TENANT_REQUIRED',
  'NOT_CONFIGURED',
  'UNREACHABLE',
])

export interface SenderEvents {
  /** A write was refused, or given up. */
  refused(refusal: Refusal, count: number): void
  /** No attempt succeeds any more. Called once until one does. */
  unreachable(reason: Refusal): void
}

/** Sends what an outbox holds, a few requests at a time. While attempts fail, only one, after longer and longer pauses. */
export class Sender {
  readonly #outbox: Outbox
  readonly #endpoint: Endpoint
  readonly #most: number
  readonly #events: SenderEvents
  readonly #agents = new Set<string>()
  #running = 0
  #successes = 0
  /** How many attempts failed since one succeeded. */
  #failures = 0
  #retryTimer: ReturnType<typeof setTimeout> | null = null
  #idle: (() => void)[] = []

  constructor(outbox: Outbox, endpoint: Endpoint, most: number, events: SenderEvents) {
    this.#outbox = outbox
    this.#endpoint = endpoint
    this.#most = most
    this.#events = events
  }

  /** Sends what waits. Goes on by itself until the outbox is empty. */
  send(): void {
    if (this.#retryTimer) return
    while (this.#running < (this.#failures > 0 ? 1 : AT_A_TIME)) {
      const entries = this.#outbox.take(this.#most)
      if (entries.length === 0) break
      this.#running += 1
      void this.#deliver(entries).finally(() => {
        this.#running -= 1
        this.send()
      })
    }
    if (this.#running > 0 || !this.#outbox.isEmpty) return
    for (const resolve of this.#idle.splice(0)) resolve()
  }

  /** Resolves once the outbox is empty. Sends at once, even if the server was not there a moment ago. */
  drain(): Promise<void> {
    this.#endPause()
    const drained = new Promise<void>((resolve) => this.#idle.push(resolve))
    this.send()
    return drained
  }

  #endPause() {
    if (this.#retryTimer) clearTimeout(this.#retryTimer)
    this.#retryTimer = null
  }

  /** Sends these writes once. Those that may succeed later go back to the outbox, all others leave it. */
  async #deliver(entries: readonly Entry[]): Promise<void> {
    for (const name of new Set(entries.flatMap(({ agentNames }) => agentNames))) {
      if (this.#agents.has(name)) continue
      const made = await attempt(this.#endpoint, agentBody(name))
      if (made.transient !== null) return this.#putBack(entries, made)
      const refusal = refusalIn(made)
      if (refusal) return this.#refuse(entries, refusal)
      if (this.#agents.size >= KNOWN_AGENTS) this.#agents.clear()
      this.#agents.add(name)
    }
    for (const entry of entries) entry.wasSent = true
    const made = await attempt<unknown>(this.#endpoint, bodyOf(entries))
    if (made.transient !== null) return this.#putBack(entries, made)
    const refusal = refusalIn(made)
    if (refusal) return this.#refuse(entries, refusal)
    this.#failures = 0
    this.#successes += 1
    const refusals = refusalsOf(entries, made.answer?.data)
    for (const [index, entry] of entries.entries()) {
      const why = refusals[index] ?? null
      if (why && RETRIED_CODES.has(why.code)) this.#putBackOrGiveUp(entry, why)
      else this.#settle(entry, why)
    }
  }

  /** Of several writes, one may be the reason why all are refused. */
  #refuse(entries: readonly Entry[], refusal: Refusal) {
    this.#failures = 0
    for (const entry of entries) {
      if (entries.length === 1 || OF_THE_CREDENTIAL.has(refusal.code)) this.#settle(entry, refusal)
      else {
        entry.isApart = true
        this.#outbox.giveBack(entry)
      }
    }
  }

  /** Pauses before the next attempt. */
  #putBack(entries: readonly Entry[], { transient, retryAfterMs, answer, status }: Attempt<unknown>) {
    const refusal = {
      code: answer?.errors?.[0]?.extensions?.code ?? 'UNREACHABLE',
      message: transient ?? '',
      inputPath: null,
    }
    for (const entry of entries) {
      if (status === 500) this.#putBackOrGiveUp(entry, refusal)
      else this.#outbox.giveBack(entry)
    }
    this.#failures += 1
    if (this.#failures === 1) this.#events.unreachable(refusal)
    const longest = Math.min(FIRST_RETRY_MS * 2 ** (this.#failures - 1), LONGEST_RETRY_MS)
    this.#pause(Math.max(retryAfterMs ?? 0, longest * (0.5 + Math.random() / 2)))
  }

  #putBackOrGiveUp(entry: Entry, refusal: Refusal) {
    if (entry.failures === 0) entry.failedAt = this.#successes
    entry.failures += 1
    entry.isApart = true
    if (entry.failures >= MAX_FAILURES && this.#successes > entry.failedAt) this.#settle(entry, refusal)
    else this.#outbox.giveBack(entry)
  }

  #settle(entry: Entry, refusal: Refusal | null) {
    this.#outbox.remove(entry)
    if (refusal) this.#events.refused(refusal, entry.count)
  }

  #pause(ms: number) {
    if (this.#retryTimer) return
    this.#retryTimer = unref(
      setTimeout(() => {
        this.#retryTimer = null
        this.send()
      }, ms),
    )
  }
}

function refusalIn({ answer, failure }: Attempt<unknown>): Refusal | null {
  const [error] = answer?.errors ?? []
  if (!error) return failure === null ? null : { code: 'UNREACHABLE', message: failure, inputPath: null }
  const { code = 'UNKNOWN', inputPath = null } = error.extensions ?? {}
  return { code, message: error.message, inputPath }
}

/** Where timers keep a process alive, this one does not. */
export function unref<Timer>(timer: Timer): Timer {
  ;(timer as { unref?: () => void }).unref?.()
  return timer
}
