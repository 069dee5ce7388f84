import { afterEach, expect, inject, test } from 'vitest'
import { codes, startTestServer, TENANT_SCOPES } from '../support/server.ts'

const server = await startTestServer()
afterEach(() => {
  server.clock.now = null
})

const FIELDS = 'id externalId name description systemPrompt model tags status'
const CREATE = `mutation ($input: CreateAgentInput!) { createAgent(input: $input) { agent { ${FIELDS} } } }`
const UPSERT = `mutation ($input: UpsertAgentInput!) { upsertAgent(input: $input) { created agent { ${FIELDS} } } }`
const UPDATE = `mutation ($input: UpdateAgentInput!) { updateAgent(input: $input) { agent { ${FIELDS} } } }`
const ARCHIVE = `mutation ($input: ArchiveAgentInput!) { archiveAgent(input: $input) { agent { id status updatedAt } } }`
const AGENT = `query ($by: AgentBy!) { agent(by: $by) { ${FIELDS} } }`
const AGENTS = `query ($filter: AgentFilter, $first: Int, $after: String) {
  agents(filter: $filter, first: $first, after: $after) { nodes { name } totalCount pageInfo { hasNextPage endCursor } }
}`

const FULL = {
  externalId: 'support-bot',
  name: 'Support',
  description: 'Answers questions about orders.',
  systemPrompt: 'You are kind.',
  model: 'gpt-4o',
  tags: ['support', 'orders'],
  status: 'DRAFT',
}
const ABSENT_ID = 'agent_01h455vb4pex5vsknk084sn02q'

const refusal = (code: string, message: string, extensions: Record<string, unknown> = {}) => [
  expect.objectContaining({ message, extensions: { code, ...extensions } }),
]

test('an agent is created with all that is said of it, and read back by either id', async () => {
  const { ask } = await server.newTenant()
  const { agent } = (await ask(CREATE, { input: FULL })).data.createAgent
  expect(agent).toEqual({ ...FULL, id: expect.stringMatching(/^agent_[0-9a-z]{26}$/) })
  expect((await ask(AGENT, { by: { id: agent.id } })).data).toEqual({ agent })
  expect((await ask(AGENT, { by: { externalId: 'support-bot' } })).data).toEqual({ agent })
  expect((await ask('query ($id: ID!) { node(id: $id) { id ... on Agent { name } } }', { id: agent.id })).data).toEqual(
    {
      node: { id: agent.id, name: 'Support' },
    },
  )
})

test('an agent needs a name alone', async () => {
  const { ask } = await server.newTenant()
  expect((await ask(CREATE, { input: { name: 'Plain' } })).data.createAgent.agent).toEqual({
    id: expect.stringMatching(/^agent_/),
    externalId: null,
    name: 'Plain',
    description: null,
    systemPrompt: null,
    model: null,
    tags: [],
    status: 'ACTIVE',
  })
  expect((await ask(CREATE, { input: { name: 'Plain' } })).errors).toBeUndefined()
  for (const name of ['', ' ']) {
    expect((await ask(CREATE, { input: { name } })).errors).toEqual(
      refusal('BAD_USER_INPUT', 'input.name: must not be empty.', { inputPath: 'input.name' }),
    )
  }
})

test('an external id is one agent’s in its tenant, and free in every other', async () => {
  const [one, other] = [await server.newTenant(), await server.newTenant()]
  const input = { name: 'Bot', externalId: 'bot' }
  expect((await one.ask(CREATE, { input })).errors).toBeUndefined()
  expect((await one.ask(CREATE, { input })).errors).toEqual(
    refusal('EXTERNAL_ID_TAKEN', 'input.externalId: agent "bot" already exists.', { inputPath: 'input.externalId' }),
  )
  expect((await other.ask(CREATE, { input })).errors).toBeUndefined()
})

