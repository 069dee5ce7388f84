import type { Plugin } from 'graphql-yoga'
import { errorResponse } from '../error-response.ts'
import type { Requests } from '../request-log.ts'
import { answerFile, IMMUTABLE } from '../static-file.ts'
import { Assets } from './assets.ts'
import { ASSET_POLICY, PAGE_POLICY, renderPage } from './page.ts'

const COMMON = { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' }

export interface GraphiQLOptions {
  endpoint: string
  requests: Requests
  /** Called with the error if GraphiQL's files could not be read. */
  onFailure: (error: unknown) => void
}

/** Serves GraphiQL at the endpoint to browsers that open it. None of it comes from another host. */
export function useGraphiQL({ endpoint, requests, onFailure }: GraphiQLOptions): Plugin {
  const assets = new Assets()
  const folder = `${endpoint}/graphiql/`
  return {
    async onRequest({ request, url, fetchAPI, endResponse }) {
      if (request.method !== 'GET' && request.method !== 'HEAD') return
      const isPage = url.pathname === endpoint || url.pathname === `${endpoint}/`
      const wanted = isPage ? acceptsHtml(request) : url.pathname.startsWith(folder)
      if (!wanted) return
      try {
        const answered = await (isPage ? pageAt(url.pathname) : assetNamed(url.pathname.slice(folder.length), request))
        if (!answered) return
        const { body, ...init } = answered
        endResponse(new fetchAPI.Response(request.method === 'HEAD' ? null : body, init))
      } catch (error) {
        onFailure(error)
        endResponse(errorResponse(error, requests.get(request)?.id ?? '', fetchAPI))
      }
    },
  }

  async function pageAt(pathname: string) {
    // Relative, because a proxy may serve all of this below a path of its own.
    const relative = pathname === endpoint ? folder.slice(endpoint.lastIndexOf('/') + 1) : folder.slice(pathname.length)
    const headers = {
      ...COMMON,
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': PAGE_POLICY,
      'cache-control': 'no-cache',
      vary: 'Accept',
    }
    return { body: renderPage(await assets.names(), relative), status: 200, headers }
  }

  async function assetNamed(name: string, request: Request) {
    const asset = await assets.named(name)
    if (!asset) return null
    return answerFile(asset, request, {
      ...COMMON,
      'cache-control': IMMUTABLE,
      'cross-origin-resource-policy': 'same-origin',
      'content-security-policy': ASSET_POLICY,
    })
  }
}

const acceptsHtml = (request: Request) => request.headers.get('accept')?.includes('text/html') ?? false
