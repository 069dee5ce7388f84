import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { sendNodeResponse } from '@whatwg-node/server'
import type { ServerContext } from './client-address.ts'
import { closeUnread } from './close-unread.ts'
import { limitChunks } from './limits/chunk-limit.ts'
import { newRequestId, type Refusal, refusalAnswer } from './refuse.ts'
import type { RequestLines } from './request-lines.ts'
import { refusalOfTarget } from './request-target.ts'

interface Handler {
  handleNodeRequestAndResponse(
    request: IncomingMessage,
    response: ServerResponse,
    context: ServerContext,
  ): Response | Promise<Response>
}

const INTERNAL: Refusal = { status: 500, code: 'INTERNAL_SERVER_ERROR', message: 'Internal server error.' }

/**
 * Answers requests that node:http has read. If something fails before or around the plugins, Yoga's own listener would
 * answer with a stack trace and log nothing. Here, the answer is a coded error with a request id, and the log has a
 * line.
 */
export function answerRequests(handler: Handler, lines: RequestLines): RequestListener {
  return async (request, response) => {
    limitChunks(request)
    const requestId = newRequestId()
    const startedMs = performance.now()
    const refuse = (refusal: Refusal) => {
      logRefusal(lines, request, { requestId, startedMs, ...refusal })
      closeUnread(request, response)
      const { headers, body } = refusalAnswer(refusal, requestId)
      response.writeHead(refusal.status, headers).end(body)
    }
    const refusal = refusalOfTarget(request)
    if (refusal) return refuse(refusal)
    try {
      const answer = await handler.handleNodeRequestAndResponse(request, response, {
        req: request,
        res: response,
        requestId,
      })
      closeUnread(request, response)
      await sendNodeResponse(answer, response, request, true)
    } catch (error) {
      if (response.closed) return
      lines.unexpected({ requestId, err: error })
      // A half-sent answer can only be cut off.
      if (response.headersSent) response.destroy()
      else refuse(INTERNAL)
    }
  }
}

function logRefusal(
  lines: RequestLines,
  { method, url }: IncomingMessage,
  { requestId, startedMs, status, code }: Refusal & { requestId: string; startedMs: number },
) {
  const path = (url ?? '').split('?', 1)[0]?.slice(0, 200)
  const durationMs = Math.round((performance.now() - startedMs) * 10) / 10
  lines.write({ requestId, method, path, status, durationMs, code }, { isRefused: true })
}
