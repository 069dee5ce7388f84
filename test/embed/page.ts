import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, onTestFinished } from 'vitest'
import { type Ask, startTestServer, type TestServer } from '../support/server.ts'

/** A product's page on an origin of its own, with the components that Parley serves, in a real browser. */
export interface Product {
  server: TestServer
  /** Opens a page with these elements, configured for what `ask` may see. Closed when the test ends. */
  open(browser: Browser, ask: Ask, body: string, options?: OpenOptions): Promise<Page>
}

export interface OpenOptions extends BrowserContextOptions {
  /** Runs before the elements are configured. */
  script?: string
  style?: string
  isConfigured?: boolean
}

const CREATE_TOKEN = `mutation {
  createEmbedToken { token expiresInSeconds }
}`

/** Call it at the top of a test file. It ends with the file. */
export async function startProduct(): Promise<Product> {
  const pages = new Map<string, string>()
  const tokens = new Map<string, Ask>()
  const http = createServer(async (request, response) => {
    const [, kind, id = ''] = (request.url ?? '').split('/')
    const ask = kind === 'token' ? tokens.get(id) : undefined
    const answer = ask ? JSON.stringify((await ask(CREATE_TOKEN)).data.createEmbedToken) : pages.get(id)
    const type = ask ? 'application/json' : 'text/html; charset=utf-8'
    response.writeHead(answer ? 200 : 404, { 'content-type': type }).end(answer)
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  afterAll(() => void http.close())
  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  const server = await startTestServer({ corsOrigins: [origin] })
  const parley = await server.listen()
  return {
    server,
    async open(browser, ask, body, { script = '', style = '', isConfigured = true, ...options } = {}) {
      const id = String(pages.size)
      tokens.set(id, ask)
      pages.set(id, pageOf(parley, `/token/${id}`, body, { script, style, isConfigured }))
      const context = await browser.newContext({ locale: 'en-GB', ...options })
      onTestFinished(() => context.close())
      const page = await context.newPage()
      await page.goto(`${origin}/page/${id}`)
      return page
    },
  }
}

const pageOf = (
  parley: string,
  tokenPath: string,
  body: string,
  { script, style, isConfigured }: OpenOptions,
) => `<!doctype html>
<html lang="en-GB"><head><meta charset="utf-8"><title>A product</title><meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,"><style>:root { color-scheme: light dark } body { margin: 16px; background: Canvas } ${style}</style>
<script type="module">
import { configure } from '${parley}/embed/v1.js'
window.configure = () => configure({
  url: '${parley}/graphql',
  fetchToken: async () => (await fetch('${tokenPath}', { method: 'POST' })).json(),
})
${script}
${isConfigured ? 'window.configure()' : ''}
</script></head><body><main>${body}</main></body></html>`
