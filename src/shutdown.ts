import cluster from 'node:cluster'
import { constants } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Config } from './config.ts'
import type { Service } from './listen.ts'

/** What is stopped in the end, and in this order. */
interface Running {
  service: Service
  database: { close(): Promise<void> }
}

type Signal = 'SIGTERM' | 'SIGINT'

/** Ends this process in order when it is told to. Signals are handled from the moment that this is made. */
export class Shutdown {
  readonly #config: Pick<Config, 'shutdownDelayMs'>
  readonly #log: Logger
  readonly #skipDelay = new AbortController()
  #isListening = false
  #running: Running | null = null
  #signal: Signal | null = null

  constructor(config: Pick<Config, 'shutdownDelayMs'>, log: Logger) {
    this.#config = config
    this.#log = log
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => this.#onSignal(signal))
  }

  /** Requests may arrive from now on: a signal waits until the start has finished, and then stops in order. */
  listening() {
    this.#isListening = true
  }

  /** The start has finished. */
  started(running: Running) {
    this.#running = running
    if (this.#signal !== null) void this.#stop(running)
  }

  #onSignal(signal: Signal) {
    // What the system does by default, except for PID 1: there a signal without a handler does nothing.
    if (!this.#isListening) process.exit(128 + constants.signals[signal])
    // A person's Ctrl-C: nobody has to wait until a load balancer notices.
    if (signal === 'SIGINT') this.#skipDelay.abort()
    if (this.#signal !== null) return
    this.#signal = signal
    if (this.#running) void this.#stop(this.#running)
  }

  async #stop({ service, database }: Running) {
    await this.#drain(service)
    this.#log.info({ signal: this.#signal }, 'stopping: requests in flight finish, new ones are refused')
    await service.stop()
    await database.close()
    this.#log.info('stopped')
    leave()
  }

  /** Load balancers go on sending requests until they have asked for /ready again. These requests are still served. */
  async #drain(service: Service) {
    const { shutdownDelayMs: delayMs } = this.#config
    const { signal: skipped } = this.#skipDelay
    if (delayMs === 0 || skipped.aborted) return
    this.#log.info({ signal: this.#signal, delayMs }, 'draining: /ready answers 503, requests are still served')
    service.drain()
    await sleep(delayMs, null, { signal: skipped }).catch(() => {})
  }
}

/** A worker would stay otherwise, to hear what its primary has to say. */
export function leave() {
  cluster.worker?.disconnect()
}
