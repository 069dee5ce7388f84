import type { IncomingMessage, ServerResponse } from 'node:http'
import { isIP } from 'node:net'

/** What Yoga is handed with a request by node:http; nothing where a request comes from within the process. */
export interface ServerContext {
  req?: IncomingMessage
  res?: ServerResponse
  /** Assigned before anything of the request was parsed. */
  requestId?: string
}

/**
 * Where a request comes from, or null where nobody says it. Each proxy adds whom it was called by at the end of
 * X-Forwarded-For, and a client can begin that list with anything: only what trusted proxies added is believed.
 */
export function clientAddress(req: ServerContext['req'], headers: Headers, trustedProxies: number): string | null {
  if (req === undefined) return null
  const forwarded = headers.get('x-forwarded-for')?.split(',') ?? []
  const chain = [...forwarded, req.socket.remoteAddress ?? ''].map((address) => address.trim())
  const address = chain[Math.max(0, chain.length - 1 - trustedProxies)] ?? ''
  // A socket that takes both families writes IPv4 as a part of IPv6.
  const plain = address.replace(/^::ffff:(?=[\d.]+$)/i, '')
  return isIP(plain) ? plain : null
}
