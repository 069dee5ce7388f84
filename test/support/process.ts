import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, inject, vi } from 'vitest'
import { argumentsOf, type Script } from './npm-script.ts'
import { asOwner, withDatabase } from './template.ts'

export type Settings = Record<string, string>
/** One line of the log. */
export type Line = Record<string, unknown> & { msg: string }

const onPostgres = () => inject('databaseKind') === 'postgresql'

let inUse = false
const children = new Set<ChildProcessWithoutNullStreams>()
const cleanUps: (() => unknown)[] = []

/** Call it at the top of a test file that starts processes: they end with it, and what they were given is removed. */
export function useProcesses() {
  // A process takes seconds to start where many start at once.
  vi.setConfig({ testTimeout: 90_000 })
  inUse = true
  afterAll(async () => {
    inUse = false
    vi.resetConfig()
    for (const child of children) kill(child)
    await Promise.all([...children].map((child) => child.exitCode ?? child.signalCode ?? once(child, 'exit')))
    // Oldest first: a role can be dropped once the database that was made before it, and holds its rights, is gone.
    for (const cleanUp of cleanUps.splice(0)) await cleanUp()
  })
}

/** npm leads a process group of its own: what it started ends with it, even if npm ended first. */
function kill(child: ChildProcessWithoutNullStreams) {
  if (child.spawnfile === 'npm' && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  else child.kill('SIGKILL')
}

function cleanUpLater(cleanUp: () => unknown) {
  // Modules are shared between test files: what one registers for itself would not run for another.
  if (!inUse) throw new Error('call useProcesses() at the top of the test file')
  cleanUps.push(cleanUp)
}

/** A fresh temporary directory, removed after the test file. */
export function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'parley-process-'))
  cleanUpLater(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** Settings that name a database of the kind that this run is about, with every migration and no row: a start is then sooner. */
export async function migratedDatabase(): Promise<Settings> {
  if (onPostgres()) return servedBy(await newPostgres({ migrated: true }))
  const directory = newDirectory()
  cpSync(inject('pgliteTemplate'), directory, { recursive: true })
  return { DATA_DIR: directory }
}

/** The URL of a new PostgreSQL database, as a superuser. */
export async function newPostgres({ migrated = false, attributes = '' } = {}): Promise<string> {
  const { ownerUrl } = postgresTemplate()
  const template = new URL(ownerUrl).pathname.slice(1)
  const name = `${template}_${randomUUID().replaceAll('-', '')}`
  await onCluster(`CREATE DATABASE ${name} ${migrated ? `TEMPLATE ${template}` : ''} ${attributes}`)
  cleanUpLater(() => dropPostgres(withDatabase(ownerUrl, name)))
  return withDatabase(ownerUrl, name)
}

/** An empty database, and its owner that is no superuser: what a managed PostgreSQL gives its customers. */
export async function managedPostgres(): Promise<{ superuser: string; owner: string }> {
  const superuser = await newPostgres()
  const owner = await newRole(superuser, 'CREATEROLE')
  const { username: name } = new URL(owner)
  await asOwner(superuser, async (client) => {
    await client.query(`ALTER DATABASE ${new URL(superuser).pathname.slice(1)} OWNER TO ${name}`)
    // Another database of this cluster has made these already.
    await client.query(`GRANT parley_tenant, parley_admin, parley_functions TO ${name} WITH ADMIN OPTION`)
  })
  return { superuser, owner }
}

/** Takes a database away from whoever uses it. */
export const dropPostgres = (url: string) =>
  onCluster(`DROP DATABASE IF EXISTS ${new URL(url).pathname.slice(1)} WITH (FORCE)`)

const onCluster = (statement: string) =>
  asOwner(withDatabase(postgresTemplate().ownerUrl, 'postgres'), (client) => client.query(statement))

/** A new login role of the cluster, as the URL that reaches this database as it. */
export async function newRole(ownerUrl: string, attributes = ''): Promise<string> {
  const url = roleUrl(ownerUrl)
  const name = new URL(url).username
  await asOwner(ownerUrl, (client) => client.query(`CREATE ROLE ${name} LOGIN PASSWORD '${PASSWORD}' ${attributes}`))
  return url
}

const PASSWORD = 'p@ss word'

/** The URL of a role that is made by somebody else, or not at all. */
export function roleUrl(ownerUrl: string): string {
  const url = new URL(ownerUrl)
  url.username = `${postgresTemplate().role}_${randomUUID().slice(0, 8)}`
  url.password = PASSWORD
  const { username: role } = url
  cleanUpLater(() => onCluster(`DROP ROLE IF EXISTS ${role}`))
  return url.href
}

function servedBy(ownerUrl: string): Settings {
  const { role, password } = postgresTemplate()
  const url = new URL(ownerUrl)
  url.username = role
  url.password = password
  return { DATABASE_URL: url.href, DATABASE_OWNER_URL: ownerUrl }
}

function postgresTemplate() {
  const template = inject('postgresTemplate')
  if (!template) throw new Error('TEST_DATABASE_URL is not set')
  return template
}

interface CommandOptions {
  args?: string[]
  /** As people start it. Otherwise Node runs what npm would run, which is faster. */
  throughNpm?: boolean
}

/** A script of package.json as a process of its own, and what it prints. */
export class Command {
  readonly lines: Line[] = []
  stdout = ''
  stderr = ''
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>
  readonly #child: ChildProcessWithoutNullStreams
  #waiting: (() => void)[] = []

  constructor(script: Script, settings: Settings, { args = [], throughNpm = false }: CommandOptions = {}) {
    // Nothing is inherited but what finds programs: a setting of whoever runs the tests must not reach it.
    const env = { PATH: process.env['PATH'], ...settings }
    this.#child = throughNpm
      ? spawn('npm', ['run', script], { env: { ...env, NPM_CONFIG_UPDATE_NOTIFIER: 'false' }, detached: true })
      : spawn(process.execPath, [...argumentsOf(script), ...args], { env })
    if (!inUse) throw new Error('call useProcesses() at the top of the test file')
    children.add(this.#child)
    this.#child.stdin.end()
    this.#child.stderr.on('data', (text) => {
      this.stderr += text
    })
    createInterface(this.#child.stdout).on('line', (line) => {
      this.stdout += `${line}\n`
      if (line.startsWith('{')) this.lines.push(JSON.parse(line))
      this.#wake()
    })
    this.ended = once(this.#child, 'close').then(([code, signal]) => {
      children.delete(this.#child)
      this.#wake()
      return code ?? signal
    })
  }

  get running(): boolean {
    return children.has(this.#child)
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  signal(signal: NodeJS.Signals) {
    this.#child.kill(signal)
  }

  /** The first line that fits, once it was printed. Rejects when the process ends without. */
  async line(fits: (line: Line) => boolean): Promise<Line> {
    for (;;) {
      const found = this.lines.find(fits)
      if (found) return found
      if (!this.running) throw new Error(`It ended without that line:\n${this.stdout}${this.stderr}`)
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  #wake() {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

type AskOptions = { tenantId?: string } & Record<string, unknown>
export type Fetch = (path: string, init: RequestInit) => Promise<Response>

/** What the endpoint answers, reached in this way. */
export async function askBy(fetch: Fetch, key: string, query: string, { tenantId, ...rest }: AskOptions = {}) {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${key}`,
      ...(tenantId ? { 'x-tenant-id': tenantId } : {}),
    },
    body: JSON.stringify({ query, ...rest }),
  })
  return {
    status: response.status,
    headers: response.headers,
    // Answers have the shape that the test's own document asked for.
    // biome-ignore lint/suspicious/noExplicitAny: see above
    body: (await response.json()) as any,
  }
}

/** A server as a process of its own. */
export class ServerProcess extends Command {
  constructor(settings: Settings, options: Pick<CommandOptions, 'throughNpm'> = {}) {
    super('start', { PORT: '0', ...settings }, options)
  }

  /** The address of the endpoint, once it serves. */
  async url(): Promise<string> {
    return String((await this.line((line) => 'url' in line))['url'])
  }

  /** The key that a first start prints. */
  async adminKey(): Promise<string> {
    return String((await this.line((line) => 'adminKey' in line))['adminKey'])
  }

  async fetch(path: string, init?: RequestInit): Promise<Response> {
    return fetch(new URL(path, await this.url()), init)
  }

  ask(key: string, query: string, options?: AskOptions) {
    return askBy((path, init) => this.fetch(path, init), key, query, options)
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM') {
    this.signal(signal)
    return this.ended
  }
}

export const VIEWER = '{ viewer { name } }'
export const FIRST_KEY_VIEWER = { data: { viewer: { name: 'First admin key' } } }
