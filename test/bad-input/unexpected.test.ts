import { afterEach, expect, test, vi } from 'vitest'
import { logged, said, stored, write } from '../conversations/writes.ts'
import { type Answer, startTestServer } from '../support/server.ts'

const server = await startTestServer()
const tenant = await server.newTenant()

afterEach(() => {
  vi.restoreAllMocks()
  server.logged.length = 0
})

/** What stands for everything that a caller says and nobody else may read. */
const PRIVATE = 'very private words'

const FULL = {
  ...{ externalId: `id of ${PRIVATE}`, description: PRIVATE, feedback: PRIVATE, endUserId: PRIVATE, labels: [PRIVATE] },
  metadata: { [`key of ${PRIVATE}`]: PRIVATE, deep: [{ a: PRIVATE }] },
  analysis: { summary: PRIVATE, extractedData: { a: PRIVATE } },
  messages: [
    { chat: { role: 'USER', content: PRIVATE, translation: PRIVATE, metadata: { a: PRIVATE } } },
    { tool: { name: 't', input: PRIVATE, output: { a: PRIVATE }, thought: PRIVATE, error: PRIVATE } },
    { event: { name: 'e', payload: [PRIVATE] } },
  ],
}

/** The answer is masked, and the log tells under the same id what happened, and nothing of what was said. */
function expectMasked(answer: Answer, cause: RegExp) {
  const requestId = answer.headers.get('x-request-id')
  expect(answer.status).toBe(500)
  expect(answer.data ?? null).toBeNull()
  expect(answer.errors?.map(({ message, extensions }) => ({ message, extensions }))).toEqual([
    {
      message: 'Internal server error.',
      extensions: { code: 'INTERNAL_SERVER_ERROR', requestId },
    },
  ])
  const about = server.logged.filter((line) => line['requestId'] === requestId)
  expect(about).toEqual([
    expect.objectContaining({ level: 'error', msg: 'unexpected error' }),
    expect.objectContaining({ level: 'info', msg: 'request', status: 500, code: 'INTERNAL_SERVER_ERROR' }),
  ])
  expect(JSON.stringify(about[0])).toMatch(cause)
  expectDiscreet()
}

function expectDiscreet() {
  const log = JSON.stringify(server.logged)
  expect(log).not.toContain(PRIVATE)
  for (const key of [tenant.key, server.adminKey]) expect(log).not.toContain(key.slice(30))
}

test('a fault of the driver is masked', async () => {
  const before = await stored(server)
  const { prisma, withoutPrisma } = server.database
  const fault = new Error('connection to 10.0.0.7 lost')
  vi.spyOn(prisma, '$transaction').mockRejectedValue(fault)
  vi.spyOn(withoutPrisma, 'transaction').mockRejectedValue(fault)
  vi.spyOn(prisma, '$extends').mockReturnValue(prisma as never)
  expectMasked(await write(tenant.ask, 'logConversation', FULL), /connection to 10\.0\.0\.7 lost/)
  vi.restoreAllMocks()
  expect(await stored(server)).toEqual(before)
})

test('so is one while the credential is looked up', async () => {
  vi.spyOn(server.database, 'query').mockRejectedValue(new Error('too many connections'))
  const answer = await write(tenant.ask, 'logConversation', FULL)
  expectMasked(answer, /too many connections/)
})

test('a row that the database refuses is masked, and is not in the log', async () => {
  const { ask } = await server.newTenant()
  const before = await stored(server)
  await server.owner(`ALTER TABLE messages ADD CONSTRAINT nothing_new CHECK (sequence < 0) NOT VALID`)
  try {
    expectMasked(await write(ask, 'logConversation', FULL), /nothing_new/)
  } finally {
    await server.owner('ALTER TABLE messages DROP CONSTRAINT nothing_new')
  }
  expect(await stored(server)).toEqual(before)
})

test('so are values that a column refuses, and those that Prisma itself writes', async () => {
  const { id } = await logged(tenant.ask)
  server.logged.length = 0
  await server.owner(`ALTER TABLE conversations ADD CONSTRAINT no_feedback CHECK (feedback IS NULL) NOT VALID`)
  await server.owner(`ALTER TABLE agents ADD CONSTRAINT no_prompt CHECK (system_prompt IS NULL) NOT VALID`)
  try {
    const changes = { by: { id: id }, feedback: PRIVATE, metadata: { a: PRIVATE } }
    expectMasked(await write(tenant.ask, 'updateConversation', changes), /no_feedback/)
    server.logged.length = 0
    const agent = { name: PRIVATE, systemPrompt: PRIVATE, externalId: PRIVATE }
    expectMasked(await write(tenant.ask, 'createAgent', agent, 'agent { id }'), /no_prompt/)
  } finally {
    await server.owner('ALTER TABLE conversations DROP CONSTRAINT no_feedback')
    await server.owner('ALTER TABLE agents DROP CONSTRAINT no_prompt')
  }
})

test('a table that is gone is masked', async () => {
  await server.owner('ALTER TABLE conversation_metadata RENAME TO moved_away')
  try {
    expectMasked(await write(tenant.ask, 'logConversation', FULL), /conversation_metadata/)
  } finally {
    await server.owner('ALTER TABLE moved_away RENAME TO conversation_metadata')
  }
  expect((await write(tenant.ask, 'logConversation', FULL)).errors).toBeUndefined()
})

test('nothing that is said is logged when all goes well, nor when it is refused', async () => {
  const call = (mutation: string, input: object, selection = '__typename') =>
    write(tenant.ask, mutation, input, selection)
  const answers = [
    await call('logConversation', { ...FULL, externalId: `other ${PRIVATE}`, idempotencyKey: PRIVATE }),
    await call('logConversation', { ...FULL, externalId: `other ${PRIVATE}` }),
    await call('logConversation', { transcript: PRIVATE }),
    await call('logConversation', { ...FULL, status: PRIVATE }),
    await call('logConversation', { messages: [said(`${PRIVATE}\0`)], metadata: { [`${PRIVATE}\0`]: 1 } }),
    await call('updateConversation', { by: { externalId: PRIVATE }, metadata: { a: PRIVATE } }),
    await call('createAgent', { name: PRIVATE, systemPrompt: PRIVATE }),
    await tenant.ask(`{ conversation(by: { externalId: "${PRIVATE}" }) { id } }`),
    await tenant.ask(`{ "${PRIVATE}" }`),
    await tenant.ask('query ($s: String) { conversations(filter: { search: $s }) { totalCount } }', { s: PRIVATE }),
    await server.ask({ key: `${tenant.key}x` }, '{ viewer { name } }'),
  ]
  expect(answers.map((answer) => answer.errors?.[0]?.extensions.code ?? 'fine')).toEqual([
    ...['fine', 'EXTERNAL_ID_TAKEN', 'BAD_USER_INPUT', 'BAD_USER_INPUT', 'BAD_USER_INPUT', 'NOT_FOUND', 'fine', 'fine'],
    ...['GRAPHQL_PARSE_FAILED', 'fine', 'UNAUTHENTICATED'],
  ])
  expect(server.logged.filter(({ msg }) => msg === 'request')).toHaveLength(answers.length)
  expectDiscreet()
})
