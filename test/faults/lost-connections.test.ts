import { randomBytes } from 'node:crypto'
import { afterAll, describe, expect, inject, test, vi } from 'vitest'
import { Prisma } from '../../src/database/generated/client/client.ts'
import { countAsTenant, readAsTenant, transaction, writeAsTenant } from '../../src/database/transaction.ts'
import { logged, said } from '../conversations/writes.ts'
import { FaultyProxy } from '../support/faulty-proxy.ts'
import { type Answer, startTestServer, type TestTenant } from '../support/server.ts'

const LOG = 'mutation ($input: LogConversationInput!) { logConversation(input: $input) { created } }'
const LOG_MANY =
  'mutation ($inputs: [LogConversationInput!]!) { logConversations(input: { conversations: $inputs }) { results { created } } }'
const APPEND =
  'mutation ($input: AppendMessagesInput!) { appendMessages(input: $input) { appendedMessages { sequence } } }'
const UPDATE =
  'mutation ($input: UpdateConversationInput!) { updateConversation(input: $input) { conversation { description } } }'
const DELETE = 'mutation ($input: DeleteConversationInput!) { deleteConversation(input: $input) { deletedId } }'

const message = { messages: [said('Hello')] }

/** A request, and how often what it stores is there. */
interface Case {
  document: string
  variables: (tenant: TestTenant, mark: string) => Promise<Record<string, unknown>>
  /** Counts what the request stores; null for a request that stores nothing. */
  stored: ((mark: string) => string) | null
}

const logInput = (mark: string) => ({ ...message, description: mark })
const described = (mark: string) => `SELECT count(*)::int AS count FROM conversations WHERE description = '${mark}'`
const openConversation = async ({ ask }: TestTenant) => (await logged(ask, { status: 'ACTIVE' })).id

const WRITES: Record<string, Case> = {
  'a group commit': { document: LOG, variables: async (_, mark) => ({ input: logInput(mark) }), stored: described },
  'an append': {
    document: APPEND,
    variables: async (tenant, mark) => ({
      input: { by: { id: await openConversation(tenant) }, messages: [said(mark)] },
    }),
    stored: (mark) => `SELECT count(*)::int AS count FROM messages WHERE content = '${mark}'`,
  },
  'a bulk write': {
    document: LOG_MANY,
    variables: async (_, mark) => ({ inputs: [logInput(mark)] }),
    stored: described,
  },
  'a write through Prisma': {
    document: UPDATE,
    variables: async (tenant, mark) => ({
      input: { by: { id: await openConversation(tenant) }, description: mark },
    }),
    stored: described,
  },
  'an erasure': {
    document: DELETE,
    variables: async ({ ask }, mark) => ({
      input: { by: { id: (await logged(ask, { status: 'ACTIVE', description: mark })).id } },
    }),
    stored: (mark) => `SELECT 1 - count(*)::int AS count FROM conversations WHERE description = '${mark}'`,
  },
}

const READS: Record<string, Case> = {
  'a compiled read': read('{ conversations(first: 5) { nodes { id } } }'),
  'a snapshot': read('{ conversationMetrics { current { conversationCount } } }'),
  'a read through Prisma': read('{ agents(first: 5) { nodes { id } } viewer { name } }'),
}

function read(document: string): Case {
  return { document, variables: async () => ({}), stored: null }
}

const onPostgres = inject('databaseKind') === 'postgresql'

