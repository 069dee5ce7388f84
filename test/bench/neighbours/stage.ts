import { existsSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import type { BenchDatabase } from '../database.ts'
import { cpuNanoseconds, memoryOf, usedSince } from '../process-use.ts'
import { type Parley, startParley } from '../systems/parley.ts'
import type { Answers } from './answers.ts'
import type { AttackOrder, Lane } from './attacker.ts'
import { type Dashboard, dashboardsOf } from './dashboards.ts'
import type { Met, OthersOrder } from './others.ts'
import { startWorker, type Worker } from './workers.ts'

/** How many cores were in use, on average. */
export interface Use {
  server: number
  postgres: number
  dashboards: number
  attacker: number
}

export interface Round {
  met: Met
  /** How the attack was answered; null without one. */
  answers: Answers | null
  milliseconds: number
  use: Use
  /** The server's memory at the end, and the most it ever had. */
  memory: { now: number; most: number }
}

/** The defaults of `npm start`, which other benchmarks switch off. */
const SETTINGS = { RATE_LIMIT_PER_MINUTE: '', RATE_LIMIT_TENANT_PER_MINUTE: '' }

/** How long dashboards are opened before they are measured, and an attack begins. */
const LEAD_MS = 1_000
const REST_MS = 2_000
const QUIET_TIMEOUT_MS = 60_000
const QUIET_CORES = 0.1

/** The server, those who open dashboards, and the attacker, each a process of its own. */
export class Stage {
  readonly database: BenchDatabase
  parley: Parley
  readonly #dashboards: Dashboard[] = []
  readonly #others = startWorker<OthersOrder, Met>('others-process.ts')
  readonly #attacker = startWorker<AttackOrder, Answers>('attacker-process.ts')

  private constructor(database: BenchDatabase, parley: Parley) {
    this.database = database
    this.parley = parley
  }

  /** `tenants`: whose dashboards are opened. */
  static async set(database: BenchDatabase, tenants: readonly string[]): Promise<Stage> {
    const stage = new Stage(database, await startParley(database.ownerUrl, '.', SETTINGS))
    for (const tenantId of tenants) stage.#dashboards.push(...(await dashboardsOf(stage.parley, tenantId)))
    await stage.#tellDashboards()
    return stage
  }

  closedLoop(pages: number, milliseconds: number): Promise<Met> {
    return this.#others.order({ kind: 'CLOSED', pages, milliseconds })
  }

  async openLoop(perSecond: number, milliseconds: number, lanes: Lane[] | null): Promise<Round> {
    const { origin } = this.parley
    const opening = this.#others.order({ kind: 'OPEN', perSecond, leadMs: LEAD_MS, milliseconds })
    await setTimeout(LEAD_MS)
    const use = measureUse({ server: this.parley.pid, dashboards: this.#others.pid, attacker: this.#attacker.pid })
    const attack = lanes && this.#attacker.order({ origin, lanes, milliseconds })
    const met = await opening
    const used = use()
    const answers = await attack
    const memory = memoryOf(this.parley.pid)
    await this.#restartIfEnded(met)
    await this.#becomeQuiet()
    return { met, answers, milliseconds, use: used, memory }
  }

  async clear() {
    for (const worker of [this.#others, this.#attacker] as Worker<never, unknown>[]) worker.stop()
    if (isRunning(this.parley.pid)) await this.parley.stop()
  }

  async #tellDashboards() {
    await this.#others.order({ kind: 'DASHBOARDS', origin: this.parley.origin, dashboards: this.#dashboards })
  }

  async #restartIfEnded({ errors }: Met) {
    if (isRunning(this.parley.pid)) return
    errors['the server ended'] = 1
    this.parley = await startParley(this.database.ownerUrl, '.', SETTINGS)
    await this.#tellDashboards()
  }

  /** Work that an attack left behind, in the database and in the server, must not slow down the next round. */
  async #becomeQuiet() {
    const until = performance.now() + QUIET_TIMEOUT_MS
    do {
      const use = measureUse({ server: this.parley.pid, dashboards: this.#others.pid, attacker: this.#attacker.pid })
      await setTimeout(REST_MS)
      const [row] = await this.database.sql<{ busy: number }>(
        `SELECT count(*)::int AS busy FROM pg_stat_activity
         WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()`,
      )
      if (row?.busy === 0 && use().server < QUIET_CORES) return
    } while (performance.now() < until)
  }
}

const isRunning = (pid: number) => existsSync(`/proc/${pid}/fd`)

function measureUse(pids: Omit<Record<keyof Use, number>, 'postgres'>): () => Use {
  const read = () => ({
    server: cpuNanoseconds(pids.server),
    postgres: cpuNanoseconds('postgres'),
    dashboards: cpuNanoseconds(pids.dashboards),
    attacker: cpuNanoseconds(pids.attacker),
  })
  const [before, begin] = [read(), performance.now()]
  return () => {
    const [now, nanoseconds] = [read(), (performance.now() - begin) * 1e6]
    const cores = (who: keyof Use) => usedSince(before[who], now[who]) / nanoseconds
    return {
      ...{ server: cores('server'), postgres: cores('postgres') },
      ...{ dashboards: cores('dashboards'), attacker: cores('attacker') },
    }
  }
}
