/// <reference lib="esnext.disposable" preserve="true" />
import { entryOf } from './entry.ts'
import { messageOf } from './errors.ts'
import type { MessageBy } from './generated/schema-types.ts'
import {
  type AppendOptions,
  type CompleteOptions,
  type LoggedConversation,
  type LoggedMessage,
  type LoggedUpdate,
  prepareAppend,
  prepareCompletion,
  prepareConversation,
  prepareUpdate,
  type Reference,
} from './logged-input.ts'
import { type LoggingError, numberOr, type ParleyOptions } from './options.ts'
import { type Entry, Outbox } from './outbox.ts'
import { callBeforeExit, forgetBeforeExit } from './process-exit.ts'
import { type RunOperation, request } from './request.ts'
import { Sender } from './sender.ts'
import { LONGEST_TIMER_MS, unref } from './timers.ts'
import type { Endpoint } from './transport.ts'

/** What begins a conversation, or goes on with the one that has this id, as `send` returned it. */
export type SendInput =
  | (LoggedConversation & { conversationId?: undefined })
  | (AppendOptions &
      CompleteOptions &
      Pick<LoggedConversation, 'agent' | 'messages'> & {
        conversationId: string
      })

const DEFAULT_QUEUE_BYTES = 8 * 1024 * 1024
/** What the server accepts in one call. A request costs about the same, whether it holds 10 or 500. */
const MAX_CALLS_IN_REQUEST = 500
const EXIT_TIMEOUT_MS = 2_000
const CLOSE_TIMEOUT_MS = 10_000
const DEFAULT_FLUSH_INTERVAL_MS = 1_000
const REPORT_EVERY_MS = 1_000

const now = () => new Date().toISOString()

/** Logs conversations from a back end, without ever hurting it, and asks Parley for them. */
export class Parley {
  readonly #options: ParleyOptions
  readonly #endpoint: Endpoint
  readonly #outbox: Outbox
  readonly #sender: Sender
  readonly #flushAt: number
  #timer: ReturnType<typeof setTimeout> | null = null
  #dropped = 0
  #droppedWhy = ''
  #dropTimer: ReturnType<typeof setTimeout> | null = null
  #isWaiting = false
  #isClosed = false
  readonly #beforeEnd: (() => void)[] = []
  /** Called when nothing else keeps the process alive. */
  readonly #onExit = (isLast: boolean) => {
    this.#callBeforeEnd()
    if (isLast) this.#drop(this.#sender.giveUp(), 'the process ended')
    if (this.#outbox.isEmpty) this.#reportDropped()
    else void this.#end(EXIT_TIMEOUT_MS, 'the process ended')
  }

