import cluster, { type Worker } from 'node:cluster'
import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import { listen, type Service, urlOf } from './listen.ts'
import { EXIT_GRACE_MS } from './shutdown.ts'

/** Time beyond SHUTDOWN_TIMEOUT_MS after which a worker is killed. It exits by itself before that, unless it hangs. */
const KILL_GRACE_MS = EXIT_GRACE_MS + 2_000

/** A worker that lived this long did not die because of how it started. */
const STEADY_MS = 60_000

const LONGEST_DELAY_MS = 30_000

/**
 * Serves from several processes on one port; resolves once all of them serve. This process, the primary, accepts
 * connections, hands them out in turn, starts another worker if one dies, and answers nothing itself. If it is killed,
 * its workers exit by themselves: node:cluster sees to that.
 */
export async function startWorkers(config: Config, log: Logger): Promise<Service> {
  // The default, unless the environment says otherwise. Workers that accept connections themselves share them unevenly.
  cluster.schedulingPolicy = cluster.SCHED_RR
  const port = await findPort(config)
  const workers = new Workers({ config, port, log })
  await workers.start()
  return { url: urlOf(config.host, port), drain: () => workers.drain(), stop: () => workers.stop() }
}

/**
 * Tries the address before any process is started on it. If any port will do, the one found here is used for all
 * workers, including later ones.
 */
async function findPort({ host, port }: Config): Promise<number> {
  const probe = createServer()
  await listen(probe, { host, port })
  const found = (probe.address() as AddressInfo).port
  await new Promise((resolve) => probe.close(resolve))
  return found
}

class Workers {
  readonly #config: Config
  readonly #port: number
  readonly #log: Logger
  readonly #stopping = new AbortController()

  constructor({ config, port, log }: { config: Config; port: number; log: Logger }) {
    this.#config = config
    this.#port = port
    this.#log = log
  }

  /** Starts all workers, or none: the caller sees a start that fails. */
  async start(): Promise<void> {
    const workers = Array.from({ length: this.#config.processes }, () => this.#fork())
    try {
      await Promise.all(workers.map(serving))
    } catch (error) {
      await this.stop()
      throw error
    }
    for (const worker of workers) void this.#keepUp(worker)
  }

  /** Each worker waits for SHUTDOWN_DELAY_MS by itself. A worker that exits from now on is not replaced. */
  drain(): void {
    this.#stopping.abort()
    signalAll('SIGTERM')
  }

  /** Not with SIGTERM, which has a delay: the caller has waited already, or wants nobody to wait. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    signalAll('SIGINT')
    const kill = setTimeout(() => signalAll('SIGKILL'), this.#config.shutdownTimeoutMs + KILL_GRACE_MS)
    await Promise.all(runningWorkers().map(ended))
    clearTimeout(kill)
  }

  /** Starts another worker each time the one in this place exits. */
  async #keepUp(worker: Worker) {
    const { signal: stopping } = this.#stopping
    const delays = new RestartDelays()
    for (let current = worker; ; ) {
      const startedMs = performance.now()
      await ended(current)
      if (stopping.aborted) return
      const { pid, exitCode, signalCode } = current.process
      const delayMs = delays.afterLife(performance.now() - startedMs)
      this.#log.error({ worker: pid, exitCode, signal: signalCode, delayMs }, 'a worker exited: starting another')
      // It rejects when it is aborted.
      await sleep(delayMs, null, { signal: stopping }).catch(() => {})
      if (stopping.aborted) return
      current = this.#fork()
    }
  }

  #fork(): Worker {
    // Workers do nothing that is done once per start, and don't get the credentials for it.
    const worker = cluster.fork({ PORT: String(this.#port), DATABASE_OWNER_URL: '', ADMIN_KEY: '' })
    worker.once('listening', () => this.#log.info({ worker: worker.process.pid }, 'a worker serves'))
    worker.on('error', (err) => {
      this.#log.error({ worker: worker.process.pid, err }, 'can’t communicate with a worker')
      worker.process.kill('SIGKILL')
    })
    closeWhatIsHandedToTheDead(worker)
    return worker
  }
}

const runningWorkers = () => Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined)

function signalAll(signal: NodeJS.Signals) {
  for (const { process } of runningWorkers()) process.kill(signal)
}

/**
 * How long to wait before a restart: not at all after a first death, then longer each time, up to half a minute, so
 * that a worker that can't start does not take up the machine.
 */
export class RestartDelays {
  #deaths = 0

  /** In milliseconds. `livedMs`: how long the worker lived. */
  afterLife(livedMs: number): number {
    this.#deaths = livedMs >= STEADY_MS ? 1 : this.#deaths + 1
    return this.#deaths === 1 ? 0 : Math.min(LONGEST_DELAY_MS, 500 * 2 ** (this.#deaths - 2))
  }
}

/** Rejects if the worker exits first. It has logged the reason itself. */
function serving(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('listening', () => resolve())
    void ended(worker).then(() => reject(new Error('A worker exited before it served.')))
  })
}

function ended(worker: Worker): Promise<void> {
  return new Promise((resolve) => {
    // Without a pid, it was never started.
    if (worker.isDead() || worker.process.pid === undefined) resolve()
    else worker.once('exit', () => resolve())
  })
}

/**
 * node:cluster forgets a connection that was handed to a worker which died before accepting it, and its client would
 * wait for ever. This closes such a connection. Only one at a time is on its way to a worker; one that was accepted is
 * closed in this process already, and closing it again does nothing.
 */
function closeWhatIsHandedToTheDead({ process }: Worker) {
  const send = process.send.bind(process) as (...args: unknown[]) => boolean
  let handed: { close(): void } | undefined
  process.send = (...args: unknown[]) => {
    const handle = args[1]
    if (isClosable(handle)) handed = handle
    return send(...args)
  }
  process.once('exit', () => handed?.close())
}

const isClosable = (value: unknown): value is { close(): void } =>
  typeof value === 'object' && value !== null && 'close' in value && typeof value.close === 'function'
