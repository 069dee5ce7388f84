import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { migrate } from '../../src/database/migrate.ts'
import { grantToServingRole } from '../../src/database/roles.ts'
import { clientSession, type Session } from '../../src/database/session.ts'
import { Child, descendantsOf, gone, signalIfThere, type User } from './child.ts'
import { cleanUpLater } from './clean-up.ts'
import type { Installed } from './installed.ts'
import { until } from './until.ts'
import { freePort, newDirectory } from './workspace.ts'

export const SERVING_ROLE = 'parley_app'
/** A database with the tables and no row. */
export const TEMPLATE = 'parley_template'

/** Two segments of the log, so that a small disk is enough. */
const SETTINGS = ['max_wal_size=64MB', 'min_wal_size=32MB', 'shared_buffers=64MB']

/** A PostgreSQL of its own, and all that can happen to it. */
export class Cluster {
  readonly directory: string
  readonly port: number
  readonly #binaries: string
  readonly #user: User | undefined
  readonly #log: string
  #databases = 0
  #postmaster: Child | null = null

  private constructor(installed: Installed, megabytes: number | undefined, port: number) {
    if (installed.postgresql === null) throw new Error('PostgreSQL is not installed')
    this.#binaries = installed.postgresql
    this.#user = installed.user
    this.port = port
    this.directory = newDirectory({ megabytes, owner: this.#user })
    // Elsewhere, since a full disk must not take the log with it.
    this.#log = join(newDirectory(), 'postgresql.log')
    cleanUpLater(() => this.crash())
  }

  /** With a size, on a disk of its own. */
  static async create(installed: Installed, megabytes?: number): Promise<Cluster> {
    const cluster = new Cluster(installed, megabytes, await freePort())
    cluster.#initialize()
    await cluster.start()
    await cluster.#makeTemplate()
    return cluster
  }

  get #data(): string {
    return join(this.directory, 'data')
  }

  #initialize() {
    const args = ['-D', this.#data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync']
    execFileSync(join(this.#binaries, 'initdb'), args, {
      stdio: ['ignore', 'ignore', 'inherit'],
      cwd: '/',
      ...this.#user,
    })
  }

  /** The tables, so that not every fault begins with making them. */
  async #makeTemplate() {
    await this.as('postgres', (session) => session.execute(`CREATE DATABASE ${TEMPLATE}`))
    await this.as(TEMPLATE, async (session) => {
      await migrate(session)
      await grantToServingRole(session, SERVING_ROLE, 'secret')
    })
  }

  url(database: string, { role = 'postgres', port = this.port } = {}): string {
    return `postgres://${role}:secret@127.0.0.1:${port}/${database}`
  }

  /** A database with the tables, or an empty one; its name. */
  async newDatabase({ empty = false } = {}): Promise<string> {
    this.#databases += 1
    const name = `parley_${this.#databases}`
    const template = empty ? '' : `TEMPLATE ${TEMPLATE}`
    await this.as('postgres', (session) => session.execute(`CREATE DATABASE ${name} ${template}`))
    return name
  }

  /** SQL as the superuser. */
  async as<Result>(database: string, work: (session: Session) => Promise<Result>): Promise<Result> {
    const client = new pg.Client({ connectionString: this.url(database), connectionTimeoutMillis: 2_000 })
    // A connection that the database ends fails the statements in it.
    client.on('error', () => {})
    await client.connect()
    try {
      return await work(clientSession(client))
    } finally {
      await client.end()
    }
  }

  /** Until it answers. */
  async start(): Promise<void> {
    const settings = [...SETTINGS, `unix_socket_directories=${this.directory}`, 'listen_addresses=127.0.0.1']
    const args = ['-D', this.#data, '-p', String(this.port), ...settings.flatMap((setting) => ['-c', setting])]
    const postmaster = new Child(join(this.#binaries, 'postgres'), args, { log: this.#log, user: this.#user })
    this.#postmaster = postmaster
    await this.answers()
  }

  async answers(): Promise<void> {
    await until(
      'PostgreSQL answers',
      async () => {
        if (!this.running) throw new Error(`PostgreSQL ended:\n${this.#postmaster?.lastLines()}`)
        return this.as('postgres', (session) => session.query('SELECT 1')).catch(() => null)
      },
      { withinMs: 60_000 },
    )
  }

  hasLogged(text: string): boolean {
    return readFileSync(this.#log, 'utf8').includes(text)
  }

  /** As it should be, whatever happened to it. */
  async recover(): Promise<void> {
    this.resume()
    if (this.running) await this.answers()
    else await this.start()
  }

  get running(): boolean {
    return this.#postmaster?.running ?? false
  }

  /** `fast` ends its connections, `immediate` does not even write what it has in memory. */
  async stop(mode: 'fast' | 'immediate'): Promise<void> {
    this.#postmaster?.signal(mode === 'fast' ? 'SIGINT' : 'SIGQUIT')
    await this.#postmaster?.ended
  }

  /** `kill -9` of all its processes at once. */
  async crash(): Promise<void> {
    await this.#postmaster?.kill()
  }

  /** `kill -9` of those of its processes that serve connections of this role: the others then start anew by themselves. */
  async killBackend(database: string): Promise<void> {
    const [row] = await this.as(database, (session) =>
      session.query<{ pid: number }>('SELECT pid FROM pg_stat_activity WHERE usename = $1 LIMIT 1', [SERVING_ROLE]),
    )
    if (!row) throw new Error('nobody is connected')
    signalIfThere(row.pid, 'SIGKILL')
    await gone([row.pid])
  }

  /** As a machine that stands still. */
  pause(): void {
    this.#signalAll('SIGSTOP')
  }

  resume(): void {
    this.#signalAll('SIGCONT')
  }

  #signalAll(signal: 'SIGSTOP' | 'SIGCONT') {
    if (!this.#postmaster?.running) return
    // The postmaster first, and it last, so that it starts none in between.
    const pids = [this.#postmaster.pid, ...descendantsOf(this.#postmaster.pid)]
    for (const pid of signal === 'SIGSTOP' ? pids : pids.reverse()) signalIfThere(pid, signal)
  }
}
