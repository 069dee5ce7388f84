import { readFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { bundleForPages } from '../cli/build-client.ts'
import type { Parley } from './parley.ts'

const page = (name: string) => readFileSync(join(import.meta.dirname, 'page', name), 'utf8')

const FILES: Record<string, [type: string, read: () => string | Promise<string>]> = {
  '/': ['text/html', () => page('index.html')],
  '/style.css': ['text/css', () => page('style.css')],
  '/page.js': ['text/javascript', () => page('page.js')],
  '/parley-client.js': ['text/javascript', bundleForPages],
}

/** The SaaS product's own server: its pages, and the one call that gives a page its token. */
export function createBackEnd() {
  let parley: Parley | null = null
  const server = createServer(async (request, response) => {
    try {
      if (request.url === '/parley-url' || request.url === '/parley-token') {
        if (!parley) return answer(response, 503, 'application/json', '{"error": "Parley is still importing"}')
        if (request.url === '/parley-url') return answer(response, 200, 'application/json', JSON.stringify(parley.url))
      }
      if (parley && request.url === '/parley-token' && request.method === 'POST') {
        // A product checks its own session here: who is signed in, and for which customer.
        const token = await parley.createEmbedToken('ada@acme.example')
        return answer(response, 200, 'application/json', JSON.stringify(token))
      }
      const [type, read] = FILES[request.url ?? ''] ?? []
      if (!read) return answer(response, 404, 'text/plain', 'Not found.')
      answer(response, 200, `${type}; charset=utf-8`, await read())
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