test('what is too long or too much is refused, with its place', async () => {
  const { ask } = await server.newTenant()
  const tooMuch = {
    name: { name: 'n'.repeat(257) },
    externalId: { externalId: 'e'.repeat(257) },
    description: { description: 'd'.repeat(10_001) },
    systemPrompt: { systemPrompt: 's'.repeat(262_145) },
    model: { model: 'm'.repeat(257) },
    tags: { tags: Array.from({ length: 51 }, (_, i) => `tag ${i}`) },
    'tags[1]': { tags: ['ok', 't'.repeat(257)] },
  }
  for (const [path, input] of Object.entries(tooMuch)) {
    const answer = await ask(CREATE, { input: { name: 'Bot', ...input } })
    expect(answer.errors?.[0]?.extensions).toMatchObject({ code: 'LIMIT_EXCEEDED', inputPath: `input.${path}` })
  }
  expect((await ask(AGENTS)).data.agents.totalCount).toBe(0)
})

test('an upsert creates the agent once, and then updates what is given', async () => {
  const { ask } = await server.newTenant()
  const upsert = async (input: object) => (await ask(UPSERT, { input: { externalId: 'support-bot', ...input } })).data
  const { upsertAgent: first } = await upsert(FULL)
  expect(first).toEqual({ created: true, agent: { ...FULL, id: expect.stringMatching(/^agent_/) } })
  const { agent } = first
  expect((await upsert({})).upsertAgent).toEqual({ created: false, agent })
  expect((await upsert({ name: 'Renamed', tags: ['a', 'a'], status: 'ACTIVE' })).upsertAgent).toEqual({
    created: false,
    agent: { ...agent, name: 'Renamed', tags: ['a'], status: 'ACTIVE' },
  })
  expect((await upsert({ description: null, systemPrompt: null, model: null, tags: null })).upsertAgent).toEqual({
    created: false,
    agent: {
      ...agent,
      ...{ name: 'Renamed', status: 'ACTIVE', tags: [], description: null, systemPrompt: null, model: null },
    },
  })
  expect((await upsert({ externalId: 'bot-2' })).upsertAgent).toMatchObject({
    created: true,
    agent: { externalId: 'bot-2', name: 'bot-2', status: 'ACTIVE', tags: [] },
  })
  expect((await ask(UPSERT, { input: { externalId: ' ' } })).errors).toEqual(
    refusal('BAD_USER_INPUT', 'input.externalId: must not be empty.', { inputPath: 'input.externalId' }),
  )
  expect((await ask(AGENTS)).data.agents.totalCount).toBe(2)
})

test('an upsert is a change only with new values', async () => {
  const { ask } = await server.newTenant()
  const TIMES = 'mutation ($input: UpsertAgentInput!) { upsertAgent(input: $input) { agent { updatedAt } } }'
  const updatedAt = async (input: object) =>
    (await ask(TIMES, { input: { externalId: 'bot', ...input } })).data.upsertAgent.agent.updatedAt
  const before = await updatedAt({})
  server.clock.now = new Date('2030-01-01T00:00:00Z')
  expect(await updatedAt({})).toBe(before)
  expect(await updatedAt({ model: 'gpt-4o' })).toBe('2030-01-01T00:00:00.000Z')
})

test('a retry of an upsert returns its answer, and writes nothing', async () => {
  const { ask } = await server.newTenant()
  const input = { externalId: 'bot', name: 'First', idempotencyKey: 'upsert-1' }
  const first = (await ask(UPSERT, { input })).data.upsertAgent
  await ask(UPSERT, { input: { externalId: 'bot', name: 'Second' } })
  expect((await ask(UPSERT, { input })).data.upsertAgent).toEqual({
    created: true,
    agent: { ...first.agent, name: 'Second' },
  })
})

test('an update keeps what is absent and clears what is null', async () => {
  const { ask } = await server.newTenant()
  const { agent } = (await ask(CREATE, { input: FULL })).data.createAgent
  const update = async (input: object) =>
    (await ask(UPDATE, { input: { by: { id: agent.id }, ...input } })).data.updateAgent.agent
  expect(await update({})).toEqual(agent)
  expect(await update({ name: 'Renamed', status: 'DEPRECATED', tags: ['a', 'b', 'a'] })).toEqual({
    ...agent,
    name: 'Renamed',
    status: 'DEPRECATED',
    tags: ['a', 'b'],
  })
  expect(await update({ description: null, systemPrompt: null, model: null, tags: null })).toEqual({
    ...agent,
    ...{ name: 'Renamed', status: 'DEPRECATED', tags: [], description: null, systemPrompt: null, model: null },
  })
})

