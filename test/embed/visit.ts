import type { Browser, BrowserContextOptions, Page, Request } from 'playwright-core'
import { expect, onTestFinished, vi } from 'vitest'

/** Runs in the page: what streams bring is noted as it comes, since they have no body before they end. */
const NOTE_RECEIVED = `{
  const fetchPlain = window.fetch
  window.fetch = async (...request) => {
    const response = await fetchPlain(...request)
    if (!response.headers.get('content-type')?.includes('event-stream')) return response
    const token = new Headers(request[1]?.headers).get('authorization') ?? ''
    const [mine, yours] = response.body.tee()
    mine.pipeThrough(new TextDecoderStream()).pipeTo(new WritableStream({ write: (text) => noteReceived(token, text) })).catch(() => {})
    return new Response(yours, response)
  }
  document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile, lineNumber }) =>
    noteViolation(violatedDirective + ' ' + blockedURI + ' ' + sourceFile + ':' + lineNumber))
}`

/** What the browser was sent, and by which Authorization it was asked for. */
export interface Received {
  authorization: string
  url: string
  text: string
}

/** A page in a browser that keeps account of everything. */
export interface Visit {
  page: Page
  /** Of the console, of the page, and violations of its Content-Security-Policy. */
  complaints: string[]
  requests: Request[]
  /** Requests that are not answered yet, but for streams. */
  underWay: Set<Request>
  received: Received[]
}

export interface VisitOptions extends BrowserContextOptions {
  /** Before anything of the page runs. */
  prepare?: (page: Page) => Promise<unknown>
}

/** Opens the page in a profile of its own, which is closed with the test. */
export async function visit(browser: Browser, url: string, { prepare, ...options }: VisitOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ acceptDownloads: true, ...options })
  onTestFinished(() => context.close())
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  const seen: Visit = { page, complaints: [], requests: [], underWay: new Set(), received: [] }
  await page.exposeFunction('noteViolation', (text: string) => void seen.complaints.push(`violation: ${text}`))
  await page.exposeFunction(
    'noteReceived',
    (authorization: string, text: string) => void seen.received.push({ authorization, url: 'stream', text }),
  )
  await page.addInitScript(NOTE_RECEIVED)
  page.on('pageerror', (error) => seen.complaints.push(`page error: ${error.stack ?? error.message}`))
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()))
      seen.complaints.push(`console: ${message.text()} ${message.location().url}`)
  })
  page.on('request', (request) => {
    seen.requests.push(request)
    if (!isStream(request)) seen.underWay.add(request)
  })
  page.on('requestfailed', (request) => seen.underWay.delete(request))
  page.on('response', async (response) => {
    seen.underWay.delete(response.request())
    const headers = response.request().headers()
    if (isStream(response.request())) return
    const text = await response.text().catch(() => '')
    seen.received.push({ authorization: headers['authorization'] ?? '', url: response.url(), text })
  })
  await prepare?.(page)
  await page.goto(url)
  return seen
}

export const isStream = (request: Request) => (request.headers()['accept'] ?? '').includes('text/event-stream')

/** The operations that were sent to Parley, by the names of their documents, oldest first. */
export const operations = (requests: Request[]): string[] =>
  requests.flatMap((request) => {
    if (request.method() !== 'POST' || !request.url().endsWith('/graphql')) return []
    return /(?:query|subscription) (\w+)/.exec(request.postData() ?? '')?.[1] ?? []
  })

/** All elements of the page, also those in shadow roots. Part of a script that runs in the page. */
export const DEEP = `const deep = (root = document) => [...root.querySelectorAll('*')].flatMap((element) =>
  [element, ...(element.shadowRoot ? deep(element.shadowRoot) : [])])`

/** Everything that the page holds as text: text nodes and attributes, also in shadow roots, and its address. */
export const deepText = (page: Page, selector = ':root'): Promise<string> =>
  page.evaluate(`{
    ${DEEP};
    const all = [...document.querySelectorAll(${JSON.stringify(selector)})].flatMap((root) =>
      [root, ...deep(root), ...(root.shadowRoot ? deep(root.shadowRoot) : [])])
    const textsOf = (node) => [...node.childNodes].filter(({ nodeType }) => nodeType === 3).map(({ data }) => data)
    ;[location.href, document.title, ...all.flatMap((element) => [
      ...[...element.attributes].map(({ name, value }) => name + '=' + value),
      ...textsOf(element),
      ...(element.shadowRoot ? textsOf(element.shadowRoot) : []),
      element.value ?? '',
    ])].join('\\n')
  }`)

/** Resolves once all elements that the selector names have loaded, or show that there is nothing to load. */
export async function untilLoaded(page: Page, selector = ELEMENTS, states = ['ready', 'empty']): Promise<void> {
  const all = `[...document.querySelectorAll(${JSON.stringify(selector)})]`
  // `waitForFunction` needs a policy that allows `eval`.
  await vi.waitFor(async () => {
    const found = await page.evaluate<string[]>(`${all}.map(({ localName, state }) => state + ' ' + localName)`)
    expect(found).not.toEqual([])
    expect(found.filter((line) => !states.includes(line.split(' ')[0] ?? ''))).toEqual([])
  }, 20_000)
}

export const ELEMENTS = 'parley-dashboard, parley-series, parley-metrics, parley-conversations, parley-conversation'

/**
 * Lets time pass for the page whose clock is installed, and waits until what that has set off is answered: the network is
 * real, and slower than the time that passes.
 */
export async function pass({ page, underWay }: Visit, ms: number): Promise<void> {
  await page.clock.runFor(ms)
  // Whatever the page sends next is behind this.
  await page.evaluate('fetch(location.href).then((answer) => answer.text())')
  await vi.waitFor(() => expect(underWay.size).toBe(0), 10_000)
}

/** Resolves once every element has loaded, no request is under way, and timers of a quarter of a minute start none. Of pages whose clock is installed. */
export async function untilQuiet({ page, requests, underWay }: Visit): Promise<void> {
  await untilLoaded(page)
  await vi.waitFor(async () => {
    const before = requests.length
    await page.clock.runFor(15_000)
    await page.evaluate('new Promise((resolve) => requestIdleCallback(resolve))')
    expect(underWay.size).toBe(0)
    expect(requests.length).toBe(before)
  }, 20_000)
}
