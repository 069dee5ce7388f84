import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { encodeId } from '../../src/input/ids.ts'
import { TENANT_JOBS, TenantJobs } from '../../src/jobs/tenant-jobs.ts'
import { startTestServer } from '../support/server.ts'
import { read, write } from './writes.ts'

/** Rows as version 0.2.0 stored them, brought up to date. */

const server = await startTestServer()
const MADE = Date.parse('2026-03-10T12:00:00.000Z')
const at = (time: string) => (time.includes('T') ? time : `2026-03-10T${time}Z`)
const iso = (time: string) => new Date(at(time)).toISOString()
const seconds = (count: number) => count * 1_000

interface StoredMessage {
  /** When its call arrived, in milliseconds after that of its conversation. */
  arrivedMs?: number
  /** Absent: that of its arrival. */
  timestamp?: string
  endedAt?: string
  role?: string
  language?: string
  understood?: boolean
  error?: string
}

interface StoredConversation {
  status?: string
  /** As the code of then derived them; absent: that of the arrival. */
  startedAt?: string
  endedAt?: string | null
  updatedMs?: number
  messages?: StoredMessage[]
  columns?: Record<string, unknown>
}

/** A UUIDv7 made so soon after a time. */
function uuidOf(ms: number): string {
  const hex = `${ms.toString(16).padStart(12, '0')}7${randomBytes(2).toString('hex').slice(1)}`
  const rest = `8${randomBytes(8).toString('hex').slice(1)}`
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${rest.slice(0, 4)}-${rest.slice(4)}`
}

const json = (value: unknown) => `'${JSON.stringify(value).replaceAll("'", "''")}'::jsonb`

async function store(tenantId: string, { messages = [], columns = {}, ...times }: StoredConversation): Promise<string> {
  const id = uuidOf(MADE + 3)
  const arrival = new Date(MADE).toISOString()
  const row = {
    ...{ tenant_id: tenantId, id, status: times.status ?? 'COMPLETED', is_test: false, labels: [], metadata: {} },
    ...{ started_at: times.startedAt ? iso(times.startedAt) : arrival },
    ended_at: times.endedAt === undefined ? arrival : times.endedAt && iso(times.endedAt),
    ...{
      created_at: new Date(MADE + 9),
      updated_at: new Date(MADE + 9 + (times.updatedMs ?? 0)),
      message_count: messages.length,
    },
    ...columns,
  }
  const rows = messages.map(({ arrivedMs = 0, timestamp, endedAt, role = 'USER', error, ...said }, sequence) => ({
    ...{
      tenant_id: tenantId,
      conversation_id: id,
      id: uuidOf(MADE + arrivedMs + 2),
      sequence,
      metadata: {},
      derived: [],
    },
    ...(error === undefined
      ? { kind: 'CHAT', role, content: 'Hello', ...said }
      : { kind: 'TOOL', name: 'look', error }),
    timestamp: timestamp ? iso(timestamp) : new Date(MADE + arrivedMs),
    ended_at: endedAt ? iso(endedAt) : null,
  }))
  await insert('conversations', [row])
  await insert('messages', rows)
  return id
}

async function insert(table: string, rows: Record<string, unknown>[]) {
  const [first] = rows
  if (!first) return
  const columns = [...new Set(rows.flatMap(Object.keys))].join(', ')
  await server.owner(`INSERT INTO ${table} (${columns})
    SELECT ${columns} FROM jsonb_populate_recordset(NULL::${table}, ${json(rows)})`)
}

const leaveJob = (tenantId: string) =>
  server.owner(`INSERT INTO tenant_jobs (tenant_id, name) VALUES ('${tenantId}', 'recompute conversations')`)

const runJobs = () => new TenantJobs(server.database, TENANT_JOBS).runOnce()

type Times = [start: string, end: string | null, seconds: number | null]

const CASES: Record<string, { stored: StoredConversation; times: Times }> = {
  'two times': {
    stored: {
      startedAt: '09:00:00',
      endedAt: '09:00:02',
      messages: [{ timestamp: '09:00:00' }, { timestamp: '09:00:02' }],
    },
    times: ['09:00:00', '09:00:02', 2],
  },
  'one time, and a message without': {
    stored: { startedAt: '09:00:00', messages: [{ timestamp: '09:00:00' }, {}] },
    times: ['09:00:00', '09:00:00', null],
  },
  'no time': { stored: { messages: [{}, {}] }, times: ['12:00:00', '12:00:00', null] },
  'a start and an end, which its messages took': {
    stored: {
      startedAt: '09:00:00',
      endedAt: '09:10:00',
      messages: [{ timestamp: '09:00:00' }, { timestamp: '09:00:00' }],
    },
    times: ['09:00:00', '09:10:00', 600],
  },
  speech: {
    stored: {
      startedAt: '10:00:00',
      endedAt: '10:00:05',
      messages: [{ timestamp: '10:00:00' }, { timestamp: '10:00:05', endedAt: '10:00:09' }],
    },
    times: ['10:00:00', '10:00:09', 9],
  },
  'missed, with its start': {
    stored: { status: 'MISSED', startedAt: '2026-03-02T12:00:00' },
    times: ['2026-03-02T12:00:00', '2026-03-02T12:00:00', null],
  },
  'missed, with its start and its end': {
    stored: { status: 'MISSED', startedAt: '2026-03-02T12:00:00', endedAt: '2026-03-02T12:00:30' },
    times: ['2026-03-02T12:00:00', '2026-03-02T12:00:30', 30],
  },
  'live, completed later': {
    stored: { endedAt: '12:03:00', updatedMs: seconds(1_200), messages: [{}, { arrivedMs: seconds(180) }] },
    times: ['12:00:00', '12:03:00', 180],
  },
  'live and missed later': {
    stored: { status: 'MISSED', endedAt: '12:00:30', updatedMs: seconds(30) },
    times: ['12:00:00', '12:00:00', null],
  },
  'its first message arrived late': {
    stored: {
      ...{ startedAt: '2026-01-06T00:00:05', endedAt: '2026-01-06T00:00:05' },
      messages: [{ timestamp: '2026-01-06T00:00:05' }, { timestamp: '2026-01-05T23:59:50', arrivedMs: seconds(5) }],
    },
    times: ['2026-01-05T23:59:50', '2026-01-06T00:00:05', 15],
  },
  'queued, then earlier messages': {
    stored: {
      endedAt: '12:00:00',
      messages: [
        { timestamp: '2026-03-04T11:00:00', arrivedMs: seconds(5) },
        { timestamp: '2026-03-04T11:05:00', arrivedMs: seconds(5) },
      ],
    },
    times: ['2026-03-04T11:00:00', '2026-03-04T11:05:00', 300],
  },
  'back-dated, then appended to without a time': {
    stored: {
      ...{ startedAt: '2025-05-01T12:00:00', endedAt: '12:00:05' },
      messages: [{ timestamp: '2025-05-01T12:00:00' }, { arrivedMs: seconds(5) }],
    },
    times: ['2025-05-01T12:00:00', '2025-05-01T12:00:00', null],
  },
  'with a start of its own': {
    stored: {
      startedAt: '08:55:00',
      endedAt: '09:00:02',
      messages: [{ timestamp: '09:00:00' }, { timestamp: '09:00:02' }],
    },
    times: ['08:55:00', '09:00:02', 302],
  },
  'open and live': { stored: { status: 'ACTIVE', endedAt: null, messages: [{}] }, times: ['12:00:00', null, null] },
}

test.each(Object.entries(CASES))('%s', async (_name, { stored, times: [start, end, duration] }) => {
  const { id: tenantId, ask } = await server.newTenant()
  const id = await store(tenantId, stored)
  await leaveJob(tenantId)
  expect(await runJobs()).toBe(true)
  const found = await read(ask, encodeId('Conversation', id), 'startedAt endedAt durationMs')
  const expected = [iso(start), end && iso(end), duration && seconds(duration)]
  expect([found.startedAt, found.endedAt, found.durationMs]).toEqual(expected)
})

test('texts that say nothing become none, and languages those of most user messages', async () => {
  const { id: tenantId, ask } = await server.newTenant()
  const columns = { end_user_id: ' ', model: '', tool_call_count: 2, tool_error_count: 2 }
  const messages = [{ language: 'en' }, { language: 'de' }, { language: 'de' }, { language: 'en', role: 'ASSISTANT' }]
  const id = await store(tenantId, { columns, messages: [...messages, { error: '' }, { error: 'none found' }] })
  const given = await store(tenantId, { columns: { language: 'fr' }, messages })
  await leaveJob(tenantId)
  await runJobs()
  const selection = 'endUserId model language toolErrorCount'
  expect(await read(ask, encodeId('Conversation', id), selection)).toEqual({
    ...{ endUserId: null, model: null, language: 'de', toolErrorCount: 1 },
  })
  const { messages: read1 } = await read(
    ask,
    encodeId('Conversation', id),
    'messages { nodes { ... on ToolCall { error } } }',
  )
  expect(read1.nodes.slice(4)).toEqual([{ error: null }, { error: 'none found' }])
  expect(await read(ask, encodeId('Conversation', given), 'language')).toEqual({ language: 'fr' })
})

test('a conversation of before 1.0.0 keeps its duration of the recording, and is counted by resolution and understood messages', async () => {
  const { id: tenantId, ask } = await server.newTenant()
  const id = await store(tenantId, {
    columns: {
      ...{ rules_version: 1, given_started_at: iso('09:00:00'), resolution: 'UNDEFINED', not_understood_count: 1 },
      ...{ recording_url: 'https://example.com/a', recording_duration_seconds: 61.2345 },
    },
    messages: [
      ...[{ understood: true }, { understood: true }, { understood: false }, {}],
      { understood: true, role: 'ASSISTANT' },
    ],
  })
  const recording = async () => (await read(ask, encodeId('Conversation', id), 'recording { durationMs }')).recording
  expect(await recording()).toEqual({ durationMs: 61_234.5 })
  await leaveJob(tenantId)
  await runJobs()
  expect(await recording()).toEqual({ durationMs: 61_234.5 })
  const totals = async (filter: object | null) => {
    const { data } = await ask(
      `query ($filter: ConversationFilter) { conversationSeries(measures: [CONVERSATIONS_WITH_RESOLUTION, MESSAGES_WITH_UNDERSTOOD],
        interval: DAY, range: { from: "2026-03-10T00:00:00Z", to: "2026-03-11T00:00:00Z" }, filter: $filter) { lines { total } } }`,
      { filter },
    )
    return data.conversationSeries.lines.map(({ total }: { total: number }) => total)
  }
  // From the roll-ups, and from the conversations themselves.
  expect(await totals(null)).toEqual([1, 3])
  expect(await totals({ hasNotUnderstood: true })).toEqual([1, 3])
})

test('the duration of a recording is returned as it was given', async () => {
  const { ask } = await server.newTenant()
  for (const durationMs of [0, 1, 0.1, 12_345.000000000002, 61_234.5, 1 / 3]) {
    const recording = { url: 'https://example.com/a', durationMs }
    const { data } = await write(ask, 'logConversation', { transcript: 'User: Hello', recording })
    const { id } = data.logConversation.conversation
    expect((await read(ask, id, 'recording { durationMs }')).recording).toEqual({ durationMs })
  }
})

test('the job goes through all rows, in pieces, and tells subscribers of none', async () => {
  const { id: tenantId, ask } = await server.newTenant()
  for (let i = 0; i < 120; i++)
    await store(tenantId, { messages: [{ timestamp: '09:00:00' }, {}], startedAt: '09:00:00' })
  const changes = () =>
    server.owner(`SELECT count(*)::int AS count FROM conversation_changes WHERE tenant_id = '${tenantId}'`)
  const before = await changes()
  await leaveJob(tenantId)
  await runJobs()
  expect(await changes()).toEqual(before)
  expect(await server.owner(`SELECT name FROM tenant_jobs WHERE tenant_id = '${tenantId}'`)).toEqual([])
  const { data } =
    await ask(`{ conversationSeries(measures: [CONVERSATIONS, DURATION_MEAN], interval: DAY, timeZone: "UTC",
    range: { from: "2026-03-10T00:00:00Z", to: "2026-03-11T00:00:00Z" }) { lines { total totalSampleCount } } }`)
  expect(data.conversationSeries.lines).toEqual([
    { total: 120, totalSampleCount: 120 },
    { total: null, totalSampleCount: 0 },
  ])
})

test.each(['appendMessages', 'completeConversation', 'updateConversation'])(
  '%s brings the conversation up to date by itself',
  async (mutation) => {
    const { id: tenantId, ask } = await server.newTenant()
    const isClosed = mutation === 'updateConversation'
    const messages = [{ timestamp: '2026-01-06T00:00:05' }, { timestamp: '2026-01-05T23:59:50', arrivedMs: seconds(5) }]
    const id = encodeId(
      'Conversation',
      await store(tenantId, {
        ...{ status: isClosed ? 'COMPLETED' : 'ACTIVE', startedAt: '2026-01-06T00:00:05', messages },
        endedAt: isClosed ? '2026-01-06T00:00:05' : null,
      }),
    )
    const timestamp = iso('2026-01-06T00:01:00')
    const more =
      mutation === 'appendMessages' ? { messages: [{ chat: { role: 'USER', content: 'a', timestamp } }] } : {}
    const { errors } = await write(ask, mutation, { by: { id }, ...more })
    expect(errors).toBeUndefined()
    expect((await read(ask, id, 'startedAt')).startedAt).toBe(iso('2026-01-05T23:59:50'))
  },
)

test('work that this version does not know is left to one that does', async () => {
  const { id: tenantId } = await server.newTenant()
  await server.owner(`INSERT INTO tenant_jobs (tenant_id, name) VALUES ('${tenantId}', 'of a later version')`)
  expect(await runJobs()).toBe(true)
  expect(await server.owner(`SELECT name FROM tenant_jobs WHERE tenant_id = '${tenantId}'`)).toEqual([
    { name: 'of a later version' },
  ])
})
