import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import pg from 'pg'
import { newUuid } from '../../../src/input/ids.ts'
import { type GivenChat, type GivenConversation, keptBeside } from './written.ts'

/**
 * The baseline: what PostgreSQL and Node give when nothing else is done. Prepared statements of `pg`, `JSON.stringify`, bare
 * `node:http`; no GraphQL, no credentials, no wall between tenants, no checks of what is sent.
 */
const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'] ?? '' })

const MESSAGES = (limit: number) => `
  SELECT json_agg(m) AS messages FROM (
    SELECT kind, sequence, "timestamp", role, content, name, output FROM messages
    WHERE tenant_id = c.tenant_id AND conversation_id = c.id ORDER BY sequence LIMIT ${limit}) m`
const CONVERSATION = `c.id, c.external_id AS "externalId", c.status, c.started_at AS "startedAt", c.metadata, m.messages`

/**
 * As one JSON, which `pg` parses. (Tried as well, by what a page took of the process: a row for each conversation, with
 * JSON for its messages, 1.2 times; a row for each message 3 to 4 times; two statements 2 to 3 times.)
 */
const page = (condition: string) => `
  SELECT json_agg(page) AS conversations FROM (
    SELECT ${CONVERSATION} FROM (
      SELECT * FROM conversations c WHERE c.tenant_id = $1 AND ${condition}
      ORDER BY c.started_at DESC, c.id DESC LIMIT 21
    ) c, LATERAL (${MESSAGES(6)}) m ORDER BY c.started_at DESC, c.id DESC
  ) page`

const STATEMENTS = {
  list: page('true'),
  after: page('(c.started_at, c.id) < ($2::timestamptz, $3::uuid)'),
  where: page(`c.id IN (SELECT e.conversation_id FROM conversation_metadata e
    WHERE e.tenant_id = $1 AND e.path = $2 AND e.value = $3)`),
  get: `SELECT ${CONVERSATION} FROM conversations c, LATERAL (${MESSAGES(1_000)}) m WHERE c.tenant_id = $1 AND c.id = $2::uuid`,
}

/** One statement that commits by itself: `$2` the conversation, `$3` its messages, `$4` the entries of its metadata. */
const LOG = `
  WITH stored AS (
    INSERT INTO conversations (tenant_id, id, external_id, status, channel, end_user_id, model, metadata, started_at, ended_at,
      last_message_at, message_count, user_message_count, assistant_message_count, tool_call_count, latency_count, latency_sum_ms)
    SELECT $1, * FROM jsonb_to_record($2::jsonb) AS c (id uuid, "externalId" text, status conversation_status, channel channel,
      "endUserId" text, model text, metadata jsonb, "startedAt" timestamptz, "endedAt" timestamptz, "lastMessageAt" timestamptz,
      "messageCount" int, "userMessageCount" int, "assistantMessageCount" int, "toolCallCount" int, "latencyCount" int,
      "latencySumMs" numeric)
    RETURNING id
  ), said AS (
    INSERT INTO messages (tenant_id, conversation_id, sequence, id, kind, "timestamp", role, content, latency_ms, name, input, output)
    SELECT $1, stored.id, m.* FROM stored, jsonb_to_recordset($3::jsonb) AS m (sequence int, id uuid, kind message_kind,
      "timestamp" timestamptz, role message_role, content text, "latencyMs" float8, name text, input jsonb, output jsonb)
  ), entered AS (
    INSERT INTO conversation_metadata (tenant_id, conversation_id, path, value)
    SELECT $1, stored.id, e.* FROM stored, jsonb_to_recordset($4::jsonb) AS e (path text, value text)
  )
  SELECT id FROM stored`

const APPEND = `
  WITH c AS (
    UPDATE conversations SET message_count = message_count + 1, user_message_count = user_message_count + 1,
      last_message_at = greatest(last_message_at, $4::timestamptz), updated_at = now()
    WHERE tenant_id = $1 AND id = $2::uuid AND status = 'ACTIVE' RETURNING message_count
  )
  INSERT INTO messages (tenant_id, conversation_id, sequence, id, kind, "timestamp", role, content)
  SELECT $1, $2::uuid, message_count - 1, $3::uuid, 'CHAT', $4::timestamptz, 'USER', $5 FROM c
  RETURNING id, sequence`

async function log({ tenantId, conversation }: { tenantId: string; conversation: GivenConversation }) {
  const { messages, ...given } = conversation
  const { entries, ...kept } = keptBeside(conversation)
  const rows = messages.map((message, sequence) => ({ ...message, sequence, id: newUuid() }))
  const stored = await pool.query<{ id: string }>({
    name: 'log',
    text: LOG,
    values: [
      tenantId,
      JSON.stringify({ ...given, ...kept, id: newUuid() }),
      JSON.stringify(rows),
      JSON.stringify(entries),
    ],
  })
  return stored.rows[0]
}

async function append({ tenantId, id, message }: { tenantId: string; id: string; message: GivenChat }) {
  const values = [tenantId, id, newUuid(), message.timestamp, message.content]
  const { rows } = await pool.query<{ id: string; sequence: number }>({ name: 'append', text: APPEND, values })
  if (!rows[0]) throw new Error('there is no such open conversation')
  return rows[0]
}

interface Conversation {
  id: string
  startedAt: string
}

async function query<Row extends object>(name: keyof typeof STATEMENTS, values: unknown[]): Promise<Row | undefined> {
  // Not prepared: PostgreSQL would plan it once for any value, and on a million conversations a common one then took dozens
  // of times as long.
  const prepared = name === 'where' ? {} : { name }
  return (await pool.query<Row>({ ...prepared, text: STATEMENTS[name], values })).rows[0]
}

async function list(name: 'list' | 'after' | 'where', values: unknown[]) {
  const all = (await query<{ conversations: Conversation[] | null }>(name, values))?.conversations ?? []
  const conversations = all.slice(0, 20)
  const last = conversations.at(-1)
  return { conversations, hasNextPage: all.length > 20, endCursor: last ? [last.startedAt, last.id] : null }
}

// Whoever asks is the benchmark: what it sends is what is read here.
// biome-ignore lint/suspicious/noExplicitAny: see above
const ROUTES: Record<string, (given: any) => Promise<unknown>> = {
  '/list': ({ tenantId }) => list('list', [tenantId]),
  '/after': ({ tenantId, startedAt, id }) => list('after', [tenantId, startedAt, id]),
  '/where': ({ tenantId, path, value }) => list('where', [tenantId, path, value]),
  '/get': ({ tenantId, id }) => query('get', [tenantId, id]),
  '/log': log,
  '/append': append,
}

function read(request: IncomingMessage): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString())))
    request.on('error', reject)
  })
}

const server = createServer(async (request, response) => {
  try {
    const answer = Buffer.from(JSON.stringify(await ROUTES[request.url ?? '']?.(await read(request))))
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length }).end(answer)
  } catch (error) {
    response.writeHead(500).end(String(error))
  }
}).listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }))
})
