import { generateKeyPairSync, hash } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Database } from '../../src/database/connect.ts'
import type { PrismaClient } from '../../src/database/generated/client/client.ts'
import type { Statements } from '../../src/database/sql-transactions.ts'
import { schema } from '../../src/schema/schema.ts'
import { type Ask, serveTestDatabase, startTestServer, type TestTenant } from '../support/server.ts'
import { logged, said, write } from './writes.ts'

/** Each write, failing at its first statement, at its second, and so on: nothing of it is stored until none fails. */

const opened = await startTestServer()
const server = serveTestDatabase({ ...opened, database: failing(opened.database) }, opened.adminKey)

/** From which statement on they fail, and until which one; how many there were. */
const fault = { from: Number.POSITIVE_INFINITY, until: Number.POSITIVE_INFINITY, statements: 0 }

/** A statement that fails has been carried out: whoever goes on, or commits, would store it. */
async function orFail<Result>(run: () => PromiseLike<Result>): Promise<Result> {
  const result = await run()
  fault.statements += 1
  if (fault.statements > fault.from && fault.statements <= fault.until) throw new Error('a statement has failed')
  return result
}

function failing(database: Database): Database {
  const prisma = database.prisma.$extends({ query: { $allOperations: ({ args, query }) => orFail(() => query(args)) } })
  const { transaction } = database.withoutPrisma
  return {
    ...database,
    // The extension adds no method and changes no result.
    prisma: prisma as unknown as PrismaClient,
    withoutPrisma: {
      ...database.withoutPrisma,
      transaction: (opening, work) =>
        transaction(opening, (statements) => {
          const run: Statements['run'] = (statement) => orFail(() => statements.run(statement))
          return work({ ...statements, run })
        }),
    },
  }
}

interface Stand extends TestTenant {
  agent: string
  conversation: string
  message: string
  otherKey: string
  issuer: string
}

const publicKey = () => ({ ...generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }), kid: 'k' })

const REGISTERED = '{ limits { maxCost } }'

async function stand(): Promise<Stand> {
  const tenant = await opened.newTenant()
  await write(tenant.ask, 'registerDocuments', { documents: [{ document: REGISTERED }] }, 'createdCount')
  const { data } = await write(tenant.ask, 'createAgent', { name: 'Stand' }, 'agent { id }')
  const { id, messages } = await logged(tenant.ask, { status: 'ACTIVE', externalId: 'x' })
  const issuer = { issuer: `https://${tenant.id}.example`, audience: 'a', keys: [publicKey()] }
  const registered = await write(opened.admin, 'registerTokenIssuer', issuer, 'tokenIssuer { id }')
  const { id: otherKey } = await opened.newKey({ scopes: ['CONVERSATIONS_READ'], tenantId: tenant.id })
  return {
    ...tenant,
    ...{ agent: data.createAgent.agent.id, conversation: id, message: messages[0] ?? '', otherKey },
    issuer: registered.data.registerTokenIssuer.tokenIssuer.id,
  }
}

const KEY = { idempotencyKey: 'k' }
/** For a secret it must be longer. */
const secretKey = (tenantId: string) => ({ idempotencyKey: tenantId.padEnd(32, '0') })

/** What a mutation is called with: its arguments, by name. */
const WRITES: Record<string, (stand: Stand) => Record<string, unknown>> = {
  createTenant: ({ id }) => ({ input: { id: `${id}-new`, name: 'New' } }),
  updateTenant: ({ id }) => ({ input: { id, name: 'Renamed', allowedOrigins: ['https://a.example'] } }),
  generateApiKey: ({ id }) => ({
    input: { name: 'n', scopes: ['CONVERSATIONS_READ'], tenantId: id, ...secretKey(id) },
  }),
  updateApiKey: ({ otherKey }) => ({ input: { id: otherKey, name: 'N', scopes: ['ANALYTICS_READ'] } }),
  regenerateApiKey: ({ id, otherKey }) => ({ input: { id: otherKey, ...secretKey(id) } }),
  revokeApiKey: ({ otherKey }) => ({ input: { id: otherKey } }),
  registerTokenIssuer: ({ id }) => ({
    input: { issuer: `https://${id}-new.example`, audience: 'a', keys: [publicKey()] },
  }),
  updateTokenIssuer: ({ issuer }) => ({ input: { id: issuer, name: 'Renamed' } }),
  deleteTokenIssuer: ({ issuer }) => ({ input: { id: issuer } }),
  rotateSigningKey: () => ({}),
  createEmbedToken: () => ({ input: {} }),
  revokeEmbedTokens: () => ({}),
  registerDocuments: () => ({ input: { documents: [{ document: '{ viewer { name } }' }] } }),
  deleteDocuments: () => ({ input: { sha256Hashes: [hash('sha256', REGISTERED, 'hex')] } }),
  createAgent: () => ({ input: { name: 'A', externalId: 'a', ...KEY } }),
  upsertAgent: () => ({ input: { externalId: 'r', ...KEY } }),
  updateAgent: ({ agent }) => ({ input: { by: { id: agent }, name: 'N', ...KEY } }),
  archiveAgent: ({ agent }) => ({ input: { by: { id: agent }, ...KEY } }),
  logConversation: () => ({ input: { ...LOGGED, ...KEY } }),
  logConversations: () => ({
    input: {
      conversations: [
        { ...LOGGED, ...KEY },
        { ...LOGGED, externalId: 'x', onConflict: 'APPEND' },
      ],
    },
  }),
  appendMessages: ({ conversation }) => ({
    input: { by: { id: conversation }, messages: [said('b')], metadata: { b: 1 }, agents: LOGGED.agents, ...KEY },
  }),
  completeConversation: ({ conversation }) => ({ input: { by: { id: conversation }, ...KEY } }),
  reopenConversation: ({ conversation }) => ({ input: { by: { id: conversation }, ...KEY } }),
  updateConversation: ({ conversation }) => ({
    input: { by: { id: conversation }, metadata: { c: 1 }, agents: LOGGED.agents, ...KEY },
  }),
  updateMessages: ({ conversation, message }) => ({
    input: { by: { id: conversation }, messages: [{ by: { id: message }, rating: 1 }], ...KEY },
  }),
  deleteConversation: ({ conversation }) => ({ input: { by: { id: conversation }, ...KEY } }),
}