describe.skipIf(!onPostgres)('a lost connection', async () => {
  if (!onPostgres) return
  const proxy = await FaultyProxy.start(String(inject('postgresTemplate')?.ownerUrl))
  afterAll(() => proxy.close())
  const server = await startTestServer({ database: { through: (url) => proxy.through(url) } })
  const tenant = await server.newTenant()
  let marks = 0

  const codesOf = ({ errors = [] }: Answer) => errors.map(({ extensions }) => extensions.code)

  /** Sends a request whose connection is cut there; what it answers, and how often what it stores is there afterwards. */
  async function cutAt(
    { document, variables, stored }: Case,
    cut: Parameters<FaultyProxy['cutAt']>[0],
    withKey = false,
  ) {
    marks += 1
    const mark = `mark ${marks}`
    const given = await variables(tenant, mark)
    const key = withKey ? { idempotencyKey: mark } : {}
    const keyed = {
      ...('input' in given ? { input: { ...(given['input'] as object), ...key } } : {}),
      ...('inputs' in given ? { inputs: (given['inputs'] as object[]).map((input) => ({ ...input, ...key })) } : {}),
    }
    const before = proxy.cuts
    proxy.cutAt(cut)
    const answer = await tenant.ask(document, keyed)
    expect(proxy.cuts).toBe(before + 1)
    const count = async () => (stored ? (await server.owner(stored(mark)))[0]?.['count'] : null)
    return { answer, count: await count(), again: () => tenant.ask(document, keyed), recount: count }
  }

  const endings = ['CLOSE', 'RESET'] as const

  test.for(
    Object.entries({ ...READS, ...WRITES }).flatMap(([name, one]) =>
      (['BEFORE', 'AFTER'] as const).flatMap((when) => endings.map((ending) => ({ name, one, when, ending }))),
    ),
  )(
    'while it authenticates, $when the statement, by $ending: $name answers UNAVAILABLE',
    async ({ one, when, ending }) => {
      const { answer, count, again } = await cutAt(one, { text: 'authenticate_api_key', when, ending })
      expect(codesOf(answer)).toEqual(['UNAVAILABLE'])
      expect(answer.status).toBe(503)
      expect(answer.headers.get('retry-after')).toMatch(/^[1-5]$/)
      expect(answer.errors?.[0]?.extensions['retryAfterSeconds']).toBe(Number(answer.headers.get('retry-after')))
      if (one.stored) expect(count).toBe(0)
      expect((await again()).errors).toBeUndefined()
    },
  )

  test.for(
    Object.entries(READS).flatMap(([name, one]) =>
      ['BEGIN', 'COMMIT'].flatMap((text) =>
        (['BEFORE', 'AFTER'] as const).flatMap((when) => endings.map((ending) => ({ name, one, text, when, ending }))),
      ),
    ),
  )('$when $text, by $ending: $name is answered or UNAVAILABLE, and the next is answered', async ({ one, ...cut }) => {
    const { answer, again } = await cutAt(one, cut)
    if (answer.errors) {
      expect(codesOf(answer)).toEqual(['UNAVAILABLE'])
      expect(answer.status).toBe(503)
    }
    expect((await again()).errors).toBeUndefined()
  })

  test.for(
    Object.entries(WRITES).flatMap(([name, one]) =>
      ['BEGIN', 'conversations'].flatMap((text) =>
        (['BEFORE', 'AFTER'] as const).flatMap((when) => endings.map((ending) => ({ name, one, text, when, ending }))),
      ),
    ),
  )('$when "$text", by $ending: $name is stored once, or not and UNAVAILABLE', async ({ one, ...cut }) => {
    const { answer, count, again } = await cutAt(one, cut)
    if (!answer.errors) return expect(count).toBe(1)
    expect(codesOf(answer)).toEqual(['UNAVAILABLE'])
    expect(answer.status).toBe(503)
    expect(count).toBe(0)
    expect((await again()).errors).toBeUndefined()
  })

  test.for(Object.entries(WRITES).flatMap(([name, one]) => endings.map((ending) => ({ name, one, ending }))))(
    'that answers no COMMIT, by $ending: $name is OUTCOME_UNKNOWN without a key, whether it was stored or not',
    async ({ one, ending }) => {
      const lost = await cutAt(one, { text: 'COMMIT', when: 'AFTER', ending })
      expect(codesOf(lost.answer)).toEqual(['OUTCOME_UNKNOWN'])
      expect(lost.answer.status).toBe(504)
      expect(lost.answer.headers.get('retry-after')).toBeNull()
      expect(lost.count).toBe(1)
      const unsent = await cutAt(one, { text: 'COMMIT', when: 'BEFORE', ending })
      expect(codesOf(unsent.answer)).toEqual(['OUTCOME_UNKNOWN'])
      expect(unsent.count).toBe(0)
    },
  )

  test.for(Object.entries(WRITES).flatMap(([name, one]) => endings.map((ending) => ({ name, one, ending }))))(
    'that answers no COMMIT, by $ending: $name with an idempotency key is answered, and stored once',
    async ({ one, ending }) => {
      for (const when of ['BEFORE', 'AFTER'] as const) {
        const { answer, count, again, recount } = await cutAt(one, { text: 'COMMIT', when, ending }, true)
        expect(answer.errors).toBeUndefined()
        expect(count).toBe(1)
        expect((await again()).data).toEqual(answer.data)
        expect(await recount()).toBe(1)
      }
    },
  )

  test.for([
    'mutation ($input: LogConversationInput!) { __typename logConversation(input: $input) { created } }',
    'mutation ($input: LogConversationInput!) { ...F } fragment F on Mutation { logConversation(input: $input) { created } }',
    'mutation ($input: LogConversationInput!) { ... on Mutation { logConversation(input: $input) { created } } }',
    'mutation ($input: LogConversationInput!) { logConversation(input: $input) { created } createTenant(input: { id: "x", name: "x" }) @skip(if: true) { created } }',
    'mutation ($input: LogConversationInput!, $skip: Boolean! = true) { logConversation(input: $input) { created } createTenant(input: { id: "x", name: "x" }) @skip(if: $skip) { created } }',
    'mutation ($input: LogConversationInput!, $none: Boolean! = false) { logConversation(input: $input) { created } ...F @include(if: $none) } fragment F on Mutation { createTenant(input: { id: "x", name: "x" }) { created } }',
    'mutation ($input: LogConversationInput!, $name: String! = "by default") { logConversation(input: $input) { created } createAgent(input: { name: $name, idempotencyKey: "agent" }) { agent { id } } }',
  ])('that answers no COMMIT: a write with a key is answered in whatever way it is asked for: %s', async (document) => {
    const one = { ...(WRITES['a group commit'] as Case), document }
    const { answer, count } = await cutAt(one, { text: 'COMMIT', when: 'AFTER', ending: 'RESET' }, true)
    expect(answer.errors).toBeUndefined()
    expect(answer.data.logConversation).toEqual({ created: true })
    expect(count).toBe(1)
  })

  test.for(endings)('that answers no COMMIT, by %s: with an idempotency key, no secret is lost', async (ending) => {
    const countKeys = async () => Number((await server.owner('SELECT count(*) FROM api_keys'))[0]?.['count'])
    const GENERATE =
      'mutation ($input: GenerateApiKeyInput!) { generateApiKey(input: $input) { secret apiKey { id } } }'
    const REGENERATE = 'mutation ($input: RegenerateApiKeyInput!) { regenerateApiKey(input: $input) { secret } }'
    const send = async (document: string, input: object) => {
      proxy.cutAt({ text: 'COMMIT', when: 'AFTER', ending })
      const given = { input: { ...input, idempotencyKey: randomBytes(32).toString('hex') } }
      const { data, errors } = await server.admin(document, given)
      expect(errors).toBeUndefined()
      expect((await server.admin(document, given)).data).toEqual(data)
      return data
    }
    const before = await countKeys()
    const { generateApiKey } = await send(GENERATE, { name: 'n', scopes: ['ANALYTICS_READ'] })
    expect(await countKeys()).toBe(before + 1)
    const { regenerateApiKey } = await send(REGENERATE, { id: generateApiKey.apiKey.id })
    const viewer = (key: string) => server.ask({ key }, '{ viewer { name } }')
    expect((await viewer(regenerateApiKey.secret)).data).toEqual({ viewer: { name: 'n' } })
    expect(codesOf(await viewer(generateApiKey.secret))).toEqual(['UNAUTHENTICATED'])
  })

  test('that answers no COMMIT: a bulk write needs keys for the conversations that fit alone', async () => {
    const one: Case = {
      ...(WRITES['a bulk write'] as Case),
      variables: async (_, mark) => ({ inputs: [logInput(mark), { ...message, status: 'UNFIT' }] }),
    }
    const { answer, count } = await cutAt(one, { text: 'COMMIT', when: 'AFTER', ending: 'RESET' }, true)
    expect(answer.errors).toBeUndefined()
    expect(answer.data.logConversations.results).toEqual([{ created: true }, { created: null }])
    expect(count).toBe(1)
  })

  test('that answers no COMMIT: two writes of which one has no key are OUTCOME_UNKNOWN', async () => {
    const document = `mutation ($input: LogConversationInput!) {
      logConversation(input: $input) { created } more: logConversation(input: { messages: [{ chat: { role: USER, content: "a" } }] }) { created }
    }`
    const one = { ...(WRITES['a group commit'] as Case), document }
    const { answer } = await cutAt(one, { text: 'COMMIT', when: 'AFTER', ending: 'RESET' }, true)
    expect(codesOf(answer)).toEqual(['OUTCOME_UNKNOWN'])
  })

  test('that answers no COMMIT, and the database stays away: a write with a key is OUTCOME_UNKNOWN', async () => {
    // So that it has a connection, which it may not open any more: the case before has cut one.
    await tenant.ask(
      'mutation { logConversation(input: { messages: [{ chat: { role: USER, content: "a" } }] }) { created } }',
    )
    proxy.refuse(true)
    const cut = { text: 'COMMIT', when: 'AFTER', ending: 'RESET', all: true } as const
    const { answer, again, recount } = await cutAt(WRITES['a group commit'] as Case, cut, true)
    proxy.refuse(false)
    expect(codesOf(answer)).toEqual(['OUTCOME_UNKNOWN'])
    expect((await again()).data).toEqual({ logConversation: { created: true } })
    expect(await recount()).toBe(1)
  })

  test('by a backend that is terminated in the middle of a statement fails that one, on every path', async () => {
    const reach = { tenantId: tenant.id, admin: false, rowRestriction: null }
    const slow = Prisma.sql`SELECT pg_sleep(20) /* terminated */`
    const { database } = server
    const paths = [
      () => readAsTenant(database, reach, slow),
      () => countAsTenant(database, reach, ({ run }) => run(slow)),
      () => writeAsTenant(database, reach, ({ run }) => run(slow)),
      () => transaction(database, { ...reach, readOnly: false }, (client) => client.$queryRaw(slow)),
      () => database.query('SELECT pg_sleep(20) /* terminated */'),
    ]
    for (const path of paths) {
      const failed = path().then(
        () => 'done',
        (error: unknown) => error,
      )
      await vi.waitFor(async () => {
        const terminated = await server.owner(`
          SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE query LIKE '%/* terminated */%' AND query NOT LIKE '%pg_stat_activity%' AND state = 'active'`)
        expect(terminated).toHaveLength(1)
      })
      expect(await failed).toBeInstanceOf(Error)
      expect((await tenant.ask('{ conversations(first: 1) { totalCount } }')).errors).toBeUndefined()
    }
  })

  test('while nobody uses it is replaced before the next request', async () => {
    for (const ending of endings) {
      const open = '{ conversations(first: 1) { nodes { id } } }'
      await Promise.all(Array.from({ length: 5 }, () => tenant.ask(open)))
      proxy.cutAll(ending)
      await vi.waitFor(() => expect(proxy.connections).toBe(0))
      expect((await tenant.ask(open)).errors).toBeUndefined()
    }
  })

  test('is logged once a second with a count, and never as an unexpected error', async () => {
    const before = server.logged.length
    proxy.refuse(true)
    proxy.cutAll('RESET')
    const answers = await Promise.all(Array.from({ length: 20 }, () => tenant.ask('{ viewer { name } }')))
    proxy.refuse(false)
    expect(new Set(answers.flatMap(codesOf))).toEqual(new Set(['UNAVAILABLE']))
    // Failures of earlier tests may be counted with them.
    const lines = () =>
      server.logged
        .slice(before)
        .filter(({ msg, code }) => msg === 'requests failed because of the database' && code === 'UNAVAILABLE')
    const counted = () => lines().reduce((sum, { failures = 1 }) => sum + Number(failures), 0)
    await vi.waitFor(() => expect(counted()).toBeGreaterThanOrEqual(20), 5_000)
    expect(lines().length).toBeLessThanOrEqual(2)
    for (const { level } of lines()) expect(level).toBe('warn')
    expect(server.logged.filter(({ msg }) => msg === 'unexpected error')).toEqual([])
  })
})
