import { getOperationAST } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { AllowedOrigins } from './allowed-origins.ts'
import type { RefusedOrigins } from './refused-origins.ts'
import type { RequestRecord, Requests } from './request-log.ts'

const PREFLIGHT = {
  'access-control-allow-methods': 'GET, POST',
  'access-control-allow-headers': 'authorization, content-type, x-tenant-id',
  // As long as browsers cache it.
  'access-control-max-age': '7200',
}

const EXPOSED = 'x-request-id, retry-after, ratelimit, ratelimit-policy'

export interface CorsOptions {
  origins: AllowedOrigins
  refusedOrigins: RefusedOrigins
  requests: Requests
  endpoint: string
  /** Called with the error if an origin could not be looked up. */
  onFailure: (error: unknown) => void
}

/**
 * Lets pages of allowed origins read answers. The browser's own credentials are never accepted: only what the page
 * itself puts into Authorization counts, so no other page can ride on it.
 */
export function useCors({ origins, refusedOrigins, requests, endpoint, onFailure }: CorsOptions): Plugin {
  return {
    async onRequest({ request, url, fetchAPI, endResponse }) {
      if (request.method !== 'OPTIONS' || url.pathname !== endpoint) return
      const origin = request.headers.get('origin')
      if (origin === null || !request.headers.has('access-control-request-method')) return
      const allowed = await unlessItFails(origins.forAnyTenant(origin))
      const status = allowed === null ? 503 : allowed ? 204 : 403
      endResponse(new fetchAPI.Response(null, { status, headers: allowed ? PREFLIGHT : {} }))
    },
    onExecute({ args }) {
      const operation = getOperationAST(args.document, args.operationName)?.operation
      const { session } = args.contextValue as Partial<RequestRecord>
      // An administrator may have changed the list. An origin that was just allowed works at once.
      if (operation === 'mutation' && session?.has('ADMIN')) return { onExecuteDone: () => origins.expire() }
      return undefined
    },
    async onResponse({ request, response }) {
      if (new URL(request.url).pathname !== endpoint) return
      response.headers.append('vary', 'Origin')
      const origin = request.headers.get('origin')
      if (origin === null) return
      // If the database can't say who may read the answer, it is sent all the same, but no page may read it.
      const allowed = await unlessItFails(isAllowed(request, origin))
      if (allowed === false) noteRefused(request, origin)
      if (!allowed) return
      response.headers.set('access-control-allow-origin', origin)
      if (request.method !== 'OPTIONS') response.headers.set('access-control-expose-headers', EXPOSED)
    },
  }

  /** An answer that is given before the sender is known, such as that a token has expired, belongs to no tenant. */
  function isAllowed(request: Request, origin: string): Promise<boolean> {
    const session = requests.get(request)?.session
    const isOfSomebody = session !== undefined && session.principalOrNull !== null
    return isOfSomebody ? origins.forTenant(origin, session.tenantIdOrNull) : origins.forAnyTenant(origin)
  }

  function unlessItFails(asked: Promise<boolean>): Promise<boolean | null> {
    return asked.catch((error) => {
      onFailure(error)
      return null
    })
  }

  function noteRefused(request: Request, origin: string) {
    const record = requests.get(request)
    refusedOrigins.note(request, origin, { requestId: record?.id, tenantId: record?.session?.tenantIdOrNull ?? null })
  }
}