  constructor(options: ParleyOptions) {
    const { url, apiKey, tenantId, timeoutMs = 15_000 } = options
    if (!url) throw new TypeError('url is missing: the address of the GraphQL endpoint')
    if (!apiKey) throw new TypeError('apiKey is missing: an API key with the scope CONVERSATIONS_WRITE')
    this.#options = options
    this.#endpoint = {
      url,
      headers: { authorization: `Bearer ${apiKey}`, ...(tenantId && { 'x-tenant-id': tenantId }) },
      timeoutMs,
      ...(options.fetch && { fetch: options.fetch }),
    }
    this.#flushAt = Math.min(
      Math.max(Math.floor(numberOr(options.flushAt, MAX_CALLS_IN_REQUEST)), 1),
      MAX_CALLS_IN_REQUEST,
    )
    this.#outbox = new Outbox(numberOr(options.maxQueueBytes, DEFAULT_QUEUE_BYTES))
    this.#sender = new Sender(this.#outbox, this.#endpoint, this.#flushAt, {
      refused: ({ code, message, inputPath }, count, conversation) =>
        this.#report({ code, message, inputPath, count, conversation }),
      unreachable: ({ code, message }) => this.#report({ code, message, count: 0 }),
      // Otherwise a client that is made for one request would stay for ever.
      emptied: () => this.#beforeEnd.length === 0 && this.#dropped === 0 && forgetBeforeExit(this.#onExit),
    })
  }

  /** Logs a conversation. Returns at once and never throws; failures are reported to `onError`. */
  log(conversation: LoggedConversation): void {
    this.#enqueue(() => entryOf('log', conversation.externalId, prepareConversation(conversation, now())))
  }

  /** Appends messages to a conversation, named by its external id; creates it if there is none. Returns at once and never throws. */
  append(conversation: Reference, messages: readonly LoggedMessage[], options: AppendOptions = {}): void {
    this.#enqueue(() => entryOf('append', conversation, prepareAppend(conversation, messages, options, now())))
  }

  /** Closes a conversation: COMPLETED, unless `status` says otherwise. Returns at once and never throws. */
  complete(conversation: Reference, options: CompleteOptions = {}): void {
    this.#enqueue(() => entryOf('complete', conversation, prepareCompletion(conversation, options, now())))
  }

  /** Rates a message of a conversation, each named by its external id: -1, 0 or 1. Returns at once and never throws. */
  rate(conversation: Reference, message: MessageBy | string, rating: -1 | 0 | 1): void {
    this.#enqueue(() => entryOf('update', conversation, prepareUpdate(conversation, [{ by: message, rating }])))
  }

  /** Sets what became known of messages afterwards: sentiment, language, intent and others. Returns at once and never throws. */
  update(conversation: Reference, messages: readonly LoggedUpdate[]): void {
    this.#enqueue(() => entryOf('update', conversation, prepareUpdate(conversation, messages)))
  }

  /**
   * Logs a conversation, or goes on with one. Never rejects. The `conversationId` that it resolves with is the
   * conversation's external id: pass it to the next call.
   */
  async send(input: SendInput): Promise<{ conversationId: string }> {
    let conversationId: string = crypto.randomUUID()
    this.#enqueue(() => {
      if (input.conversationId == null) {
        const { conversationId: _, ...conversation } = input
        conversationId = conversation.externalId ?? conversationId
        const created = prepareConversation({ ...conversation, externalId: conversationId }, now())
        return entryOf('log', conversationId, created)
      }
      const { conversationId: earlier, messages, agent, agents, ...options } = input
      conversationId = earlier
      const all = [...(agent == null ? [] : [agent]), ...(agents ?? [])]
      // Nothing more was said: the conversation is only closed.
      if ((messages ?? []).length === 0 && all.length === 0 && options.status != null)
        return entryOf('complete', earlier, prepareCompletion(earlier, options, now()))
      const appended = { ...options, ...(all.length > 0 && { agents: all }) }
      return entryOf('append', earlier, prepareAppend(earlier, messages ?? [], appended, now()))
    })
    return { conversationId }
  }

  /** Runs an operation. Throws a `ParleyRequestError` if any part of it is refused or it can't be sent. */
  readonly query: RunOperation = <Data>(document: unknown, variables?: object, options?: { signal?: AbortSignal }) =>
    request<Data>(this.#endpoint, String(document), variables, options?.signal)

  /** Calls back before the client or the process ends, for what can be logged no later. */
  beforeEnd(callback: () => void): void {
    this.#beforeEnd.push(callback)
    callBeforeExit(this.#onExit)
  }

  /** Reports a failure of code that logs, such as a converter, to `onError`. Never throws. */
  report(error: unknown): void {
    this.#report({ code: 'INVALID', message: messageOf(error), count: 1 })
  }

  /**
   * Sends what waits. Resolves once everything was sent, or after `timeoutMs`, with the number of calls that still wait.
   * Never rejects.
   */
  async flush(options?: { timeoutMs?: number }): Promise<{ pending: number }> {
    const timeoutMs = numberOr(options?.timeoutMs, CLOSE_TIMEOUT_MS)
    this.#endWait()
    await new Promise<void>((resolve) => {
      const timer = setTimeout(
        () => {
          forget()
          resolve()
        },
        Math.min(timeoutMs, LONGEST_TIMER_MS),
      )
      const forget = this.#sender.drain(() => {
        clearTimeout(timer)
        resolve()
      })
    })
    return { pending: this.#outbox.count }
  }

  /** Sends what waits, and reports what can't be sent as dropped. Never rejects. */
  async close(options?: { timeoutMs?: number }): Promise<void> {
    this.#callBeforeEnd()
    this.#isClosed = true
    await this.#end(numberOr(options?.timeoutMs, CLOSE_TIMEOUT_MS), 'the client was closed')
    forgetBeforeExit(this.#onExit)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #callBeforeEnd() {
    for (const callback of this.#beforeEnd) {
      try {
        callback()
      } catch (error) {
        this.report(error)
      }
    }
  }

  async #end(timeoutMs: number, why: string) {
    const { pending } = await this.flush({ timeoutMs })
    // What is under way as well: nobody would hear what became of it.
    if (pending > 0) this.#drop(this.#sender.giveUp(), why)
    this.#reportDropped()
  }

  /** Calls that log end here: whatever they were given, they don't throw. */
  #enqueue(prepare: () => Entry) {
    try {
      const entry = prepare()
      if (this.#isClosed) return this.#drop(1, 'the client is closed')
      this.#drop(this.#outbox.add(entry), 'the queue is full')
    } catch (error) {
      return this.report(error)
    }
    this.#wait()
  }

  /** Sends what waits soon, or now if it is enough. */
  #wait() {
    callBeforeExit(this.#onExit)
    if (this.#outbox.waiting >= this.#flushAt) this.#endWait()
    else
      this.#timer ??= unref(
        setTimeout(
          () => this.#endWait(),
          Math.min(numberOr(this.#options.flushIntervalMs, DEFAULT_FLUSH_INTERVAL_MS), LONGEST_TIMER_MS),
        ),
      )
    const { waitUntil } = this.#options
    if (!waitUntil || this.#isWaiting) return
    this.#isWaiting = true
    const failed = (error: unknown) =>
      this.#report({ code: 'INVALID', message: `waitUntil failed: ${messageOf(error)}`, count: 0 })
    try {
      // It may be an async function, whatever its type says.
      void Promise.resolve(waitUntil(this.#flushAll())).catch(failed)
    } catch (error) {
      failed(error)
    }
  }

  /** Sends what waits, and what is logged meanwhile. */
  async #flushAll() {
    let pending: number
    do ({ pending } = await this.flush())
    while (pending === 0 && !this.#outbox.isEmpty)
    this.#isWaiting = false
  }

  #endWait() {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
    this.#sender.send()
  }

  /** Reports at most once a second. */
  #drop(count: number, why: string) {
    if (count === 0) return
    this.#dropped += count
    this.#droppedWhy = why
    this.#dropTimer ??= unref(setTimeout(() => this.#reportDropped(), REPORT_EVERY_MS))
  }

  #reportDropped() {
    if (this.#dropTimer) clearTimeout(this.#dropTimer)
    this.#dropTimer = null
    const count = this.#dropped
    const sent = this.#outbox.forgetDroppedSent()
    this.#dropped = 0
    if (count === 0) return
    const uncertain = sent > 0 ? `; ${sent} of them may have been stored` : ''
    this.#report({ code: 'DROPPED', message: `${count} calls were dropped: ${this.#droppedWhy}${uncertain}`, count })
  }

  #report(error: LoggingError) {
    try {
      // It may be an async function, whatever its type says.
      if (this.#options.onError) void Promise.resolve(this.#options.onError(error)).catch(() => {})
      else console.warn(`Parley: ${error.message} (${error.code})`)
    } catch {
      // The host's own handler must not bring it down.
    }
  }
}
