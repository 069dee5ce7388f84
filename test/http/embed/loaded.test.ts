import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { canBrowse, launchBrowser } from '../../support/browser.ts'
import { startTestServer } from '../../support/server.ts'

/**
 * The scripts in a browser, on a product's page that serves Parley below a path of its own and allows scripts only from
 * its own origin.
 */
describe.skipIf(!canBrowse('how a page loads the components'))('a page', async () => {
  const server = await startTestServer({ production: true })
  const tenant = await server.newTenant()
  const { data } = await tenant.ask('{ limits { embed { path integrity } } }')
  const { path, integrity } = data.limits.embed
  const parley = await server.listen()

  const POLICY =
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src data:; base-uri 'none'"
  const scripts: string[] = []
  const configuring = `import { configure } from '/parley/embed/v1.js'
    configure({ url: '/parley/graphql', fetchToken: async () => (await fetch('/token')).json() })`

  const product = createServer(async (request, response) => {
    const url = new URL(request.url ?? '', 'http://localhost')
    const send = (type: string, body: string) =>
      response.writeHead(200, { 'content-type': type, 'content-security-policy': POLICY }).end(body)
    if (url.pathname === '/page') return send('text/html', pageWith(url.searchParams))
    if (url.pathname === '/configure.js') return send('text/javascript', configuring)
    if (url.pathname === '/token') {
      const CREATE = 'mutation { createEmbedToken(input: { documents: COMPONENTS }) { token expiresInSeconds } }'
      return send('application/json', JSON.stringify((await tenant.ask(CREATE)).data.createEmbedToken))
    }
    if (!url.pathname.startsWith('/parley/')) return response.writeHead(404).end()
    if (url.pathname.includes('/embed/')) scripts.push(url.pathname)
    const answer = await fetch(`${parley}${request.url?.slice('/parley'.length)}`, {
      method: request.method ?? 'GET',
      headers: Object.entries(request.headers).flatMap(([name, value]) =>
        ['authorization', 'content-type', 'accept'].includes(name) ? [[name, String(value)]] : [],
      ),
      ...(request.method === 'POST' ? { body: Buffer.concat(await request.toArray()) } : {}),
    })
    const type = answer.headers.get('content-type') ?? ''
    response.writeHead(answer.status, { 'content-type': type }).end(Buffer.from(await answer.arrayBuffer()))
  })
  const pageWith = (asked: URLSearchParams) => `<!doctype html><html lang="en"><link rel="icon" href="data:,">
    <script type="module" src="/parley/${path}" integrity="${asked.get('integrity') ?? integrity}"></script>
    ${asked.has('configured') ? '<script type="module" src="/configure.js"></script>' : ''}
    <parley-conversations></parley-conversations>`

  const browser = await launchBrowser()
  beforeAll(() => new Promise<void>((resolve) => void product.listen(0, '127.0.0.1', resolve)))
  afterAll(async () => {
    await browser.close()
    product.closeAllConnections()
    product.close()
  })

  async function open(query: string) {
    const page = await browser.newPage()
    onTestFinished(() => page.close())
    const problems: string[] = []
    page.on('console', (message) => void (message.type() === 'error' && problems.push(message.text())))
    page.on('pageerror', ({ message }) => void problems.push(message))
    scripts.length = 0
    await page.goto(`http://127.0.0.1:${(product.address() as AddressInfo).port}/page?${query}`)
    return { page, problems }
  }

  test('that names the hash of the script gets the elements, and the lists from beside it', async () => {
    const { page, problems } = await open('configured')
    await page.waitForSelector('parley-conversations[state="empty"]')
    expect(problems).toEqual([])
    expect(scripts).toEqual([
      `/parley/${path}`,
      '/parley/embed/v1.js',
      expect.stringMatching(/^\/parley\/embed\/lists-[0-9a-f]{16}\.js$/),
    ])
  })

  test('that names another hash gets none', async () => {
    const { page, problems } = await open(`integrity=sha384-${'A'.repeat(64)}`)
    await expect.poll(() => problems).toEqual([expect.stringContaining('integrity')])
    expect(await page.evaluate("customElements.get('parley-conversations') === undefined")).toBe(true)
  })
})
