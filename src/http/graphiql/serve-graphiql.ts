import type { Plugin } from 'graphql-yoga'
import { type FileAnswer, type ServeFilesOptions, useFiles } from '../serve-files.ts'
import { answerFile, IMMUTABLE } from '../static-file.ts'
import { Assets } from './assets.ts'
import { ASSET_POLICY, PAGE_POLICY, renderPage } from './page.ts'

const COMMON = { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' }

/** Serves GraphiQL at the endpoint to browsers that open it. None of it comes from another host. */
export function useGraphiQL({ endpoint, ...options }: ServeFilesOptions & { endpoint: string }): Plugin {
  const assets = new Assets()
  const folder = `${endpoint}/graphiql/`
  return useFiles(options, (request, pathname) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return null
    const isPage = pathname === endpoint || pathname === `${endpoint}/`
    if (isPage) return acceptsHtml(request) ? pageAt(pathname) : null
    return pathname.startsWith(folder) ? assetNamed(pathname.slice(folder.length), request) : null
  })

  async function pageAt(pathname: string): Promise<FileAnswer> {
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

  async function assetNamed(name: string, request: Request): Promise<FileAnswer | null> {
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
