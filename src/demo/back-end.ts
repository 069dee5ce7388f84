import { readFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { extname, join } from 'node:path'
// In your product, both come from 'parley-client'.
import type { Mutation } from '../client/index.ts'
import { Parley } from '../client/index.ts'

/** Parley's origin in the files of the page, which is replaced by the real one. */
const EXAMPLE_ORIGIN = 'https://parley.example'
const TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' }

const CREATE_TOKEN = `mutation ($input: CreateEmbedTokenInput!) {
  createEmbedToken(input: $input) { token expiresInSeconds }
}`

/** The SaaS product's own back end: its page, and the call that gives the page a token. The key never leaves it. */
export function createBackEnd(url: string, apiKey: string): RequestListener {
  const parley = new Parley({ url, apiKey })
  const { origin } = new URL(url)
  const headers = { 'cache-control': 'no-store', 'content-security-policy': contentSecurityPolicy(origin) }
  const page = (name: string) =>
    readFileSync(join(import.meta.dirname, 'page', name), 'utf8').replaceAll(EXAMPLE_ORIGIN, origin)
  const files = new Map([
    ['/', page('index.html')],
    ['/page.js', page('page.js')],
    ['/page.css', page('page.css')],
  ])

  /** A product checks its own session here: who is signed in, and for which customer. */
  async function createToken() {
    const input = { subject: 'ada@acme.example', expiresInSeconds: 600, documents: 'COMPONENTS' }
    const data = await parley.query<Pick<Mutation, 'createEmbedToken'>>(CREATE_TOKEN, { input })
    return JSON.stringify(data.createEmbedToken)
  }

  return async ({ method, url: address = '' }, response) => {
    const path = new URL(address, origin).pathname
    const answer = (status: number, type: string, body: string) =>
      response.writeHead(status, { ...headers, 'content-type': `${type}; charset=utf-8` }).end(body)
    const file = files.get(path)
    if (method === 'GET' && file) return answer(200, TYPES[extname(path) || '.html'] ?? '', file)
    if (method !== 'POST' || path !== '/parley-token') return answer(404, 'text/plain', 'Not found.')
    try {
      answer(200, 'application/json', await createToken())
    } catch (error) {
      console.error(error)
      answer(502, 'text/plain', 'Parley can’t be reached.')
    }
  }
}

/** Scripts and answers from Parley, and nothing else from anywhere else. */
const contentSecurityPolicy = (parley: string) =>
  [
    `default-src 'none'; script-src 'self' ${parley}; connect-src 'self' ${parley}; style-src 'self'; img-src data:`,
    `base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    `require-trusted-types-for 'script'; trusted-types lit-html`,
  ].join('; ')
