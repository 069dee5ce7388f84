import type { Plugin } from 'graphql-yoga'
import type { AllowedOrigins } from './allowed-origins.ts'
import type { Requests } from './request-log.ts'

const PREFLIGHT = {
  'access-control-allow-methods': 'GET, POST',
  'access-control-allow-headers': 'authorization, content-type, x-tenant-id',
  // As long as the browsers remember it.
  'access-control-max-age': '7200',
}

const EXPOSED = 'x-request-id, retry-after, ratelimit, ratelimit-policy'

/**
 * Lets pages of allowed origins read answers. Never with credentials of the browser's own: what is sent is what the
 * page itself puts into Authorization, so that no other page can ride on it. `onFailure` is told why an origin could
 * not be looked up.
 */
export function useCors(
  origins: AllowedOrigins,
  requests: Requests,
  endpoint: string,
  onFailure: (error: unknown) => void,
): Plugin {
  return {
    async onRequest({ request, url, fetchAPI, endResponse }) {
      if (request.method !== 'OPTIONS' || url.pathname !== endpoint) return
      const origin = request.headers.get('origin')
      if (origin === null || !request.headers.has('access-control-request-method')) return
      const allowed = await unlessItFails(origins.forAnyTenant(origin))
      const status = allowed === null ? 503 : allowed ? 204 : 403
      endResponse(new fetchAPI.Response(null, { status, headers: allowed ? PREFLIGHT : {} }))
    },
    async onResponse({ request, response }) {
      if (new URL(request.url).pathname !== endpoint) return
      response.headers.append('vary', 'Origin')
      const origin = request.headers.get('origin')
      if (origin === null || !(await isAllowed(request, origin))) return
      response.headers.set('access-control-allow-origin', origin)
      if (request.method !== 'OPTIONS') response.headers.set('access-control-expose-headers', EXPOSED)
    },
  }

  /** What is answered before it is known who asks, such as that a token has expired, is of no tenant. */
  function isAllowed(request: Request, origin: string): Promise<boolean | null> {
    const session = requests.get(request)?.session
    const isOfSomebody = session !== undefined && session.anyone !== null
    const asked = isOfSomebody ? origins.forTenant(origin, session.anyTenantId) : origins.forAnyTenant(origin)
    // An answer goes out although the database does not say who may read it: then no page may.
    return unlessItFails(asked)
  }

  function unlessItFails(asked: Promise<boolean>): Promise<boolean | null> {
    return asked.catch((error) => {
      onFailure(error)
      return null
    })
  }
}
