import cluster from 'node:cluster'
import { constants } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import type { Service } from './listen.ts'

/** How long a process may take to stop beyond SHUTDOWN_TIMEOUT_MS. Then it exits, finished or not. */
export const EXIT_GRACE_MS = 5_000

/** What is stopped, in this order. */
interface Running {
  service: Service
  database: { close(): Promise<void> }
}

type Signal = 'SIGTERM' | 'SIGINT'
type Fault = 'uncaughtException' | 'unhandledRejection'
type Limits = Pick<Config, 'shutdownDelayMs' | 'shutdownTimeoutMs' | 'processes'>

/**
 * Stops this process cleanly on a signal, and on a fault: an error that nothing caught. A fault leaves an unknown
 * state, so the process must not go on; requests in flight are still answered.
 */
export class Shutdown {
  readonly #limits: Limits
  readonly #log: Logger
  readonly #skipDelay = new AbortController()
  #isListening = false
  #running: Running | null = null
  #cause: Signal | Fault | null = null
  #hasFailed = false
  #exitTimer: NodeJS.Timeout | undefined

  constructor(limits: Limits, log: Logger) {
    this.#limits = limits
    this.#log = log
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => this.#onSignal(signal))
    for (const fault of ['uncaughtException', 'unhandledRejection'] as const) {
      process.on(fault, (thrown: unknown) => this.#onFault(fault, thrown))
    }
  }

  /** Requests may arrive from now on: a signal waits until the start has finished, and then stops cleanly. */
  listening() {
    this.#isListening = true
  }

  /** The start has finished. */
  started(running: Running) {
    this.#running = running
    if (this.#cause !== null) void this.#stop(running)
  }

  #onSignal(signal: Signal) {
    // The system's default, except for PID 1, for which a signal without a handler does nothing.
    if (!this.#isListening) process.exit(128 + constants.signals[signal])
    // Ctrl-C comes from a person: there is no load balancer to wait for.
    if (signal === 'SIGINT') this.#skipDelay.abort()
    this.#begin(signal)
  }

  #onFault(fault: Fault, thrown: unknown) {
    this.#fail(thrown, `${fault}: stopping because nothing caught this error`)
    if (!this.#isListening) process.exit(1)
    this.#skipDelay.abort()
    this.#begin(fault)
  }

  /** Only the first cause counts: later ones find the process stopping. */
  #begin(cause: Signal | Fault) {
    if (this.#cause !== null) return
    this.#cause = cause
    if (this.#running) void this.#stop(this.#running)
    else this.#limitTime()
  }

  async #stop({ service, database }: Running) {
    await this.#drain(service)
    this.#limitTime()
    this.#note('info', { cause: this.#cause }, 'stopping: requests in flight finish, new ones are refused')
    for (const stop of [() => service.stop(), () => database.close()]) {
      await stop().catch((error: unknown) => this.#fail(error, 'not everything stopped cleanly'))
    }
    this.#note('info', {}, 'stopped')
    // What threw once, such as a timer, may throw again and keep the process alive.
    if (this.#hasFailed) process.exit(1)
    leave()
  }

  /** Load balancers keep sending requests until they have asked for /ready again. These requests are still served. */
  async #drain(service: Service) {
    const { shutdownDelayMs: delayMs } = this.#limits
    const { signal: skipped } = this.#skipDelay
    if (delayMs === 0 || skipped.aborted) return
    this.#note('info', { cause: this.#cause, delayMs }, 'draining: /ready answers 503, requests are still served')
    service.drain()
    await sleep(delayMs, null, { signal: skipped }).catch(() => {})
  }

  /** Starts the time-out; another call restarts it. */
  #limitTime() {
    // A primary kills workers that do not exit in time, which takes longer than the time they have.
    const graceMs = cluster.isPrimary && this.#limits.processes > 1 ? 2 * EXIT_GRACE_MS : EXIT_GRACE_MS
    const exit = () => {
      this.#note('error', {}, 'not everything stopped in time: exiting')
      process.exit(1)
    }
    clearTimeout(this.#exitTimer)
    this.#exitTimer = setTimeout(exit, this.#limits.shutdownTimeoutMs + graceMs).unref()
  }

  #fail(thrown: unknown, message: string) {
    this.#hasFailed = true
    // A value that is not an Error could be anything, even a secret.
    const err = thrown instanceof Error ? thrown : new Error(`a value of type ${typeof thrown} was thrown`)
    this.#note('fatal', { err }, message)
  }

  #note(level: 'info' | 'error' | 'fatal', fields: object, message: string) {
    try {
      this.#log[level](fields, message)
    } catch {
      // The log may be what failed. A full disk must not keep the process from ending.
    }
  }
}

/** Otherwise a worker would keep running, connected to its primary. */
export function leave() {
  cluster.worker?.disconnect()
}
