import { createServer, type RequestListener, type Server } from 'node:http'
import type { Config } from '../config.ts'
import { disconnectSilentReaders, type ReaderLimits } from './limits/silent-readers.ts'

/** How long a client may take to send a request, and to accept its answer. */
export interface SlowClientLimits extends ReaderLimits {
  headersTimeoutMs: number
  requestTimeoutMs: number
  /** How often connections are checked: a time-out can be this much late. */
  checkEveryMs: number
}

const SLOW_CLIENTS: SlowClientLimits = {
  headersTimeoutMs: 15_000,
  requestTimeoutMs: 60_000,
  checkEveryMs: 5_000,
  readTimeoutMs: 20_000,
  streamReadTimeoutMs: 60_000,
  lookEveryMs: 1_000,
}

/** For the URL and the headers together; the longest token is 8 KB. */
const MAX_HEADER_BYTES = 16_384

/** Speaks HTTP, and gives up on clients that send too slowly (408) or headers that are too large (431). */
export function createNodeServer(
  handler: RequestListener,
  { keepAliveTimeoutMs }: Pick<Config, 'keepAliveTimeoutMs'>,
  given: Partial<SlowClientLimits> = {},
): Server {
  const slowClients = { ...SLOW_CLIENTS, ...given }
  const server = createServer(
    {
      keepAliveTimeout: keepAliveTimeoutMs,
      headersTimeout: slowClients.headersTimeoutMs,
      requestTimeout: slowClients.requestTimeoutMs,
      connectionsCheckingInterval: slowClients.checkEveryMs,
      maxHeaderSize: MAX_HEADER_BYTES,
      // Our own code refuses such requests, with an answer and a log line.
      requireHostHeader: false,
    },
    handler,
  )
  disconnectSilentReaders(server, slowClients)
  // Otherwise node:http asks for the body, or refuses the request, before we have looked at its headers.
  for (const event of ['checkContinue', 'checkExpectation'] as const) {
    server.on(event, (request, response) => server.emit('request', request, response))
  }
  return server
}
