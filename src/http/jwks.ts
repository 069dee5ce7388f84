import type { Plugin } from 'graphql-yoga'
import type { SigningKeys } from '../auth/signing-keys.ts'

/** Publishes the public halves of the keys that embed tokens are signed with. */
export function useJwks(signingKeys: SigningKeys): Plugin {
  return {
    async onRequest({ url, request, fetchAPI, endResponse }) {
      if (url.pathname !== '/.well-known/jwks.json' || request.method !== 'GET') return
      const keys = await signingKeys.publicKeys()
      endResponse(
        fetchAPI.Response.json(keys, {
          headers: { 'cache-control': 'public, max-age=300', 'access-control-allow-origin': '*' },
        }),
      )
    },
  }
}
