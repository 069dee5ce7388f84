import type { GraphQLParams, Plugin } from 'graphql-yoga'
import { ParleyError } from '../errors.ts'
import { NOBODY } from '../fairness/holder.ts'
import type { MainThread } from '../fairness/main-thread.ts'
import { parseExactly } from '../input/exact-number.ts'
import { BODY_LIMITS } from '../input/limits.ts'
import type { ServerContext } from './client-address.ts'
import { type JsonExcess, type JsonLimits, JsonScanner } from './json-scanner.ts'
import { BodyBudget, type BodyReservation } from './limits/body-budget.ts'
import { bodyLimitsOf, bodySharesOf } from './limits/body-limits.ts'
import { hasTooManyChunks } from './limits/chunk-limit.ts'
import type { Requests } from './request-log.ts'
import { rememberSent } from './sent-numbers.ts'

export interface JsonBodyOptions {
  requests: Requests
  maxBodyBytes: number
  mainThread: MainThread
  budget?: BodyBudget
}

/** How long it takes to read a body, count its values and discard its pieces, without parsing it. */
const MS_PER_BYTE = 10 / 1_048_576
/** Larger bodies wait for their turn before they are read. */
const LARGE_BYTES = BODY_LIMITS.readOnlyBytes

/**
 * Accepts operations only in JSON bodies and, for queries, in the URL. A form or plain text, which a page can send
 * across origins without a preflight, runs nothing. The sender is known by now.
 */
export function useJsonBody({ requests, maxBodyBytes, mainThread, budget = new BodyBudget() }: JsonBodyOptions) {
  return {
    onRequestParse({ request, serverContext, setRequestParser }) {
      const session = requests.get(request)?.session
      const holder = session?.holder ?? NOBODY
      const limits = session?.limits ?? bodyLimitsOf(null, maxBodyBytes)
      const json = { values: limits.maxJsonValues, depth: BODY_LIMITS.depth }
      if (request.method === 'GET') {
        const sent = checkUrl(new URL(request.url), json)
        if (sent === null) return
        return {
          onRequestParseDone: ({ requestParserResult: params }) => rememberSent([params].flat()[0]?.variables, sent),
        }
      }
      if (request.method !== 'POST') return
      setRequestParser(async () => {
        checkHeaders(request.headers)
        const reservation = budget.open(bodySharesOf(session))
        try {
          const isFlood = () => serverContext.req !== undefined && hasTooManyChunks(serverContext.req)
          const body = new Body({ maxBytes: limits.maxBodyBytes, json, reservation, isFlood })
          const announced = Number(request.headers.get('content-length') ?? 0)
          body.refuseIfLarger(announced)
          // The body is charged before it is read, so one that is refused halfway is charged too.
          if (announced > LARGE_BYTES) await mainThread.admit(holder)
          mainThread.chargePieces(holder.tenantId, announced * MS_PER_BYTE)
          continueReading(serverContext)
          const text = await body.read(chunksOf(request, serverContext))
          mainThread.chargePieces(holder.tenantId, Math.max(0, body.bytes - announced) * MS_PER_BYTE)
          await mainThread.admit(holder)
          return mainThread.work(holder.tenantId, () => parseParams(text, body.losesNumbers))
        } finally {
          reservation.release()
        }
      })
    },
  } satisfies Plugin<object, ServerContext>
}

function checkHeaders(headers: Headers) {
  const [mediaType] = (headers.get('content-type') ?? '').split(';')
  if (mediaType?.trim().toLowerCase() !== 'application/json') {
    throw httpError(415, 'BAD_USER_INPUT', 'Send the operation as a JSON body with "Content-Type: application/json".')
  }
  if ((headers.get('content-encoding') ?? 'identity') !== 'identity') {
    throw httpError(415, 'BAD_USER_INPUT', 'Send the body without Content-Encoding.')
  }
}

/** Asks for the body if the client waits to be asked. */
function continueReading({ req, res }: ServerContext) {
  if (req?.headers.expect !== undefined && res?.headersSent === false) res.writeContinue()
}

/** Leaves the connection open if the body is not read to its end, so that the client can read why. */
const chunksOf = ({ body }: Request, { req }: ServerContext): AsyncIterable<Uint8Array> | Iterable<Uint8Array> =>
  req?.iterator({ destroyOnReturn: false }) ?? body ?? []

function parseParams(text: string, losesNumbers: boolean): GraphQLParams {
  const body = parseJson(text, 'The body')
  if (body === null || typeof body !== 'object' || Array.isArray(body)) {
    throw httpError(400, 'BAD_USER_INPUT', 'The body must be one JSON object: { query, variables, operationName }.')
  }
  const params = body as GraphQLParams
  if (losesNumbers) rememberSent(params.variables, (parseExactly(text) as GraphQLParams).variables)
  return params
}

