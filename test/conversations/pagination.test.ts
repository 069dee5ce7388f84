import { decodeAnyId } from '../../src/input/ids.ts'
import { type PagedList, provePaging } from '../support/pagination.ts'
import { type Answer, startTestServer, type TestTenant } from '../support/server.ts'
import { log, SAID } from './conversations.ts'

const server = await startTestServer()
const { statements } = server

const UUID = '01890a5d-ac96-774b-bcce-b302099a8057'
const cursorOf = (...place: unknown[]) => Buffer.from(JSON.stringify(place)).toString('base64url')

/** Deletes the row of an id. */
const removeFrom = (table: string) => (id: string) =>
  server.owner(`DELETE FROM ${table} WHERE id = '${decodeAnyId(id)?.uuid}'`)

/** Equal sort values are in it, so that the id must decide. */
async function openConversations(field: string, direction: 'ASC' | 'DESC'): Promise<PagedList> {
  const tenant = await server.newTenant()
  const rows: { id: string; value: number }[] = []
  for (const value of [2, 1, 3, 2, 2, 1, 4]) {
    const { id } = await log(tenant.ask, {
      startedAt: `2026-01-0${value}T00:00:00.123Z`,
      messages: Array.from({ length: value }, () => SAID),
    })
    // The order is to follow from one column, so that the others must not decide.
    const time = `timestamptz '2026-02-0${value} 00:00:00.457Z'`
    if (field === 'CREATED_AT' || field === 'UPDATED_AT')
      await server.owner(`UPDATE conversations SET ${field} = ${time} WHERE id = '${decodeAnyId(id)?.uuid}'`)
    rows.push({ id, value })
  }
  rows.sort((a, b) => a.value - b.value || (a.id < b.id ? -1 : 1))
  if (direction === 'DESC') rows.reverse()
  return {
    ids: rows.map(({ id }) => id),
    ask: (pageArguments, selection) =>
      tenant.ask(
        `{ conversations(orderBy: { field: ${field}, direction: ${direction} }, ${pageArguments}) { ${selection} } }`,
      ),
    connection: (answer) => answer.data.conversations,
    insert: () => log(tenant.ask, { startedAt: '2026-01-02T00:00:00.123Z', messages: [SAID, SAID] }),
    remove: removeFrom('conversations'),
    foreignCursor: cursorOf(field === 'STARTED_AT' ? 'CREATED_AT' : 'STARTED_AT', 2, UUID),
    impossiblePlaces: [
      [field, -1, UUID],
      [field, 9e15, UUID],
      [field, 1.5, UUID],
      [field, null, UUID],
      [field, '1', UUID],
      [field, 1, 'x'],
      ...(field === 'MESSAGE_COUNT' ? [[field, 2 ** 31, UUID]] : []),
    ],
  }
}

/** Half of them have no sort value, and come last in both directions. */
async function openWithNulls(field: 'ENDED_AT' | 'DURATION' | 'COST', direction: 'ASC' | 'DESC'): Promise<PagedList> {
  const tenant = await server.newTenant()
  const startedAt = '2026-01-01T00:00:00.000Z'
  const said = (costUsd?: number) => ({ chat: { role: 'ASSISTANT', content: 'Hello', costUsd } })
  const inputOf = (value: number | null): Record<string, unknown> => {
    if (field === 'COST') return { startedAt, messages: [said(value ?? undefined)] }
    if (value === null) return { startedAt, status: 'ACTIVE', messages: [] }
    // Their starts differ, so that a duration is not an end.
    const start = field === 'DURATION' ? value % 3 : 0
    const at = (seconds: number) => new Date(Date.parse(startedAt) + seconds * 1000).toISOString()
    return { startedAt: at(-start), endedAt: at(value - start) }
  }
  const rows: { id: string; value: number | null }[] = []
  for (const value of [2, null, 3.5, 2, null, 1, null, 2, 0.125])
    rows.push({ id: (await log(tenant.ask, inputOf(value))).id, value })
  const sign = direction === 'ASC' ? 1 : -1
  rows.sort((a, b) => {
    if ((a.value === null) !== (b.value === null)) return a.value === null ? 1 : -1
    return sign * ((a.value ?? 0) - (b.value ?? 0) || (a.id < b.id ? -1 : 1))
  })
  return {
    ids: rows.map(({ id }) => id),
    ask: (pageArguments, selection) =>
      tenant.ask(
        `{ conversations(orderBy: { field: ${field}, direction: ${direction} }, ${pageArguments}) { ${selection} } }`,
      ),
    connection: (answer) => answer.data.conversations,
    insert: async () => {
      await log(tenant.ask, inputOf(2))
      await log(tenant.ask, inputOf(null))
    },
    remove: removeFrom('conversations'),
    foreignCursor: cursorOf('STARTED_AT', 2, UUID),
    impossiblePlaces: [
      [field, -1, UUID],
      [field, 9e15, UUID],
      [field, '1', UUID],
      [field, null, 'x'],
      [field, false, UUID],
      ...(field === 'COST' ? [] : [[field, 1.5, UUID]]),
    ],
  }
}

for (const field of ['ENDED_AT', 'DURATION', 'COST'] as const) {
  for (const direction of ['ASC', 'DESC'] as const) {
    provePaging(`conversations by ${field} ${direction}`, {
      statements,
      countStatements: 1,
      open: () => openWithNulls(field, direction),
    })
  }
}

for (const field of ['STARTED_AT', 'CREATED_AT', 'UPDATED_AT', 'MESSAGE_COUNT']) {
  for (const direction of ['ASC', 'DESC'] as const) {
    provePaging(`conversations by ${field} ${direction}`, {
      statements,
      countStatements: 1,
      open: () => openConversations(field, direction),
    })
  }
}

