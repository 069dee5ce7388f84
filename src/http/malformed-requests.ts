import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { newRequestId, type Refusal, refusalText } from './refuse.ts'
import type { RequestLines } from './request-lines.ts'

const MALFORMED: Refusal = { status: 400, code: 'BAD_USER_INPUT', message: 'This is not a valid HTTP request.' }

/** By the error code of node:http. */
const REFUSALS: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: { status: 431, code: 'LIMIT_EXCEEDED', message: 'The URL and the headers are too large.' },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: {
    status: 413,
    code: 'LIMIT_EXCEEDED',
    message: 'The chunk extensions are too large.',
  },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, code: 'LIMIT_EXCEEDED', message: 'The request was not sent in time.' },
}

/** We are not a proxy: there is nothing to connect to. */
const NO_TUNNEL: Refusal = { status: 405, code: 'BAD_USER_INPUT', message: 'The method CONNECT is not supported.' }

/** Answers and logs what never becomes a request: node:http itself would refuse it without a request id or a log line. */
export function refuseMalformedRequests(server: Server, lines: RequestLines): void {
  /** The answer in progress on a connection. */
  const answers = new WeakMap<Duplex, ServerResponse>()
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    answers.set(request.socket, response)
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const answer = answers.get(socket)
    const isUnderWay = answer !== undefined && !answer.writableFinished
    // The client hung up, or is being answered: the log line of its request says the rest.
    if (!socket.writable || error.code === 'ECONNRESET' || (isUnderWay && answer.headersSent)) return socket.destroy()
    refuse(socket, REFUSALS[error.code ?? ''] ?? MALFORMED, { error: error.code })
  })
  server.on('connect', (request, socket) => refuse(socket, NO_TUNNEL, { method: request.method }))

  function refuse(socket: Duplex, refusal: Refusal, fields: object) {
    const requestId = newRequestId()
    const { status, code } = refusal
    lines.write({ requestId, status, code, ...fields }, { isRefused: true })
    socket.end(refusalText(refusal, requestId), () => socket.destroy())
  }
}