test('a name and a status can’t be cleared', async () => {
  const { ask } = await server.newTenant()
  const { agent } = (await ask(CREATE, { input: FULL })).data.createAgent
  for (const field of ['name', 'status']) {
    const refused = refusal('BAD_USER_INPUT', `input.${field}: can't be cleared.`, { inputPath: `input.${field}` })
    expect((await ask(UPDATE, { input: { by: { id: agent.id }, [field]: null } })).errors).toEqual(refused)
    for (const externalId of [FULL.externalId, 'new'])
      expect((await ask(UPSERT, { input: { externalId, [field]: null } })).errors).toEqual(refused)
  }
  expect((await ask(AGENTS)).data.agents.totalCount).toBe(1)
  expect((await ask(AGENT, { by: { id: agent.id } })).data).toEqual({ agent })
})

test('an archived agent keeps its history, and archiving again changes nothing', async () => {
  const { ask } = await server.newTenant()
  const { agent } = (await ask(UPSERT, { input: { externalId: 'old' } })).data.upsertAgent
  const log = `mutation ($input: LogConversationInput!) { logConversation(input: $input) { created } }`
  await ask(log, { input: { transcript: 'User: hello', agents: [{ externalId: 'old' }] } })
  server.clock.now = new Date('2030-01-01T00:00:00Z')
  const first = await ask(ARCHIVE, { input: { by: { id: agent.id } } })
  expect(first.data.archiveAgent.agent).toEqual({
    id: agent.id,
    status: 'ARCHIVED',
    updatedAt: '2030-01-01T00:00:00.000Z',
  })
  server.clock.now = new Date('2030-01-01T00:00:01Z')
  expect((await ask(ARCHIVE, { input: { by: { id: agent.id } } })).data).toEqual(first.data)
  expect((await ask('{ conversations { nodes { agents { externalId status } } } }')).data).toEqual({
    conversations: { nodes: [{ agents: [{ externalId: 'old', status: 'ARCHIVED' }] }] },
  })
})

test('an agent that is not there and another tenant’s are answered alike', async () => {
  const [owner, stranger] = [await server.newTenant(), await server.newTenant()]
  const { agent } = (await owner.ask(CREATE, { input: FULL })).data.createAgent
  for (const id of [agent.id, ABSENT_ID, 'conv_01h455vb4pex5vsknk084sn02q', 'nonsense', '']) {
    expect((await stranger.ask(AGENT, { by: { id } })).data).toEqual({ agent: null })
    for (const document of [UPDATE, ARCHIVE]) {
      expect((await stranger.ask(document, { input: { by: { id } } })).errors).toEqual(
        refusal('NOT_FOUND', 'No such agent.', { inputPath: 'input.by.id' }),
      )
    }
  }
  expect((await stranger.ask(AGENT, { by: { externalId: 'support-bot' } })).data).toEqual({ agent: null })
  expect((await owner.ask(AGENT, { by: { id: agent.id } })).data).toEqual({ agent })
})

test('an agent is asked for by exactly one of its ids', async () => {
  const { ask } = await server.newTenant()
  for (const by of [{}, { id: ABSENT_ID, externalId: 'x' }]) {
    expect((await ask(AGENT, { by })).errors).toEqual(
      refusal('BAD_USER_INPUT', 'by: Exactly one key must be specified for OneOf type "AgentBy".', { inputPath: 'by' }),
    )
  }
  expect(codes(await ask(`{ agent(by: { id: "${ABSENT_ID}", externalId: "x" }) { id } }`))).toEqual([
    'GRAPHQL_VALIDATION_FAILED',
  ])
})

