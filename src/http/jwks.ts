import type { Plugin } from 'graphql-yoga'
import type { SigningKeys } from '../auth/signing-keys.ts'
import { errorResponse } from './error-response.ts'
import type { Requests } from './request-log.ts'

export const JWKS_PATH = '/.well-known/jwks.json'

/** Publishes the public halves of the keys that embed tokens are signed with. */
export function useJwks(signingKeys: SigningKeys, requests: Requests): Plugin {
  return {
    async onRequest({ url, request, fetchAPI, endResponse }) {
      if (url.pathname !== JWKS_PATH || request.method !== 'GET') return
      try {
        const headers = { 'cache-control': 'public, max-age=300', 'access-control-allow-origin': '*' }
        endResponse(fetchAPI.Response.json(await signingKeys.publicKeys(), { headers }))
      } catch (error) {
        endResponse(errorResponse(error, requests.get(request)?.id ?? '', fetchAPI))
      }
    },
  }
}
