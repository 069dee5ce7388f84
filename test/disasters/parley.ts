import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeSecret } from '../../src/auth/api-key.ts'
import { argumentsOf } from '../support/npm-script.ts'
import { ask } from './ask.ts'
import { Child, descendantsOf } from './child.ts'
import { cleanUpLater } from './clean-up.ts'
import { until } from './until.ts'
import { freePort, newDirectory } from './workspace.ts'

const COMMON = {
  ...{ NODE_ENV: 'production', LOG_LEVEL: 'warn', SIGNING_KEY_SECRET: 'of nobody but the tests of faults' },
  ...{ RATE_LIMIT_PER_MINUTE: '0', RATE_LIMIT_TENANT_PER_MINUTE: '0' },
}

/** A Parley as a process of its own. It keeps its port and its key when it is started again. */
export class Parley {
  key: string
  readonly port: number
  readonly #settings: Record<string, string>
  readonly #log = join(newDirectory(), 'parley.log')
  #child: Child | null = null

  private constructor(settings: Record<string, string>, port: number, key: string) {
    this.#settings = settings
    this.port = port
    this.key = key
    cleanUpLater(() => this.#child?.kill())
  }

  static async create(settings: Record<string, string>, key = makeSecret(randomUUID())): Promise<Parley> {
    return new Parley(settings, await freePort(), key)
  }

  /** Until it serves, and its first key is accepted. */
  static async start(settings: Record<string, string>, key?: string): Promise<Parley> {
    const parley = await Parley.create(settings, key)
    await parley.start()
    return parley
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`
  }

  get running(): boolean {
    return this.#child?.running ?? false
  }

  /** The processes that serve, if they are several. */
  get workers(): number[] {
    return this.#child ? descendantsOf(this.#child.pid) : []
  }

  get logged(): string {
    return this.#child?.lastLines() ?? ''
  }

  /** The first key, if it was this process that made and printed it. */
  get printedKey(): string | null {
    return /"adminKey":"([^"]+)"/.exec(readFileSync(this.#log, 'utf8'))?.[1] ?? null
  }

  async start(): Promise<void> {
    this.spawn()
    await this.serves()
    // The first key is made once the server listens.
    await until('the first key is accepted', () => this.#acceptsKey())
  }

  /** Does not wait. */
  spawn(): void {
    // Nothing is inherited but what finds programs: a setting of whoever runs this must not reach it.
    const env = {
      PATH: process.env['PATH'],
      ...COMMON,
      PORT: String(this.port),
      ADMIN_KEY: this.key,
      ...this.#settings,
    }
    this.#child = new Child(process.execPath, argumentsOf('start'), { env, log: this.#log })
  }

  async #acceptsKey(): Promise<boolean> {
    return !('failure' in (await ask({ origin: this.origin, key: this.key, query: '{ viewer { name } }' })))
  }

  async serves(): Promise<void> {
    await until('Parley serves', async () => {
      if (!this.running) throw new Error(`Parley ended:\n${this.logged}`)
      return this.isReady()
    })
  }

  async isReady(): Promise<boolean> {
    return (await this.statusOf('/ready')) === 200
  }

  /** Null while nobody listens. */
  async statusOf(path: string): Promise<number | null> {
    try {
      const response = await fetch(new URL(path, this.origin), { signal: AbortSignal.timeout(2_000) })
      await response.arrayBuffer()
      return response.status
    } catch {
      return null
    }
  }

  /** `kill -9` of its first process alone. */
  async kill(): Promise<void> {
    this.#child?.signal('SIGKILL')
    await this.#child?.ended
  }

  get ended(): Promise<unknown> {
    return this.#child?.ended ?? Promise.resolve()
  }

  /** In order; throws if it had ended before, or ends otherwise than it should. */
  async stop(): Promise<void> {
    if (!this.running) throw new Error(`Parley had ended:\n${this.logged}`)
    this.#child?.signal('SIGTERM')
    const code = await this.#child?.ended
    if (code !== 0) throw new Error(`Parley ended with ${code}:\n${this.logged}`)
  }

  /** A tenant, and the secret of a key of its own. */
  async newTenant(id: string): Promise<Tenant> {
    await this.#administer('mutation ($id: ID!) { createTenant(input: { id: $id, name: "A customer" }) { created } }', {
      id,
    })
    const { generateApiKey } = await this.#administer<{ generateApiKey: { secret: string } }>(
      `mutation ($id: ID!) { generateApiKey(input: { name: "Back end", tenantId: $id,
        scopes: [CONVERSATIONS_READ, CONVERSATIONS_WRITE, CONVERSATIONS_ERASE, ANALYTICS_READ] }) { secret } }`,
      { id },
    )
    return { id, key: generateApiKey.secret }
  }

  async #administer<Data>(query: string, variables: object): Promise<Data> {
    const answer = await ask<Data>({ origin: this.origin, key: this.key, query, variables })
    if ('failure' in answer) throw new Error(`${answer.failure.code}: ${answer.failure.message}`)
    return answer.data
  }
}

export interface Tenant {
  id: string
  key: string
}