const LOGGED = { messages: [said('a')], metadata: { a: 1 }, agents: [{ externalId: 'new' }] }

/** Mutations only because what they are given must not be in a URL. */
const STORE_NOTHING = ['testToken']

const fields = schema.getMutationType()?.getFields() ?? {}

test('every mutation is among these', () => {
  expect([...Object.keys(WRITES), ...STORE_NOTHING].sort()).toEqual(Object.keys(fields).sort())
})

/** Not written by the requests themselves. */
const ASIDE = ['_prisma_migrations', 'migration_compatibility', 'rate_counts', 'position_key']

/** All that is stored, as a fingerprint of each table. */
async function everythingStored() {
  const tables = await opened.owner(`
    SELECT relname AS name FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
      AND relname NOT IN ('${ASIDE.join("', '")}') ORDER BY 1`)
  const sums = tables.map(
    ({ name }) => `(SELECT count(*) || ' ' || md5(coalesce(string_agg(row, '' ORDER BY row), ''))
      FROM (SELECT (to_jsonb(t) - 'last_used_at')::text AS row FROM ${name} t) rows) AS ${name}`,
  )
  const [row] = await opened.owner(`SELECT ${sums.join(', ')}`)
  return row
}

const MAX_STATEMENTS = 40

test.each(Object.entries(WRITES))('%s stores nothing if any of its statements fails', async (mutation, argumentsOf) => {
  const one = await stand()
  const args = argumentsOf(one)
  const field = fields[mutation]
  const given = (field?.args ?? []).filter(({ name }) => name in args)
  const declared = given.map(({ name, type }) => `$${name}: ${type}`).join(', ')
  const passed = given.map(({ name }) => `${name}: $${name}`).join(', ')
  const document = `mutation ${declared && `(${declared})`} { ${mutation}${passed && `(${passed})`} { __typename } }`
  const isAccounts = /Tenant$|ApiKey$|TokenIssuer$|SigningKey$/.test(mutation)
  const ask: Ask = server.as(isAccounts ? { key: opened.adminKey } : { key: one.key })
  const before = await everythingStored()
  let failed = 0
  for (fault.from = 0; fault.from < MAX_STATEMENTS; fault.from += 1) {
    fault.statements = 0
    const { errors } = await ask(document, args)
    if (fault.statements <= fault.from) {
      expect(errors).toBeUndefined()
      break
    }
    failed += 1
    expect(errors).toHaveLength(1)
    expect(await everythingStored()).toEqual(before)
  }
  fault.from = Number.POSITIVE_INFINITY
  if (mutation === 'createEmbedToken') return
  expect(failed).toBeGreaterThan(0)
  expect(failed).toBeLessThan(MAX_STATEMENTS)
  expect(await everythingStored()).not.toEqual(before)
})

/** Of those that share transactions, what they add: conversations and messages. */
const SHARING: Record<string, { args: (stand: Stand) => Record<string, unknown>; adds: [number, number] }> = {
  logConversation: { args: () => ({ input: LOGGED }), adds: [1, 1] },
  logConversations: {
    args: () => ({ input: { conversations: [LOGGED, { ...LOGGED, externalId: 'x', onConflict: 'APPEND' }] } }),
    adds: [1, 2],
  },
  appendMessages: {
    args: ({ conversation }) => ({ input: { by: { id: conversation }, messages: [said('b')] } }),
    adds: [0, 1],
  },
}

test.each(Object.entries(SHARING))(
  '%s is stored whole or not at all if one statement fails once',
  async (mutation, { args, adds }) => {
    const one = await stand()
    const document = `mutation ($input: ${inputType(mutation)}!) { ${mutation}(input: $input) { __typename } }`
    const count = async () => {
      const rows = ['conversations', 'messages'].map((table) => `(SELECT count(*)::int FROM ${table}) AS ${table}`)
      const [row] = await opened.owner(`SELECT ${rows.join(', ')}`)
      return [Number(row?.['conversations']), Number(row?.['messages'])]
    }
    for (fault.from = 0; fault.from < MAX_STATEMENTS; fault.from += 1) {
      Object.assign(fault, { until: fault.from + 1, statements: 0 })
      const [conversations = 0, messages = 0] = await count()
      const { errors } = await server.ask({ key: one.key }, document, args(one))
      const [added, others] = errors ? [0, 0] : adds
      expect(await count()).toEqual([conversations + added, messages + others])
      if (fault.statements <= fault.from) break
    }
    Object.assign(fault, { from: Number.POSITIVE_INFINITY, until: Number.POSITIVE_INFINITY })
  },
)

const inputType = (mutation: string) => `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`
