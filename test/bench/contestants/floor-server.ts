import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import pg from 'pg'

/**
 * The floor: what PostgreSQL and Node give when nothing else is done. Prepared statements of `pg`, `JSON.stringify`, bare
 * `node:http`; no GraphQL, no credentials, no wall between tenants, no checks of what is sent.
 */
const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'] ?? '' })

const MESSAGES = (limit: number) => `
  SELECT json_agg(m) AS messages FROM (
    SELECT kind, sequence, "timestamp", role, content, name, output FROM messages
    WHERE tenant_id = c.tenant_id AND conversation_id = c.id ORDER BY sequence LIMIT ${limit}) m`
const CONVERSATION = `c.id, c.external_id AS "externalId", c.status, c.started_at AS "startedAt", c.metadata, m.messages`

const page = (condition: string) => `
  SELECT ${CONVERSATION} FROM (
    SELECT * FROM conversations c WHERE c.tenant_id = $1 AND ${condition}
    ORDER BY c.started_at DESC, c.id DESC LIMIT 21
  ) c, LATERAL (${MESSAGES(6)}) m ORDER BY c.started_at DESC, c.id DESC`

const STATEMENTS = {
  list: page('true'),
  after: page('(c.started_at, c.id) < ($2::timestamptz, $3::uuid)'),
  where: page(`c.id IN (SELECT e.conversation_id FROM conversation_metadata e
    WHERE e.tenant_id = $1 AND e.path = $2 AND e.value = $3)`),
  get: `SELECT ${CONVERSATION} FROM conversations c, LATERAL (${MESSAGES(1_000)}) m WHERE c.tenant_id = $1 AND c.id = $2::uuid`,
}

interface Row {
  id: string
  startedAt: Date
}

const query = async (name: keyof typeof STATEMENTS, values: unknown[]) =>
  (await pool.query<Row>({ name, text: STATEMENTS[name], values })).rows

async function listed(rows: Promise<Row[]>) {
  const all = await rows
  const conversations = all.slice(0, 20)
  const last = conversations.at(-1)
  return { conversations, hasNextPage: all.length > 20, endCursor: last ? [last.startedAt, last.id] : null }
}

type Given = Record<string, string>

const ROUTES: Record<string, (given: Given) => Promise<unknown>> = {
  '/list': ({ tenantId }) => listed(query('list', [tenantId])),
  '/after': ({ tenantId, startedAt, id }) => listed(query('after', [tenantId, startedAt, id])),
  '/where': ({ tenantId, path, value }) => listed(query('where', [tenantId, path, value])),
  '/get': async ({ tenantId, id }) => (await query('get', [tenantId, id]))[0],
}

function read(request: IncomingMessage): Promise<Given> {
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
