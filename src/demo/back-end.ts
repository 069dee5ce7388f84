import { readFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Parley } from './parley.ts'

const page = (name: string) => join(import.meta.dirname, 'page', name)

/** The package's own modules, which run in a browser as they are. */
const graphqlSse = dirname(createRequire(import.meta.url).resolve('graphql-sse'))

const FILES: Record<string, [path: string, type: string]> = {
  '/': [page('index.html'), 'text/html'],
  '/style.css': [page('style.css'), 'text/css'],
  '/page.js': [page('page.js'), 'text/javascript'],
  '/parley.js': [page('parley.js'), 'text/javascript'],
  ...Object.fromEntries(
    ['client', 'common', 'parser', 'utils'].map((name) => [
      `/graphql-sse/${name}.mjs`,
      [join(graphqlSse, `${name}.mjs`), 'text/javascript'],
    ]),
  ),
}

/** The SaaS product's own server: its pages, and the one call that gives a page its token. */
export function createBackEnd() {
  let parley: Parley | null = null
  const server = createServer(async (request, response) => {
    try {
      if (request.url === '/session' && request.method === 'POST') {
        if (!parley) return answer(response, 503, 'application/json', '{"error": "Parley is still importing"}')
        // A product checks its own session here: who is signed in, and for which customer.
        const session = { url: parley.url, ...(await parley.createEmbedToken('ada@acme.example')) }
        return answer(response, 200, 'application/json', JSON.stringify(session))
      }
      const [path, type] = FILES[request.url ?? ''] ?? []
      if (!path) return answer(response, 404, 'text/plain', 'Not found.')
      answer(response, 200, `${type}; charset=utf-8`, readFileSync(path))
    } catch (error) {
      console.error(error)
      answer(response, 502, 'application/json', '{"error": "Parley can’t be reached"}')
    }
  })
  const answer = (response: ServerResponse, status: number, type: string, body: string | Buffer) => {
    const parleyOrigin = parley ? new URL(parley.url).origin : ''
    response.writeHead(status, {
      'content-type': type,
      'cache-control': 'no-store',
      // A second line of defence, besides the page's own care: no script from elsewhere, and no markup made of a text.
      'content-security-policy': [
        `default-src 'self'; img-src data:; connect-src 'self' ${parleyOrigin}; base-uri 'none'; form-action 'none'`,
        `frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'`,
      ].join('; '),
    })
    response.end(body)
  }
  return {
    server,
    serve: (filled: Parley) => {
      parley = filled
    },
  }
}
