import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import type { GraphQLSchema } from 'graphql'
import { afterAll } from 'vitest'
import { RefusedAttempts } from '../../src/audit/refused-attempts.ts'
import { SigningKeys } from '../../src/auth/signing-keys.ts'
import { makeFirstKey, makeFirstSigningKey } from '../../src/credentials/bootstrap-keys.ts'
import { Fallbacks } from '../../src/execution/fallbacks.ts'
import { answerRequests } from '../../src/http/answer-requests.ts'
import { createNodeServer } from '../../src/http/node-server.ts'
import { RequestLines } from '../../src/http/request-lines.ts'
import type { LiveTimes } from '../../src/live/live-times.ts'
import { SubscriberRegistry } from '../../src/live/subscriber-registry.ts'
import { createLog } from '../../src/log.ts'
import { createServer } from '../../src/server.ts'
import { openTestDatabase, type TestDatabase, type TestDatabaseOptions } from './database.ts'

/** What the server's own signing keys are sealed with. */
export const SIGNING_KEY_SECRET = 'a secret for tests, of 32 characters or more'

/** So that a test which needs polling fails: see live/polling.test.ts. */
const HOURLY: LiveTimes = { pollMs: 3_600_000, maxAgeMs: 3_600_000, recheckMs: 3_600_000 }

/** The scopes there are, but ADMIN. */
export const TENANT_SCOPES = [
  'ANALYTICS_READ',
  'CONVERSATIONS_READ',
  'INTERNALS_READ',
  'CONVERSATIONS_WRITE',
  'CONVERSATIONS_ERASE',
  'EMBED_TOKENS_CREATE',
]

/** Settings of a tenant whose messages are stored as they are given. */
export const NOTHING_DERIVED = {
  enrichment: { sentiment: false, language: false, tokenCount: false, cost: false },
  redactsPersonalData: false,
}

export interface GraphQLErrorShape {
  message: string
  path?: (string | number)[]
  extensions: Record<string, unknown> & { code: string }
}

export interface Answer {
  status: number
  headers: Headers
  // Answers have the shape that the test's own document asked for.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  data: any
  errors?: GraphQLErrorShape[]
}

/** What one credential asks. */
export type Ask = (document: string, variables?: Record<string, unknown>) => Promise<Answer>

export interface Credential {
  key?: string
  tenantId?: string
}

export interface TestServer extends TestDatabase {
  adminKey: string
  fetch(path: string, init?: RequestInit): Promise<Response>
  /** Listens as `npm start` does, until the test file ends. Returns the origin. */
  listen(): Promise<string>
  ask(credential: Credential, document: string, variables?: Record<string, unknown>): Promise<Answer>
  /** A client for one credential. */
  as(credential: Credential): Ask
  admin: Ask
  /** What was logged, a parsed line each. */
  logged: Record<string, unknown>[]
  /** What was refused is recorded behind the answer: wait for it here. */
  refusals: RefusedAttempts
  /** The open subscriptions. */
  changes: SubscriberRegistry
  /** Counts what is not compiled. */
  fallbacks: Fallbacks
  /** The clock that the server reads: set it to pass time. */
  clock: { now: Date | null }
  /**
   * A fresh tenant, and clients with a key of its own and with the account's. What it stores is what it was given, unless
   * `derives`: then it has the settings that every tenant begins with.
   */
  newTenant(options?: { scopes?: string[]; timeZone?: string; derives?: boolean }): Promise<TestTenant>
  newKey(input: {
    scopes: string[]
    tenantId?: string
    name?: string
    expiresAt?: string
    requestsPerMinute?: number
    allowedNetworks?: string[]
    autoCreateTenants?: boolean
  }): Promise<{ id: string; secret: string }>
}

export interface TestTenant {
  id: string
  keyId: string
  key: string
  ask: Ask
  /** As the account's administrator, with X-Tenant-Id. */
  asAccount: Ask
}

export interface TestServerOptions {
  database?: TestDatabaseOptions
  compilesReads?: boolean
  schema?: GraphQLSchema
  production?: boolean
  maxBodyBytes?: number
  maxAnswerBytes?: number
  maxSubscriptionsPerTenant?: number
  /** Default: nothing comes but by wake-ups. */
  liveTimes?: LiveTimes
  allowIntrospection?: boolean
  console?: boolean
  corsOrigins?: string[]
  maxQueryCost?: number
  rateLimits?: { perMinute: number; tenantPerMinute: number }
}

