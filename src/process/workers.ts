import cluster, { type Worker } from 'node:cluster'
import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import { listen, type Service, urlOf } from './listen.ts'
import { EXIT_GRACE_MS } from './shutdown.ts'

/** Beyond SHUTDOWN_TIMEOUT_MS. A worker exits by itself before that, unless it hangs: then it is killed. */
const KILL_GRACE_MS = EXIT_GRACE_MS + 2_000

/** A worker that lived so long did not die of how it started. */
const STEADY_MS = 60_000

const LONGEST_DELAY_MS = 30_000

/**
 * Serves from several processes behind one port; resolves once all of them do. This one, the primary, takes connections
 * and hands them out in turn, starts another worker where one dies, and answers nothing itself. When it is killed its
 * workers end by themselves: node:cluster sees to that.
 */
export async function startWorkers(config: Config, log: Logger): Promise<Service> {
  // The default, unless the environment says otherwise. Workers that take connections by themselves do it unevenly.
  cluster.schedulingPolicy = cluster.SCHED_RR
  const port = await findPort(config)
  const workers = new Workers({ config, port, log })
  await workers.start()
  return { url: urlOf(config.host, port), drain: () => workers.drain(), stop: () => workers.stop() }
}

/** Tries the address before a process is started for it. Any free port becomes this one, for those started later, too. */
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

  /** All of them, or none: a start that fails is seen by whoever started it. */
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

  /** Each worker waits for SHUTDOWN_DELAY_MS by itself. One that ends from now on is not replaced. */
  drain(): void {
    this.#stopping.abort()
    signalAll('SIGTERM')
  }

  /** Not by SIGTERM, which has a delay: the caller has waited already, or wants nobody to wait. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    signalAll('SIGINT')
    const kill = setTimeout(() => signalAll('SIGKILL'), this.#config.shutdownTimeoutMs + KILL_GRACE_MS)
    await Promise.all(runningWorkers().map(ended))
    clearTimeout(kill)
  }

  /** One worker after the other in one worker's place. */
  async #keepUp(worker: Worker) {
    const { signal: stopping } = this.#stopping
    for (let current = worker, deaths = 1; ; deaths += 1) {
      const startedMs = performance.now()
      await ended(current)
      if (stopping.aborted) return
      if (performance.now() - startedMs >= STEADY_MS) deaths = 1
      const { pid, exitCode, signalCode } = current.process
      const delayMs = restartDelayMs(deaths)
      this.#log.error({ worker: pid, exitCode, signal: signalCode, delayMs }, 'a worker ended: another is started')
      // It rejects when it is aborted.
      await sleep(delayMs, null, { signal: stopping }).catch(() => {})
      if (stopping.aborted) return
      current = this.#fork()
    }
  }

  #fork(): Worker {
    // What is done once is not for workers: they get the rights to it neither.
    const worker = cluster.fork({ PORT: String(this.#port), DATABASE_OWNER_URL: '', ADMIN_KEY: '' })
    worker.once('listening', () => this.#log.info({ worker: worker.process.pid }, 'a worker serves'))
    worker.on('error', (err) => {
      this.#log.error({ worker: worker.process.pid, err }, 'a worker can’t be talked to')
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

/** At once after a first death, then later each time, up to half a minute: what can't start must not take the machine. */
export function restartDelayMs(deaths: number): number {
  return deaths <= 1 ? 0 : Math.min(LONGEST_DELAY_MS, 500 * 2 ** (deaths - 2))
}

/** Rejects where it ends before. What kept it from serving, it has said itself. */
function serving(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('listening', () => resolve())
    void ended(worker).then(() => reject(new Error('A worker ended before it served.')))
  })
}

function ended(worker: Worker): Promise<void> {
  return new Promise((resolve) => {
    // Without a number it was never begun.
    if (worker.isDead() || worker.process.pid === undefined) resolve()
    else worker.once('exit', () => resolve())
  })
}

/**
 * A connection that a worker was handed and had not taken when it died is forgotten by node:cluster, and its client would
 * wait for ever. It is closed here. One at a time is under way to a worker; one that was taken is closed here already, and
 * to close it again does nothing.
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