const UPSERT = 'mutation ($input: UpsertAgentInput!) { upsertAgent(input: $input) { agent { id } } }'

provePaging('agents', {
  statements,
  countStatements: 1,
  open: async () => {
    const { ask } = await server.newTenant()
    const insert = async (externalId: string): Promise<string> =>
      (await ask(UPSERT, { input: { externalId } })).data.upsertAgent.agent.id
    const ids: string[] = []
    for (const name of ['e', 'b', 'd', 'a', 'c']) ids.push(await insert(name))
    return {
      ids,
      ask: (pageArguments, selection) => ask(`{ agents(${pageArguments}) { ${selection} } }`),
      connection: (answer) => answer.data.agents,
      insert: () => insert('f'),
      remove: removeFrom('agents'),
      foreignCursor: cursorOf('API_KEYS', 0, UUID),
      impossiblePlaces: [
        ['AGENTS', -1, UUID],
        ['AGENTS', 0, UUID.toUpperCase()],
      ],
    }
  },
})

/** Tenants are the account's: on a server of their own there are no others. */
const account = await startTestServer()

const CREATE = 'mutation ($input: CreateTenantInput!) { createTenant(input: $input) { tenant { id } } }'

provePaging('tenants', {
  statements: account.statements,
  countStatements: 1,
  open: async () => {
    const insert = (id: string) => account.admin(CREATE, { input: { id, name: id } })
    for (const id of ['A', 'a', 'B', '~', '!']) await insert(id)
    const rows = await account.owner('SELECT id FROM tenants ORDER BY id COLLATE "C"')
    return {
      ids: rows.map(({ id }) => String(id)),
      ask: (pageArguments, selection) => account.admin(`{ tenants(${pageArguments}) { ${selection} } }`),
      connection: (answer) => answer.data.tenants,
      insert: () => insert('C'),
      remove: (id) => account.owner(`DELETE FROM tenants WHERE id = '${id}'`),
      foreignCursor: cursorOf('AGENTS', 0, UUID),
      impossiblePlaces: [
        ['TENANTS', 0, ''],
        ['TENANTS', 0, 'has space'],
        ['TENANTS', 0, 'x'.repeat(65)],
      ],
    }
  },
})

provePaging('apiKeys', {
  statements,
  countStatements: 1,
  open: async () => {
    const { id: tenantId, keyId } = await server.newTenant()
    const insert = () => server.newKey({ scopes: ['CONVERSATIONS_READ'], tenantId })
    const ids = [keyId]
    for (let i = 0; i < 5; i++) ids.unshift((await insert()).id)
    return {
      ids,
      ask: (pageArguments, selection) =>
        server.admin(
          `{ apiKeys(filter: { tenantIds: ["${tenantId}"], statuses: [ACTIVE] }, ${pageArguments}) { ${selection} } }`,
        ),
      connection: (answer) => answer.data.apiKeys,
      insert,
      remove: removeFrom('api_keys'),
      foreignCursor: cursorOf('AGENTS', 0, UUID),
      impossiblePlaces: [['API_KEYS', 0, '']],
    }
  },
})

const KINDS = ['chat', 'tool', 'chat', 'event', 'system', 'internal', 'chat', 'tool', 'event'] as const

const ENTRIES = {
  chat: SAID,
  system: { chat: { role: 'SYSTEM', content: 'Be brief' } },
  tool: { tool: { name: 'look' } },
  event: { event: { name: 'seen' } },
  internal: { event: { name: 'traced', visibility: 'INTERNAL' } },
}

const APPEND = `mutation ($input: AppendMessagesInput!) {
  appendMessages(input: $input) { appendedMessages { id } }
}`

async function openMessages(tenant: TestTenant, types: string, kinds: readonly string[], ask = tenant.ask) {
  const { id } = await log(tenant.ask, { status: 'ACTIVE', messages: [] })
  const append = async (messages: unknown[]): Promise<{ id: string }[]> =>
    (await tenant.ask(APPEND, { input: { by: { id }, messages } })).data.appendMessages.appendedMessages
  const appended = await append(KINDS.map((kind) => ENTRIES[kind]))
  return {
    ids: appended.flatMap((message, i) => (kinds.includes(KINDS[i] ?? '') ? message.id : [])),
    ask: (pageArguments: string, selection: string) =>
      ask(`{ conversation(by: { id: "${id}" }) { messages(${types} ${pageArguments}) { ${selection} } } }`),
    connection: (answer: Answer) => answer.data.conversation.messages,
    insert: () => append([ENTRIES.chat]),
    remove: removeFrom('messages'),
    foreignCursor: cursorOf('STARTED_AT', 0, UUID),
    impossiblePlaces: [
      ['MESSAGES', -1, ''],
      ['MESSAGES', 2 ** 31, ''],
      ['MESSAGES', 1, UUID],
    ],
  }
}

provePaging("a conversation's messages", {
  statements,
  countStatements: 0,
  open: async () => openMessages(await server.newTenant(), '', KINDS),
})

provePaging("a conversation's messages of two types", {
  statements,
  countStatements: 0,
  open: async () => openMessages(await server.newTenant(), 'types: [TOOL, CHAT, TOOL],', ['chat', 'system', 'tool']),
})

provePaging("a conversation's messages for those who may not see internals", {
  statements,
  countStatements: 0,
  open: async () => {
    const tenant = await server.newTenant()
    const { secret } = await server.newKey({ scopes: ['CONVERSATIONS_READ'], tenantId: tenant.id })
    return openMessages(tenant, '', ['chat', 'tool', 'event'], server.as({ key: secret }))
  },
})
