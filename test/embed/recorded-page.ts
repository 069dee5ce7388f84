import type { Browser, Page } from 'playwright-core'
import type { Ask } from '../support/server.ts'
import type { OpenOptions, Product } from './page.ts'

interface Sent {
  name: string
  variables: Record<string, unknown>
}

/** A page with what its elements have sent, and what the browser complained of. */
export interface RecordedPage {
  page: Page
  sent: Sent[]
  complaints: string[]
  /** Waits for so many operations of the name in all. */
  hasSent(name: string, count: number): Promise<void>
  /** Holds what is sent under this name, until the returned function is called; what is held counts as sent. */
  hold(name: string): Promise<() => Promise<void>>
}

interface Options extends OpenOptions {
  scopes?: string[]
}

/** Opens a page and configures its elements, with a clock that tests may turn on. */
export async function openRecorded(
  product: Product,
  browser: Browser,
  ask: Ask,
  body: string,
  { scopes = ['CONVERSATIONS_READ'], ...options }: Options = {},
): Promise<RecordedPage> {
  const token = `mutation ($scopes: [Scope!]!) {
    createEmbedToken(input: { documents: COMPONENTS, scopes: $scopes }) { token expiresInSeconds }
  }`
  const page = await product.open(browser, () => ask(token, { scopes }), body, {
    ...options,
    isConfigured: false,
  })
  await page.clock.install()
  const sent: Sent[] = []
  const complaints: string[] = []
  page.on('request', (request) => {
    const { query = '', variables = {} } = request.url().endsWith('/graphql') ? (request.postDataJSON() ?? {}) : {}
    const [, name] = /^\w+ (\w+)/.exec(query) ?? []
    if (name) sent.push({ name, variables })
  })
  page.on('console', (message) => message.type() !== 'log' && complaints.push(message.text()))
  page.on('pageerror', ({ message }) => complaints.push(message))
  await page.evaluate('configure()')
  const named = (name: string) => sent.filter((one) => one.name === name).length
  return {
    page,
    sent,
    complaints,
    async hasSent(name, count) {
      while (named(name) < count) await page.waitForEvent('request', { timeout: 10_000 })
    },
    async hold(name) {
      let release = () => {}
      const released = new Promise<void>((resolve) => {
        release = resolve
      })
      const isMeant = (url: URL) => url.pathname === '/graphql'
      await page.route(isMeant, async (route) => {
        if (route.request().postData()?.includes(`${name}(`)) await released
        await route.continue().catch(() => {})
      })
      return async () => release()
    },
  }
}
