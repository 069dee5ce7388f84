import { messageOf, RETRIED_CODES } from './errors.ts'
import type { Entry, Outbox } from './outbox.ts'
import { bodyOf, type Refusal, refusalsOf } from './requests.ts'
import { backoffMs, unref } from './timers.ts'
import { type Attempt, attempt, type Endpoint } from './transport.ts'

const AT_A_TIME = 4
const FIRST_RETRY_MS = 250
const LONGEST_RETRY_MS = 10_000
/** How often Parley may fail to store a write before it is given up, if it stores others meanwhile. */
const MAX_FAILURES = 5
/** How often writes may fail together before fewer are sent together. */
const FAILURES_TOGETHER = 3
/** Into how many requests one is parted that is refused because of one of its writes. */
const PARTS = 8
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
  refused(refusal: Refusal, count: number, conversation: string | null): void
  /** No attempt succeeds any more. Called once until one does. */
  unreachable(reason: Refusal): void
  /** Nothing waits any more, and nothing is under way. */
  emptied(): void
}

/** Sends what an outbox holds, a few requests at a time. While attempts fail, only one, after longer and longer pauses. */
export class Sender {
  readonly #outbox: Outbox
  readonly #endpoint: Endpoint
  readonly #most: number
  readonly #events: SenderEvents
  #running = 0
  #successes = 0
  /** How many attempts failed since one succeeded. */
  #failures = 0
  #retryTimer: ReturnType<typeof setTimeout> | null = null
  /** Whether the server asked for the pause. */
  #isAskedToWait = false
  readonly #whenEmpty = new Set<() => void>()
  readonly #underWay = new Set<AbortController>()

  constructor(outbox: Outbox, endpoint: Endpoint, most: number, events: SenderEvents) {
    this.#outbox = outbox
    this.#endpoint = endpoint
    this.#most = most
    this.#events = events
  }

  /** Sends what waits now. */
  send(): void {
    this.#outbox.callDue()
    this.#goOn()
  }

