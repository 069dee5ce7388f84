import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ConfigError, parseConfig } from '../src/config.ts'

function problems(env: Record<string, string>): readonly string[] {
  try {
    parseConfig(env, (key) => key === 'well formed')
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

const DEFAULTS = {
  port: 4000,
  host: '127.0.0.1',
  processes: 1,
  database: {
    url: undefined,
    ownerUrl: undefined,
    poolSize: 10,
    connectTimeoutMs: 5_000,
    statementTimeoutMs: 15_000,
    dataDir: resolve('.parley'),
    fsync: true,
  },
  adminKey: undefined,
  signingKeySecret: undefined,
  production: false,
  console: true,
  corsOrigins: [],
  allowIntrospection: true,
  maxQueryCost: 250_000,
  rateLimits: { perMinute: 6_000, tenantPerMinute: 30_000 },
  trustedProxies: 0,
  maxBodyBytes: 10_485_760,
  maxAnswerBytes: 16_777_216,
  maxSubscriptionsPerTenant: 100,
  keepAliveTimeoutMs: 65_000,
  shutdownDelayMs: 0,
  shutdownTimeoutMs: 10_000,
  logLevel: 'info',
}

test('no setting has to be given', () => {
  expect(parseConfig({})).toEqual(DEFAULTS)
})

test('an empty variable counts as absent, and one of another program as none of ours', () => {
  expect(parseConfig({ PORT: '', DATABASE_URL: '', ADMIN_KEY: '', NODE_ENV: '', HOME: '/root' })).toEqual(DEFAULTS)
})

test('every setting arrives where it is used', () => {
  const secret = 'x'.repeat(32)
  expect(
    parseConfig({
      PORT: '0',
      HOST: '::1',
      PROCESSES: '7',
      DATABASE_URL: 'postgresql://server@localhost/parley',
      DATABASE_OWNER_URL: 'postgres://owner@localhost/parley',
      BACKUP_URL: 'postgres://backup@localhost/parley',
      DATABASE_POOL_SIZE: '3',
      DATABASE_CONNECT_TIMEOUT_MS: '4',
      DATABASE_STATEMENT_TIMEOUT_MS: '5',
      DATA_DIR: 'somewhere',
      EMBEDDED_FSYNC: 'false',
      ADMIN_KEY: 'brought',
      SIGNING_KEY_SECRET: secret,
      NODE_ENV: 'production',
      CONSOLE: 'true',
      CORS_ORIGINS: 'https://app.example.com, http://localhost:5173',
      ALLOW_INTROSPECTION: 'true',
      MAX_QUERY_COST: '5000',
      RATE_LIMIT_PER_MINUTE: '6',
      RATE_LIMIT_TENANT_PER_MINUTE: '0',
      TRUST_PROXY: '2',
      MAX_BODY_BYTES: '2048',
      MAX_ANSWER_BYTES: '4096',
      MAX_SUBSCRIPTIONS_PER_TENANT: '9',
      KEEP_ALIVE_TIMEOUT_MS: '10',
      SHUTDOWN_DELAY_MS: '600000',
      SHUTDOWN_TIMEOUT_MS: '0',
      LOG_LEVEL: 'debug',
    }),
  ).toEqual({
    port: 0,
    host: '::1',
    processes: 7,
    database: {
      url: 'postgresql://server@localhost/parley',
      ownerUrl: 'postgres://owner@localhost/parley',
      poolSize: 3,
      connectTimeoutMs: 4,
      statementTimeoutMs: 5,
      dataDir: resolve('somewhere'),
      fsync: false,
    },
    backupUrl: 'postgres://backup@localhost/parley',
    adminKey: 'brought',
    signingKeySecret: secret,
    production: true,
    console: true,
    corsOrigins: ['https://app.example.com', 'http://localhost:5173'],
    allowIntrospection: true,
    maxQueryCost: 5_000,
    rateLimits: { perMinute: 6, tenantPerMinute: 0 },
    trustedProxies: 2,
    maxBodyBytes: 2048,
    maxAnswerBytes: 4_096,
    maxSubscriptionsPerTenant: 9,
    keepAliveTimeoutMs: 10,
    shutdownDelayMs: 600_000,
    shutdownTimeoutMs: 0,
    logLevel: 'debug',
  })
})

test('the schema can be asked about unless this is production, and there where it is allowed', () => {
  const allows = (env: Record<string, string>) => parseConfig(env).allowIntrospection
  expect(allows({ NODE_ENV: 'development' })).toBe(true)
  expect(allows({ NODE_ENV: 'production' })).toBe(false)
  expect(allows({ NODE_ENV: 'production', ALLOW_INTROSPECTION: 'false' })).toBe(false)
  expect(allows({ NODE_ENV: 'production', ALLOW_INTROSPECTION: 'true' })).toBe(true)
})

test('the console is served unless this is production, or as CONSOLE says', () => {
  const serves = (env: Record<string, string>) => parseConfig(env).console
  for (const NODE_ENV of ['development', 'test', 'production']) {
    expect([NODE_ENV, serves({ NODE_ENV })]).toEqual([NODE_ENV, NODE_ENV !== 'production'])
    expect(serves({ NODE_ENV, CONSOLE: 'true' })).toBe(true)
    expect(serves({ NODE_ENV, CONSOLE: 'false' })).toBe(false)
  }
})

test('PROCESSES=auto is one for each core that there is, and one on the embedded database', () => {
  const DATABASE_URL = 'postgres://server@localhost/parley'
  expect(parseConfig({ PROCESSES: 'auto', DATABASE_URL }).processes).toBe(availableParallelism())
  expect(parseConfig({ PROCESSES: 'auto' }).processes).toBe(1)
})

describe('a setting that can’t be used is named', () => {
  test.each([
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '0x10'],
    ['PORT', '80.5'],
    ['PROCESSES', '0'],
    ['PROCESSES', '257'],
    ['PROCESSES', '1.5'],
    ['PROCESSES', 'all'],
    ['DATABASE_URL', 'mysql://localhost/parley'],
    ['DATABASE_URL', 'localhost'],
    ['DATABASE_POOL_SIZE', '0'],
    ['DATABASE_CONNECT_TIMEOUT_MS', '5s'],
    ['DATABASE_STATEMENT_TIMEOUT_MS', '0'],
    ['ADMIN_KEY', 'parley_short'],
    ['SIGNING_KEY_SECRET', 'short'],
    ['NODE_ENV', 'staging'],
    ['CORS_ORIGINS', '*'],
    ['CORS_ORIGINS', 'null'],
    ['CORS_ORIGINS', 'app.example.com'],
    ['CORS_ORIGINS', 'https://app.example.com/'],
    ['CORS_ORIGINS', 'https://*.example.com'],
    ['CORS_ORIGINS', 'https://App.example.com'],
    ['CORS_ORIGINS', 'https://app.example.com:443'],
    ['CORS_ORIGINS', 'file:///page.html'],
    ['CORS_ORIGINS', 'https://app.example.com,,https://b.example.com'],
    ['ALLOW_INTROSPECTION', 'yes'],
    ['CONSOLE', 'on'],
    ['MAX_QUERY_COST', '0'],
    ['RATE_LIMIT_PER_MINUTE', '-1'],
    ['RATE_LIMIT_TENANT_PER_MINUTE', 'many'],
    ['TRUST_PROXY', 'true'],
    ['MAX_BODY_BYTES', '1'],
    ['MAX_ANSWER_BYTES', '1000'],
    ['MAX_ANSWER_BYTES', '33554433'],
    ['KEEP_ALIVE_TIMEOUT_MS', '0'],
    ['SHUTDOWN_DELAY_MS', '600001'],
    ['SHUTDOWN_TIMEOUT_MS', 'never'],
    ['LOG_LEVEL', 'trace'],
  ])('%s=%s', (name, value) => {
    expect(problems({ [name]: value })).toEqual([expect.stringMatching(new RegExp(`^${name}: .`))])
  })

  test('DATABASE_OWNER_URL without DATABASE_URL', () => {
    expect(problems({ DATABASE_OWNER_URL: 'postgres://owner@localhost/parley' })).toEqual([
      'DATABASE_OWNER_URL: needs DATABASE_URL, which the server connects with',
    ])
  })

  test('several PROCESSES without DATABASE_URL, and not where that is merely wrong', () => {
    expect(problems({ PROCESSES: '2' })).toEqual([
      'PROCESSES: more than one needs DATABASE_URL: only one process can use the embedded database',
    ])
    expect(problems({ PROCESSES: '2', DATABASE_URL: 'localhost' })).toEqual([expect.stringMatching(/^DATABASE_URL: /)])
    expect(problems({ PROCESSES: '1' })).toEqual([])
  })

  test('together with every other, and never with its value', () => {
    const all = problems({
      DATABASE_URL: 'hunter2',
      PORT: 'hunter2',
      ADMIN_KEY: 'hunter2',
      DATABASE_OWNER_URL: 'hunter2',
    })
    expect(all.map((problem) => problem.split(':')[0]).sort()).toEqual([
      'ADMIN_KEY',
      'DATABASE_OWNER_URL',
      'DATABASE_URL',
      'PORT',
    ])
    expect(all.join()).not.toContain('hunter2')
    expect(problems({ ADMIN_KEY: 'well formed' })).toEqual([])
  })
})
