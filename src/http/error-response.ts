import type { FetchAPI } from 'graphql-yoga'
import { toClientError } from './mask-errors.ts'

/** The answer to an error thrown outside GraphQL. */
export function errorResponse(error: unknown, requestId: string, fetchAPI: FetchAPI): Response {
  const { message, extensions } = toClientError(error, requestId)
  const { http, ...shown } = extensions as { http?: { status: number; headers?: Record<string, string> } }
  return fetchAPI.Response.json({ errors: [{ message, extensions: shown }] }, { status: 500, ...http })
}
