import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ConfigError, readConfig } from '../src/config.ts'

function problems(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env, (key) => key === 'well formed')
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

const DEFAULTS = {
  port: 4000,
  host: '127.0.0.1',
  database: {
    url: undefined,
    ownerUrl: undefined,
    poolSize: 10,
    connectTimeoutMs: 5_000,
    statementTimeoutMs: 15_000,
    dataDir: resolve('.parley'),
  },
  adminKey: undefined,
  signingKeySecret: undefined,
  production: false,
  trustedProxies: 0,
  maxBodyBytes: 10_485_760,
  shutdownTimeoutMs: 10_000,
  logLevel: 'info',
}

test('no setting has to be given', () => {
  expect(readConfig({})).toEqual(DEFAULTS)
})

test('an empty variable counts as absent, and one of another program as none of ours', () => {
  expect(readConfig({ PORT: '', DATABASE_URL: '', ADMIN_KEY: '', NODE_ENV: '', HOME: '/root' })).toEqual(DEFAULTS)
})

test('every setting arrives where it is used', () => {
  const secret = 'x'.repeat(32)
  expect(
    readConfig({
      PORT: '0',
      HOST: '::1',
      DATABASE_URL: 'postgresql://server@localhost/parley',
      DATABASE_OWNER_URL: 'postgres://owner@localhost/parley',
      DATABASE_POOL_SIZE: '3',
      DATABASE_CONNECT_TIMEOUT_MS: '4',
      DATABASE_STATEMENT_TIMEOUT_MS: '5',
      DATA_DIR: 'somewhere',
      ADMIN_KEY: 'brought',
      SIGNING_KEY_SECRET: secret,
      NODE_ENV: 'production',
      TRUST_PROXY: '2',
      MAX_BODY_BYTES: '2048',
      SHUTDOWN_TIMEOUT_MS: '0',
      LOG_LEVEL: 'debug',
    }),
  ).toEqual({
    port: 0,
    host: '::1',
    database: {
      url: 'postgresql://server@localhost/parley',
      ownerUrl: 'postgres://owner@localhost/parley',
      poolSize: 3,
      connectTimeoutMs: 4,
      statementTimeoutMs: 5,
      dataDir: resolve('somewhere'),
    },
    adminKey: 'brought',
    signingKeySecret: secret,
    production: true,
    trustedProxies: 2,
    maxBodyBytes: 2048,
    shutdownTimeoutMs: 0,
    logLevel: 'debug',
  })
})

describe('a setting that can’t be used is named', () => {
  test.each([
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '0x10'],
    ['PORT', '80.5'],
    ['DATABASE_URL', 'mysql://localhost/parley'],
    ['DATABASE_URL', 'localhost'],
    ['DATABASE_POOL_SIZE', '0'],
    ['DATABASE_CONNECT_TIMEOUT_MS', '5s'],
    ['DATABASE_STATEMENT_TIMEOUT_MS', '0'],
    ['ADMIN_KEY', 'parley_short'],
    ['SIGNING_KEY_SECRET', 'short'],
    ['NODE_ENV', 'staging'],
    ['TRUST_PROXY', 'true'],
    ['MAX_BODY_BYTES', '1'],
    ['SHUTDOWN_TIMEOUT_MS', 'never'],
    ['LOG_LEVEL', 'trace'],
  ])('%s=%s', (name, value) => {
    expect(problems({ [name]: value })).toEqual([expect.stringMatching(new RegExp(`^${name}: .`))])
  })

  test('DATABASE_OWNER_URL without DATABASE_URL', () => {
    expect(problems({ DATABASE_OWNER_URL: 'postgres://owner@localhost/parley' })).toEqual([
      'DATABASE_OWNER_URL: needs DATABASE_URL, the role that serves',
    ])
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
