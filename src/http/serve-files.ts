import type { Plugin } from 'graphql-yoga'
import { errorResponse } from './error-response.ts'
import type { Requests } from './request-log.ts'

export interface FileAnswer {
  body: string | Uint8Array<ArrayBuffer> | null
  status: number
  headers: Record<string, string>
}

export interface ServeFilesOptions {
  requests: Requests
  /** Called with the error, and the id of the request, if files could not be read or made. */
  onFailure: (error: unknown, requestId: string) => void
}

/**
 * Serves pages and scripts. `answer` returns null for a request that is not for them, at once if it can: most requests
 * are not.
 */
export function useFiles(
  { requests, onFailure }: ServeFilesOptions,
  answer: (request: Request, pathname: string) => Promise<FileAnswer | null> | null,
): Plugin {
  return {
    onRequest({ request, url, fetchAPI, endResponse }) {
      return answer(request, url.pathname)
        ?.then((answered) => {
          if (answered === null) return
          const { body, ...init } = answered
          endResponse(new fetchAPI.Response(request.method === 'HEAD' ? null : body, init))
        })
        .catch((error) => {
          const requestId = requests.get(request)?.id ?? ''
          onFailure(error, requestId)
          endResponse(errorResponse(error, requestId, fetchAPI))
        })
    },
  }
}

/** Null if a file may be asked for by this method. */
export function refusedMethod({ method }: Request, headers: Record<string, string>): FileAnswer | null {
  if (method === 'GET' || method === 'HEAD') return null
  return { body: 'Only GET and HEAD.\n', status: 405, headers: { ...PLAIN_TEXT, ...headers, allow: 'GET, HEAD' } }
}

export const PLAIN_TEXT = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' }