  /**
   * Sends what is due, and what fits with it. What was logged later waits for more: otherwise each request would be followed
   * by one with the few calls that were made meanwhile, and its host would pay for hundreds of small ones.
   */
  #goOn() {
    if (this.#retryTimer) return
    while ((this.#outbox.isDue || this.#whenEmpty.size > 0) && this.#running < (this.#failures > 0 ? 1 : AT_A_TIME)) {
      const entries = this.#outbox.take(this.#most)
      if (entries.length === 0) break
      this.#running += 1
      void this.#deliver(entries).finally(() => {
        this.#running -= 1
        this.#goOn()
      })
    }
    if (this.#running > 0 || !this.#outbox.isEmpty) return
    for (const resolve of this.#whenEmpty) resolve()
    this.#whenEmpty.clear()
    this.#events.emptied()
  }

  /**
   * Sends at once, even if the server was not there a moment ago, unless it asked for a pause. Calls back once the outbox
   * is empty; what it returns forgets the callback.
   */
  drain(whenEmpty: () => void): () => void {
    if (!this.#isAskedToWait) this.#endPause()
    this.#whenEmpty.add(whenEmpty)
    this.send()
    return () => this.#whenEmpty.delete(whenEmpty)
  }

  /** Drops what waits, and what is under way. Returns how many writes. */
  giveUp(): number {
    const dropped = this.#outbox.clear()
    for (const request of this.#underWay) request.abort()
    return dropped
  }

  #endPause() {
    if (this.#retryTimer) clearTimeout(this.#retryTimer)
    this.#retryTimer = null
    this.#isAskedToWait = false
  }

  /** Sends these writes once. Those that may succeed later go back to the outbox, all others leave it. */
  async #deliver(entries: readonly Entry[]): Promise<void> {
    const request = new AbortController()
    this.#underWay.add(request)
    try {
      for (const entry of entries) entry.wasSent = true
      const made = await attempt<unknown>(this.#endpoint, bodyOf(entries), request.signal)
      if (!request.signal.aborted) this.#settleAll(entries, made)
    } catch (error) {
      // Of an answer that has another shape than was asked for: this is no Parley.
      this.#refuse(entries, { code: 'UNREACHABLE', message: messageOf(error), inputPath: null })
    } finally {
      this.#underWay.delete(request)
    }
  }

  #settleAll(entries: readonly Entry[], made: Attempt<unknown>) {
    if (made.transient !== null) {
      const code = made.answer?.errors?.[0]?.extensions?.code ?? 'UNREACHABLE'
      return this.#putBack(entries, { code, message: made.transient, inputPath: null }, made)
    }
    const refusal = refusalIn(made)
    if (refusal) return this.#refuse(entries, refusal)
    const refusals = refusalsOf(entries, made.answer?.data)
    const [first] = refusals
    if (first && refusals.every(isTransient)) return this.#putBack(entries, first, { ...made, status: 500 })
    this.#failures = 0
    this.#successes += 1
    const failed = entries.filter((_, index) => isTransient(refusals[index] ?? null))
    const again: Entry[] = []
    for (const [index, entry] of entries.entries()) {
      const why = refusals[index] ?? null
      if (!isTransient(why)) this.#settle(entry, why)
      else if (this.#maySucceed(entry, why, failed.length)) again.push(entry)
    }
    this.#outbox.giveBack(again)
  }

  /** Of several writes, one may be the reason why all are refused. */
  #refuse(entries: readonly Entry[], refusal: Refusal) {
    this.#failures = 0
    const [first] = entries
    if (first?.joined && isAboutMessages(refusal)) return this.#outbox.split(first)
    if (entries.length === 1 || OF_THE_CREDENTIAL.has(refusal.code)) {
      for (const entry of entries) this.#outbox.remove(entry)
      const count = entries.reduce((sum, entry) => sum + entry.count, 0)
      return this.#events.refused(refusal, count, entries.length === 1 ? (entries[0]?.conversation ?? null) : null)
    }
    // Nearly all of them are stored with the next requests. One by one, they would cost a request each.
    for (const entry of entries) entry.most = partOf(entries.length)
    this.#outbox.giveBack(entries)
  }

  /** Pauses before the next attempt. With 500, one of them may be the reason. */
  #putBack(entries: readonly Entry[], refusal: Refusal, { retryAfterMs, status }: Attempt<unknown>) {
    const isAboutOne = entries.every(({ most }) => most === 1)
    this.#outbox.giveBack(
      status === 500 ? entries.filter((entry) => this.#maySucceed(entry, refusal, entries.length)) : entries,
    )
    this.#failures += 1
    if (this.#failures === 1 && !isAboutOne) this.#events.unreachable(refusal)
    if (this.#retryTimer) return
    this.#isAskedToWait = retryAfterMs !== null
    this.#pause(Math.max(retryAfterMs ?? 0, backoffMs(this.#failures, FIRST_RETRY_MS, LONGEST_RETRY_MS)))
  }

  /**
   * Whether to send it again later, after it failed together with so many: with fewer if others did not fail meanwhile, or
   * it did too often. If it still fails by itself then, it is given up.
   */
  #maySucceed(entry: Entry, refusal: Refusal, together: number): boolean {
    if (entry.failures === 0) entry.failedAt = this.#successes
    entry.failures += 1
    const doOthersSucceed = this.#successes > entry.failedAt
    if (doOthersSucceed && entry.failures >= MAX_FAILURES && entry.most === 1) {
      this.#settle(entry, refusal)
      return false
    }
    if (doOthersSucceed || entry.failures >= FAILURES_TOGETHER) entry.most = partOf(together)
    return true
  }

  #settle(entry: Entry, refusal: Refusal | null) {
    this.#outbox.remove(entry)
    if (refusal) this.#events.refused(refusal, entry.count, entry.conversation)
  }

  #pause(ms: number) {
    this.#retryTimer = unref(
      setTimeout(() => {
        this.#endPause()
        this.send()
      }, ms),
    )
  }
}

/** How many of them go in one request next time. */
const partOf = (together: number) => Math.ceil(together / PARTS)

/** Of several appends that were joined, those with other messages may be accepted. */
const isAboutMessages = ({ code, inputPath }: Refusal) =>
  code === 'LIMIT_EXCEEDED' || inputPath?.startsWith('input.messages[')

const isTransient = (refusal: Refusal | null): refusal is Refusal => refusal !== null && RETRIED_CODES.has(refusal.code)

function refusalIn({ answer, failure }: Attempt<unknown>): Refusal | null {
  const [error] = answer?.errors ?? []
  if (!error) return failure === null ? null : { code: 'UNREACHABLE', message: failure, inputPath: null }
  const { code = 'UNKNOWN', inputPath = null } = error.extensions ?? {}
  return { code, message: error.message, inputPath }
}