test('an agent is updated and archived by its external id as well', async () => {
  const { ask } = await server.newTenant()
  const { agent } = (await ask(CREATE, { input: FULL })).data.createAgent
  const by = { externalId: 'support-bot' }
  expect((await ask(UPDATE, { input: { by, name: 'Renamed' } })).data.updateAgent.agent).toEqual({
    ...agent,
    name: 'Renamed',
  })
  expect((await ask(ARCHIVE, { input: { by } })).data.archiveAgent.agent).toMatchObject({
    id: agent.id,
    status: 'ARCHIVED',
  })
  for (const document of [UPDATE, ARCHIVE]) {
    expect((await ask(document, { input: { by: { externalId: 'nobody' } } })).errors).toEqual(
      refusal('NOT_FOUND', 'No such agent.', { inputPath: 'input.by.externalId' }),
    )
  }
})

test('agents are listed in the order of creation, filtered and page by page', async () => {
  const { ask } = await server.newTenant()
  for (const input of [
    { name: 'A', tags: ['x', 'y'], externalId: 'a' },
    { name: 'B', tags: ['y'], status: 'DRAFT', externalId: 'b' },
    { name: 'C', tags: ['z'] },
  ]) {
    await ask(CREATE, { input })
  }
  const named = async (variables: object) => {
    const { nodes, totalCount } = (await ask(AGENTS, { ...variables })).data.agents
    return [nodes.map(({ name }: { name: string }) => name).join(''), totalCount]
  }
  expect(await named({})).toEqual(['ABC', 3])
  expect(await named({ filter: {} })).toEqual(['ABC', 3])
  expect(await named({ filter: { tags: ['x', 'z'] } })).toEqual(['AC', 2])
  expect(await named({ filter: { statuses: ['ACTIVE'], tags: ['y'] } })).toEqual(['A', 1])
  expect(await named({ filter: { externalIds: ['b', 'nobody'] } })).toEqual(['B', 1])
  for (const filter of [{ tags: [] }, { statuses: [] }, { externalIds: [] }]) {
    expect(await named({ filter })).toEqual(['', 0])
  }
  const { pageInfo } = (await ask(AGENTS, { first: 2 })).data.agents
  expect(pageInfo.hasNextPage).toBe(true)
  expect(await named({ first: 2, after: pageInfo.endCursor })).toEqual(['C', 3])
})

test('a system prompt is seen with INTERNALS_READ alone', async () => {
  const tenant = await server.newTenant({ scopes: TENANT_SCOPES.filter((scope) => scope !== 'INTERNALS_READ') })
  const { agent } = (await tenant.ask(CREATE, { input: FULL })).data.createAgent
  expect(agent).toEqual({ ...FULL, id: agent.id, systemPrompt: null })
  expect((await tenant.asAccount(AGENT, { by: { id: agent.id } })).data.agent.systemPrompt).toBe('You are kind.')
})

test('a write with an idempotency key happens once', async () => {
  const { ask } = await server.newTenant()
  const input = { name: 'Once', idempotencyKey: 'create-1' }
  const first = await ask(CREATE, { input })
  expect((await ask(CREATE, { input })).data).toEqual(first.data)
  expect(codes(await ask(CREATE, { input: { ...input, name: 'Twice' } }))).toEqual(['IDEMPOTENCY_CONFLICT'])
  const { id } = first.data.createAgent.agent
  expect(codes(await ask(ARCHIVE, { input: { by: { id }, idempotencyKey: 'create-1' } }))).toEqual([
    'IDEMPOTENCY_CONFLICT',
  ])
  expect((await ask(AGENTS)).data.agents.totalCount).toBe(1)
})

test.skipIf(inject('databaseKind') === 'pglite')('an agent upserted by many at once is one', async () => {
  const { ask } = await server.newTenant()
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => ask(UPSERT, { input: { externalId: 'shared', name: 'Shared' } })),
  )
  expect(answers.flatMap(codes)).toEqual([])
  expect(new Set(answers.map(({ data }) => data.upsertAgent.agent.id)).size).toBe(1)
  expect(answers.filter(({ data }) => data.upsertAgent.created)).toHaveLength(1)
})
