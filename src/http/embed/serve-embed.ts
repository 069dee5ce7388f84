import type { Plugin } from 'graphql-yoga'
import { errorResponse } from '../error-response.ts'
import type { Requests } from '../request-log.ts'
import { answerFile } from '../static-file.ts'
import { EMBED_FOLDER, embedBundle } from './embed-bundle.ts'

export const EMBED_PATH = `${EMBED_FOLDER}v1.js`

/** Scripts for pages of any origin. They are the same for everybody, and have no data in them. */
const COMMON = { 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' }
const PLAIN = { ...COMMON, 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' }

export interface EmbedOptions {
  requests: Requests
  /** Called with the error if the components could not be read or built. */
  onFailure: (error: unknown) => void
}

/** Serves the web components. */
export function useEmbed({ requests, onFailure }: EmbedOptions): Plugin {
  return {
    async onRequest({ request, url, fetchAPI, endResponse }) {
      if (!url.pathname.startsWith(EMBED_FOLDER)) return
      try {
        const { body, ...init } = await answer(request, url.pathname.slice(EMBED_FOLDER.length))
        endResponse(new fetchAPI.Response(request.method === 'HEAD' ? null : body, init))
      } catch (error) {
        onFailure(error)
        endResponse(errorResponse(error, requests.get(request)?.id ?? '', fetchAPI))
      }
    },
  }
}

async function answer(request: Request, name: string) {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return { body: 'Only GET and HEAD.\n', status: 405, headers: { ...PLAIN, allow: 'GET, HEAD' } }
  }
  const { version, name: current, files } = await embedBundle()
  const found = files.get(name)
  if (found) return answerFile(found.file, request, { ...COMMON, 'cache-control': found.cacheControl })
  const body = `This server has version ${version} of the components, as v1.js and ${current}, and no ${JSON.stringify(name)}.\n`
  return { body, status: 404, headers: { ...PLAIN, 'cache-control': 'no-cache' } }
}