/** A fresh database with what a first start makes in it. */
export async function openWithFirstKeys(options: TestDatabaseOptions = {}) {
  const opened = await openTestDatabase(options)
  const adminKey = (await makeFirstKey(opened.database, undefined)) ?? ''
  await makeFirstSigningKey(opened.database, new SigningKeys(opened.database, SIGNING_KEY_SECRET))
  return { opened, adminKey }
}

/** A server in this process on a fresh database. Call it at the top of a test file; it closes by itself. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { opened, adminKey } = await openWithFirstKeys(options.database)
  const server = serveTestDatabase(opened, adminKey, options)
  afterAll(async () => {
    await server.changes.close()
    await server.refusals.flush()
    await opened.database.close()
  })
  return server
}

export function serveTestDatabase(opened: TestDatabase, adminKey: string, options: TestServerOptions = {}): TestServer {
  const logged: Record<string, unknown>[] = []
  const clock: TestServer['clock'] = { now: null }
  const log = createLog('info', { write: (line) => void logged.push(JSON.parse(line)) })
  const signingKeys = new SigningKeys(opened.database, SIGNING_KEY_SECRET)
  const refusals = new RefusedAttempts(opened.database, (err, lost) =>
    log.error({ err, lost }, 'audit events were lost'),
  )
  const changes = new SubscriberRegistry(
    opened.database,
    options.maxSubscriptionsPerTenant ?? 100,
    options.liveTimes ?? HOURLY,
  )
  const fallbacks = new Fallbacks(log)
  const yoga = createServer({
    fallbacks,
    schema: options.schema,
    database: opened.database,
    signingKeys,
    changes,
    refusals,
    compilesReads: options.compilesReads ?? true,
    config: {
      production: options.production ?? false,
      maxBodyBytes: options.maxBodyBytes ?? 10_485_760,
      maxAnswerBytes: options.maxAnswerBytes ?? 16_777_216,
      allowIntrospection: options.allowIntrospection ?? !options.production,
      console: options.console ?? !options.production,
      corsOrigins: options.corsOrigins ?? [],
      maxQueryCost: options.maxQueryCost ?? 250_000,
      rateLimits: options.rateLimits ?? { perMinute: 0, tenantPerMinute: 0 },
      trustedProxies: 0,
    },
    log,
    now: () => clock.now ?? new Date(),
  })
  const fetch: TestServer['fetch'] = async (path, init = {}) => yoga.fetch(new URL(path, 'http://localhost'), init)
  const listen = async () => {
    const http = createNodeServer(answerRequests(yoga, new RequestLines(log)), { keepAliveTimeoutMs: 5_000 })
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    afterAll(() => http.close())
    return `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  }
  const ask: TestServer['ask'] = async ({ key, tenantId }, query, variables) => {
    const response = await fetch('/graphql', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(key ? { authorization: `Bearer ${key}` } : {}),
        ...(tenantId ? { 'x-tenant-id': tenantId } : {}),
      },
      body: JSON.stringify({ query, variables }),
    })
    return {
      status: response.status,
      headers: response.headers,
      ...((await response.json()) as Omit<Answer, 'status' | 'headers'>),
    }
  }
  const as: TestServer['as'] = (credential) => (document, variables) => ask(credential, document, variables)
  const admin = as({ key: adminKey })

  const newKey: TestServer['newKey'] = async (input) => {
    const { data, errors } = await admin(
      `mutation ($input: GenerateApiKeyInput!) { generateApiKey(input: $input) { secret apiKey { id } } }`,
      { input: { name: 'test', ...input } },
    )
    if (errors) throw new Error(JSON.stringify(errors))
    return { id: data.generateApiKey.apiKey.id, secret: data.generateApiKey.secret }
  }
  const newTenant: TestServer['newTenant'] = async ({
    scopes = TENANT_SCOPES,
    timeZone = 'UTC',
    derives = false,
  } = {}) => {
    const id = `tenant-${randomUUID().slice(0, 8)}`
    await admin(`mutation ($input: CreateTenantInput!) { createTenant(input: $input) { created } }`, {
      input: { id, name: id, timeZone, ...(derives ? {} : NOTHING_DERIVED) },
    })
    const key = await newKey({ scopes, tenantId: id })
    return {
      id,
      keyId: key.id,
      key: key.secret,
      ask: as({ key: key.secret }),
      asAccount: as({ key: adminKey, tenantId: id }),
    }
  }
  return {
    ...opened,
    adminKey,
    fetch,
    listen,
    ask,
    as,
    admin,
    logged,
    refusals,
    changes,
    fallbacks,
    clock,
    newTenant,
    newKey,
  }
}

/** The codes of an answer's errors. */
export const codes = (answer: Answer) => (answer.errors ?? []).map((error) => error.extensions.code)
