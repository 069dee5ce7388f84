import type { IncomingMessage } from 'node:http'
import type { Refusal } from './refuse.ts'

/** A host name or address, and perhaps a port: nothing that would change the path. */
const HOST = /^(?:\[[0-9a-f:.]+\]|[^\s/?#@\\:[\]]+)(?::\d*)?$/i

/**
 * Returns why a request is refused because of its target; null if it is not. Every server must accept an absolute URL.
 * Only its path is kept, because Yoga puts the Host header in front of whatever the request line has.
 */
export function refusalOfTarget(request: IncomingMessage): Refusal | null {
  const { host, expect } = request.headers
  if (host === undefined && request.httpVersion !== '1.0') return refusal(400, 'The header Host is missing.')
  if (host && !HOST.test(host)) return refusal(400, 'The header Host must be a host name, with or without a port.')
  if (expect !== undefined && expect.toLowerCase() !== '100-continue') {
    return refusal(417, 'The header Expect is not supported.')
  }
  if (/^https?:\/\//i.test(request.url ?? '') && URL.canParse(request.url ?? '')) {
    const { pathname, search } = new URL(request.url ?? '')
    request.url = pathname + search
  }
  if (!request.url?.startsWith('/')) return refusal(400, 'The request line has no path.')
  const canBeRead = URL.canParse(`http://${host || 'localhost'}${request.url}`)
  return canBeRead ? null : refusal(400, 'The URL is not valid.')
}

const refusal = (status: number, message: string): Refusal => ({ status, code: 'BAD_USER_INPUT', message })
