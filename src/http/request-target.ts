import type { IncomingMessage } from 'node:http'

/** A host name or address, and perhaps a port: nothing that would move the path. */
const HOST = /^(?:\[[0-9a-f:.]+\]|[^\s/?#@\\:[\]]+)(?::\d*)?$/i

/**
 * Returns what is wrong with where a request says that it goes; null if nothing is. Of an absolute URL, which every server
 * has to accept, the path is kept: Yoga puts the Host header before whatever the request line has.
 */
export function problemOfTarget(request: IncomingMessage): string | null {
  const { host, expect } = request.headers
  if (host === undefined && request.httpVersion !== '1.0') return 'Send the header Host.'
  if (host && !HOST.test(host)) return 'The header Host is not a host name with or without a port.'
  if (expect !== undefined && expect.toLowerCase() !== '100-continue') return 'The header Expect is not supported.'
  if (/^https?:\/\//i.test(request.url ?? '') && URL.canParse(request.url ?? '')) {
    const { pathname, search } = new URL(request.url ?? '')
    request.url = pathname + search
  }
  if (!request.url?.startsWith('/')) return 'The request line has no path.'
  return URL.canParse(`http://${host || 'localhost'}${request.url}`) ? null : 'The URL can’t be read.'
}
