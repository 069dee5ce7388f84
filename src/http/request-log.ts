import { type ExecutionArgs, type ExecutionResult, type GraphQLError, getOperationAST } from 'graphql'
import { isAsyncIterable, mapAsyncIterator, type Plugin } from 'graphql-yoga'
import type { Logger } from 'pino'
import type { Context } from '../context.ts'
import { FailureLog } from '../failure-log.ts'
import { encodeCredentialId } from '../input/ids.ts'
import { MAX_REQUEST_ERRORS } from '../input/limits.ts'
import type { ServerContext } from './client-address.ts'
import { isInternal, outageCode, toClientError } from './mask-errors.ts'
import { newRequestId } from './refuse.ts'
import type { RequestLines } from './request-lines.ts'

/** What is known of a request while it runs. Never a secret, a message's text or a metadata value. */
export interface RequestRecord {
  id: string
  startedMs: number
  session?: Context
  operationName?: string
  code?: string
}

export type Requests = WeakMap<Request, RequestRecord>

/** An outage fails every request with the same error, which is logged this often, with a count. */
const OUTAGE_EVERY_MS = 1_000

export interface RequestLogOptions {
  requests: Requests
  lines: RequestLines
  /** Whether errors may suggest names from the schema. */
  suggestions: boolean
}

/** Gives each request an id, masks errors that must not reach clients, and logs one line for each request. */
export function useRequestLog(
  log: Logger,
  { requests, lines, suggestions }: RequestLogOptions,
): Plugin<object, ServerContext> {
  const outages = new FailureLog(log, OUTAGE_EVERY_MS, 'requests failed because of the database', 'code')
  return {
    onRequest({ request, serverContext }) {
      requests.set(request, { id: serverContext.requestId ?? newRequestId(), startedMs: performance.now() })
    },
    onParams({ request, params }) {
      const record = requests.get(request)
      if (record && typeof params.operationName === 'string') record.operationName = cut(params.operationName)
    },
    onExecute: ({ args }) => noteOperation(requests, args),
    onSubscribe: ({ args }) => noteOperation(requests, args),
    onResultProcess({ request, result, setResult }) {
      const record = requests.get(request)
      if (!record) return
      const masked = <Result extends object>(answer: Result): Result => {
        if (!('errors' in answer) || !Array.isArray(answer.errors)) return answer
        // If there is data, each error belongs to a field of its own.
        const isRefusal = !('data' in answer) || answer.data === undefined
        const shownErrors = isRefusal ? answer.errors.slice(0, suggestions ? MAX_REQUEST_ERRORS : 1) : answer.errors
        const errors = shownErrors.map((error: GraphQLError) => {
          const shown = toClientError(error, record.id)
          const outage = outageCode(shown)
          if (outage) outages.note(outage, error.originalError ?? error)
          if (isInternal(shown)) lines.unexpected({ requestId: record.id, err: error.originalError ?? error })
          return suggestions ? shown : withoutSuggestion(shown)
        })
        record.code = String(errors[0]?.extensions['code'] ?? '')
        return { ...answer, errors }
      }
      // A subscription is a stream of answers.
      setResult(isAsyncIterable(result) ? mapAsyncIterator(result, masked) : masked(result as ExecutionResult))
    },
    onResponse({ request, response }) {
      const record = requests.get(request)
      if (!record) return
      response.headers.set('x-request-id', record.id)
      const { session } = record
      lines.write(
        {
          requestId: record.id,
          method: request.method,
          path: new URL(request.url).pathname,
          status: response.status,
          durationMs: Math.round((performance.now() - record.startedMs) * 10) / 10,
          ...(record.operationName ? { operationName: record.operationName } : {}),
          ...(session?.tenantIdOrNull ? { tenantId: session.tenantIdOrNull } : {}),
          ...(session?.principalOrNull ? { credentialId: encodeCredentialId(session.principalOrNull) } : {}),
          ...(record.code ? { code: record.code } : {}),
        },
        { isRefused: response.status >= 400 || record.code !== undefined },
      )
    },
  }
}

const cut = (operationName: string) => operationName.slice(0, 128)

/**
 * If a document has only one operation, clients need not send its name: it is taken from the document. (graphql-js does
 * not know Yoga's context.)
 */
function noteOperation(requests: Requests, { document, operationName, contextValue }: ExecutionArgs) {
  const record = requests.get((contextValue as { request: Request }).request)
  const name = getOperationAST(document, operationName)?.name?.value
  if (record && name) record.operationName = cut(name)
}

function withoutSuggestion(error: GraphQLError): GraphQLError {
  error.message = error.message.replace(/ Did you mean .*\?$/s, '')
  return error
}
