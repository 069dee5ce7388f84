import type { GraphQLParams, Plugin } from 'graphql-yoga'
import { ParleyError } from '../errors.ts'

/**
 * Takes operations from JSON bodies (and, for queries, from the URL), and from nothing else: what a page can send
 * across origins without asking first, a form or plain text, runs nothing. Stops reading at the size limit.
 */
export function useJsonBody(maxBytes: number): Plugin {
  return {
    onRequestParse({ request, setRequestParser }) {
      if (request.method === 'GET') checkUrl(new URL(request.url))
      if (request.method !== 'POST') return
      setRequestParser(() => parse(request, maxBytes))
    },
  }
}

async function parse(request: Request, maxBytes: number): Promise<GraphQLParams> {
  const [mediaType] = (request.headers.get('content-type') ?? '').split(';')
  if (mediaType?.trim().toLowerCase() !== 'application/json') {
    throw httpError(415, 'BAD_USER_INPUT', 'Send the operation as a JSON body with "Content-Type: application/json".')
  }
  if ((request.headers.get('content-encoding') ?? 'identity') !== 'identity') {
    throw httpError(415, 'BAD_USER_INPUT', 'Send the body without Content-Encoding.')
  }
  const text = await readText(request, maxBytes)
  const body = parseJson(text, 'The body')
  if (body === null || typeof body !== 'object' || Array.isArray(body)) {
    throw httpError(400, 'BAD_USER_INPUT', 'The body must be one JSON object: { query, variables, operationName }.')
  }
  const { variables } = body as GraphQLParams
  if (isDeeperThan(variables, MAX_DEPTH)) {
    throw httpError(400, 'LIMIT_EXCEEDED', `variables: is nested deeper than ${MAX_DEPTH} levels.`, {
      inputPath: 'variables',
      limit: MAX_DEPTH,
    })
  }
  return body as GraphQLParams
}

/** Beyond what any input takes, and long before the call stack of those who read variables recursively ends. */
const MAX_DEPTH = 100

function isDeeperThan(value: unknown, levels: number): boolean {
  let found = [value]
  for (let depth = 0; depth <= levels && found.length > 0; depth++) {
    found = found.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []))
  }
  return found.length > 0
}

/** Variables in the URL are JSON too. Whatever they hold is read like those in a body. */
function checkUrl(url: URL) {
  for (const name of ['variables', 'extensions']) {
    const text = url.searchParams.get(name)
    if (text) parseJson(text, `The parameter ${name}`)
  }
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw httpError(400, 'BAD_USER_INPUT', `${what} is not valid JSON.`)
  }
}

async function readText(request: Request, maxBytes: number): Promise<string> {
  const tooLarge = () =>
    httpError(413, 'LIMIT_EXCEEDED', `The body is larger than ${maxBytes} bytes.`, { limit: maxBytes })
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge()
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of request.body ?? []) {
      size += chunk.byteLength
      if (size > maxBytes) throw tooLarge()
      chunks.push(chunk)
    }
  } catch (error) {
    // Whoever hangs up in the middle is not told; the log is, and should not take it for a fault of ours.
    throw error instanceof ParleyError ? error : httpError(400, 'BAD_USER_INPUT', 'The body broke off.')
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch {
    throw httpError(400, 'BAD_USER_INPUT', 'The body is not valid UTF-8.')
  }
}

function httpError(status: number, code: 'BAD_USER_INPUT' | 'LIMIT_EXCEEDED', message: string, extensions = {}) {
  // A body that was not read to its end can't be followed by another request on the same connection.
  const headers = status === 413 ? { connection: 'close' } : {}
  return new ParleyError(code, message, { ...extensions, http: { status, headers } })
}
