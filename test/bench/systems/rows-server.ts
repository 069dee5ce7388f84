import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import pg from 'pg'

/** Answers whatever SQL it is sent with its rows: `pg` and `JSON.stringify` behind bare `node:http`, no credential, no wall. */
const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'] ?? '', max: 4 })

const server = createServer(async (request, response) => {
  const statement = JSON.parse(await text(request)) as { text: string; values: unknown[] }
  // Without a name, so that it is planned for the values that are asked for.
  const { rows } = await pool.query(statement)
  const answer = JSON.stringify({ rows })
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) })
  response.end(answer)
})
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }))
})
