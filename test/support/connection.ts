import { once } from 'node:events'
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http'
import { Readable } from 'node:stream'
import { askBy, type ServerProcess, VIEWER } from './process.ts'
import type { Listening } from './services.ts'

/** One connection of a client, kept: whichever process takes it answers everything that is sent through it. */
export class Connection {
  readonly #url: string
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })

  constructor(url: string) {
    this.#url = url
  }

  readonly fetch = (path: string, { method = 'GET', headers, body }: RequestInit = {}): Promise<Response> =>
    new Promise((resolve, reject) => {
      const options = { agent: this.#agent, method, headers: Object.fromEntries(new Headers(headers)) }
      const sent = request(new URL(path, this.#url), options, (incoming) => resolve(toResponse(incoming)))
      sent.once('error', reject)
      sent.end(body)
    })

  ask(...args: Parameters<ServerProcess['ask']>) {
    return askBy(this.fetch, ...args)
  }

  close() {
    this.#agent.destroy()
  }
}

function toResponse(incoming: IncomingMessage): Response {
  const headers = Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)])
  // Node's own types of a web stream and the global ones are the same thing under two names.
  const body = Readable.toWeb(incoming) as ReadableStream
  return new Response(body, { status: incoming.statusCode ?? 0, headers })
}

const BODY = JSON.stringify({ query: VIEWER })

/** A request that the server has begun to read: half of its body is still to come, and comes with `finish`. */
export async function holdOpen(server: Pick<Listening, 'url'>, key: string) {
  const held: ClientRequest = request(await server.url(), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'content-length': BODY.length,
      authorization: `Bearer ${key}`,
      // Answered as soon as the head was read: that is how this side knows.
      expect: '100-continue',
    },
  })
  held.flushHeaders()
  await once(held, 'continue')
  held.write(BODY.slice(0, 10))
  const finish = async (): Promise<Response> => {
    held.end(BODY.slice(10))
    const [incoming] = (await once(held, 'response')) as [IncomingMessage]
    return toResponse(incoming)
  }
  return { held, finish }
}

/** What a new client meets: an answer, or the code of an error. */
export async function knock(server: Pick<Listening, 'url'>): Promise<string> {
  const connection = new Connection(await server.url())
  return connection
    .fetch('/health')
    .then(
      () => 'served',
      (error) => String(error.code),
    )
    .finally(() => connection.close())
}
