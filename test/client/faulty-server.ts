import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll } from 'vitest'

/** What becomes of a request on its way to the server. */
export type Fate =
  | 'PASS'
  /** Reset before the server hears of it, or after it has answered. */
  | 'CUT_BEFORE'
  | 'CUT_AFTER'
  | 'HANG'
  | { status: number; headers?: Record<string, string>; body?: string }

export interface FaultyServer {
  url: string
  /** The fate of each request. Default: all pass. */
  fateOf: (body: string) => Fate
  /** When each request came, and what it held. */
  requests: { at: number; body: string }[]
}

/** Stands between a client and a server, until the test file ends. */
export async function startFaultyServer(target: string): Promise<FaultyServer> {
  const server: FaultyServer = { url: '', fateOf: () => 'PASS', requests: [] }
  const http = createServer(async (request, response) => {
    const body = await textOf(request)
    server.requests.push({ at: performance.now(), body })
    await meet(server.fateOf(body), `${target}${request.url}`, request, body, response)
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  afterAll(() => {
    http.closeAllConnections()
    http.close()
  })
  server.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/graphql`
  return server
}

async function meet(fate: Fate, url: string, request: IncomingMessage, body: string, response: ServerResponse) {
  if (fate === 'HANG') return
  if (fate === 'CUT_BEFORE') return request.socket.resetAndDestroy()
  if (typeof fate === 'object') return response.writeHead(fate.status, fate.headers).end(fate.body)
  const { authorization = '', 'content-type': type = '' } = request.headers
  const answer = await fetch(url, { method: 'POST', headers: { authorization, 'content-type': type }, body })
  const text = await answer.text()
  if (fate === 'CUT_AFTER') return request.socket.resetAndDestroy()
  response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text)
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