/**
 * Variables in the URL are JSON too, and are read like those in a body. Returns them as they were sent if a number in
 * them would lose digits, else null.
 */
function checkUrl(url: URL, limits: JsonLimits): unknown {
  let sent: unknown = null
  for (const name of ['variables', 'extensions']) {
    const text = url.searchParams.get(name)
    if (!text) continue
    const scanner = new JsonScanner(limits)
    const excess = scanner.scan(Buffer.from(text))
    if (excess) throw tooMuchJson(excess, limits, name)
    parseJson(text, `The parameter ${name}`)
    if (name === 'variables' && scanner.losesNumbers) sent = parseExactly(text)
  }
  return sent
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw httpError(400, 'BAD_USER_INPUT', `${what} is not valid JSON.`)
  }
}

interface BodyOptions {
  maxBytes: number
  json: JsonLimits
  reservation: BodyReservation
  /** Whether the body comes in too many chunks. */
  isFlood: () => boolean
}

/** A body while it is read, up to its limits. */
class Body {
  readonly #options: BodyOptions
  readonly #scanner: JsonScanner
  readonly #chunks: Uint8Array[] = []
  /**
   * Decodes the text as it arrives: decoding all of it at once would hold others up for longer. A body of one chunk is
   * decoded in one call, which Node does faster.
   */
  readonly #decoder = new TextDecoder('utf-8', { fatal: true })
  #text = ''
  #bytes = 0

  constructor(options: BodyOptions) {
    this.#options = options
    this.#scanner = new JsonScanner(options.json)
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Whether the text so far has a number that would lose digits as a double. */
  get losesNumbers(): boolean {
    return this.#scanner.losesNumbers
  }

  refuseIfLarger(bytes: number) {
    const { maxBytes } = this.#options
    if (bytes > maxBytes) {
      throw httpError(413, 'LIMIT_EXCEEDED', `The body is larger than ${maxBytes} bytes.`, { limit: maxBytes })
    }
  }

  async read(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<string> {
    try {
      for await (const chunk of chunks) this.#take(chunk)
      const [only, ...more] = this.#chunks
      return more.length === 0 ? this.#decode(only, false) : this.#text + this.#decode(undefined, false)
    } catch (error) {
      // A client that hangs up halfway gets no answer, but its log line should not look like a fault of the server.
      throw error instanceof ParleyError ? error : httpError(400, 'BAD_USER_INPUT', 'The body is incomplete.')
    }
  }

  #decode(chunk: Uint8Array | undefined, goesOn: boolean): string {
    try {
      return this.#decoder.decode(chunk, { stream: goesOn })
    } catch {
      throw httpError(400, 'BAD_USER_INPUT', 'The body is not valid UTF-8.')
    }
  }

  #take(chunk: Uint8Array) {
    if (this.#options.isFlood()) throw httpError(400, 'LIMIT_EXCEEDED', 'The body comes in too many small chunks.')
    this.#bytes += chunk.byteLength
    this.refuseIfLarger(this.#bytes)
    // Only bytes that have arrived are reserved: a client must not shut others out by announcing a body and sending nothing.
    this.#options.reservation.growTo(this.#bytes)
    this.#chunks.push(chunk)
    const excess = this.#scanner.scan(chunk)
    if (excess) throw tooMuchJson(excess, this.#options.json, this.#member())
    const [first, second] = this.#chunks
    if (second === undefined) return
    if (second === chunk) this.#text = this.#decode(first, true)
    this.#text += this.#decode(chunk, true)
  }

  /** The member of the body that was read last. */
  #member(): string | undefined {
    const text = Buffer.concat(this.#chunks).toString('latin1', this.#scanner.memberAt, this.#scanner.memberAt + 100)
    return /^\s*"(query|variables|operationName|extensions)"/.exec(text)?.[1]
  }
}

function tooMuchJson(excess: JsonExcess, limits: JsonLimits, inputPath: string | undefined) {
  const limit = limits[excess]
  const problem = excess === 'depth' ? `is nested deeper than ${limit} levels` : `has more than ${limit} JSON values`
  const extensions = { ...(inputPath ? { inputPath } : {}), limit }
  return httpError(400, 'LIMIT_EXCEEDED', `${inputPath ?? 'The body'}${inputPath ? ':' : ''} ${problem}.`, extensions)
}

function httpError(status: number, code: 'BAD_USER_INPUT' | 'LIMIT_EXCEEDED', message: string, extensions = {}) {
  return new ParleyError(code, message, { ...extensions, http: { status } })
}
