import type { IncomingMessage, ServerResponse } from 'node:http'
import { isIP } from 'node:net'

/** What node:http hands Yoga with a request. Empty if the request comes from within the process. */
export interface ServerContext {
  req?: IncomingMessage
  res?: ServerResponse
  /** Assigned before the request is parsed. */
  requestId?: string
}

/**
 * The address that a request comes from, or null if it is unknown. Each proxy appends its caller's address to
 * X-Forwarded-For, and a client can put anything at the start of that list: only what trusted proxies added counts.
 */
export function clientAddress(req: ServerContext['req'], headers: Headers, trustedProxies: number): string | null {
  if (req === undefined) return null
  const forwarded = headers.get('x-forwarded-for')?.split(',') ?? []
  const chain = [...forwarded, req.socket.remoteAddress ?? ''].map((address) => address.trim())
  const address = chain[Math.max(0, chain.length - 1 - trustedProxies)] ?? ''
  // A dual-stack socket writes IPv4 addresses as IPv4-mapped IPv6. The zone of an address is about this machine only.
  const plain = address.replace(/(?<=:.*)%.*$/, '').replace(/^::ffff:(?=[\d.]+$)/i, '')
  return isIP(plain) ? plain : null
}
