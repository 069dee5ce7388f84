import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { afterAll } from 'vitest'
import type { TestServer } from './server.ts'

/**
 * Listens on a free port of this machine and answers with `fetch`, for commands that run in a process of their own.
 * Where it throws, the connection breaks off without an answer. Returns the URL of the GraphQL endpoint.
 */
export async function listen(fetch: TestServer['fetch']): Promise<string> {
  const http = createServer(async (request, response) => {
    try {
      const body = await buffer(request)
      const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)] as [string, string])
      const init = { method: request.method ?? 'GET', headers, ...(body.length > 0 ? { body } : {}) }
      const answer = await fetch(request.url ?? '/', init)
      response.writeHead(answer.status, Object.fromEntries(answer.headers))
      response.end(await answer.text())
    } catch {
      request.socket.destroy()
    }
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  afterAll(() => http.close())
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}/graphql`
}
