import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { canBrowse, launchBrowser } from '../support/browser.ts'
import { migratedDatabase, ServerProcess, useProcesses } from '../support/process.ts'

/** GraphiQL in a real browser that reaches no other host. */

useProcesses()

const inBrowser = canBrowse('GraphiQL')

const ONLY_THIS_MACHINE = '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost'

const DUMP = `(async () => {
  const databases = await indexedDB.databases()
  return JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, databases, await caches.keys(),
    location.href, history.state, name])
})()`

describe.skipIf(!inBrowser)('GraphiQL', () => {
  let server: ServerProcess
  let url: string
  let key: string
  let browser: Browser
  let context: BrowserContext
  let page: Page
  const requested: string[] = []
  const complaints: string[] = []

  beforeAll(async () => {
    server = new ServerProcess(await migratedDatabase())
    url = await server.url()
    key = await server.adminKey()
    await server.ask(key, 'mutation { createTenant(input: { id: "acme", name: "Acme" }) { created } }')
    browser = await launchBrowser([ONLY_THIS_MACHINE])
    context = await browser.newContext()
    context.on('request', (request) => requested.push(request.url()))
    page = await context.newPage()
    page.setDefaultTimeout(60_000)
    page.on('pageerror', ({ message }) => complaints.push(message))
    page.on('console', (message) => message.type() !== 'log' && complaints.push(message.text()))
    await page.exposeFunction('noteViolation', (text: string) => void complaints.push(text))
    await page.addInitScript(`document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      noteViolation(violatedDirective + ' ' + blockedURI))`)
  }, 90_000)

  afterAll(() => browser?.close())

  /** Everything that the browser keeps for this origin. */
  const kept = async () => JSON.stringify(await context.storageState({ indexedDB: true })) + (await page.evaluate(DUMP))

  const linesOf = (editor: string) => page.locator(`.graphiql-${editor} .view-lines`)

  async function open() {
    await page.goto(url)
    await linesOf('query-editor').getByText('Newest').waitFor()
  }

  const headersEditor = () => page.locator('.graphiql-editor-tool .graphiql-editor:not(.hidden)')

  async function typeHeaders() {
    await page.getByRole('button', { name: 'Headers' }).click()
    await headersEditor().locator('.monaco-editor').first().click()
    await page.keyboard.insertText(JSON.stringify({ Authorization: `Bearer ${key}`, 'X-Tenant-Id': 'acme' }))
    await headersEditor().getByText(key.slice(-40)).first().waitFor()
  }

  async function run() {
    await page.getByRole('button', { name: /execute query/i }).click()
    await linesOf('response').getByText('First admin key').waitFor()
  }

  test('shows our first query, and runs it with the key that is typed into the headers', async () => {
    await open()
    expect(await linesOf('query-editor').textContent()).toContain('Welcome')
    await typeHeaders()
    await run()
    await vi.waitFor(async () => expect(await linesOf('response').textContent()).toContain('totalCount'), 30_000)
  })

  test('knows the schema', async () => {
    await page
      .getByRole('button', { name: /documentation/i })
      .first()
      .click()
    const root = page.getByText('Query', { exact: true }).first()
    await root.waitFor()
    expect(await root.isVisible()).toBe(true)
  })

  test('keeps the query in the browser, and nothing of a header', async () => {
    expect(await headersEditor().textContent()).toContain(key.slice(-40))
    await vi.waitFor(async () => expect(await kept()).toContain('graphiql:tabState'), 10_000)
    // A change is stored after half a second.
    await page.waitForTimeout(1_500)
    for (const reload of [false, true]) {
      if (reload) await page.reload()
      await linesOf('query-editor').getByText('Newest').waitFor()
      const text = await kept()
      expect(text).toContain('Newest')
      expect(text).not.toContain(key.slice(0, 20))
      expect(text).not.toContain(key.slice(-40))
    }
    expect(await page.getByRole('tab').count()).toBe(1)
    await page.getByRole('button', { name: 'Headers' }).click()
    expect(await headersEditor().textContent()).not.toContain(key.slice(-40))
  })

  test('forgets what an earlier version kept', async () => {
    const headers = JSON.stringify({ Authorization: `Bearer ${key}` })
    const tab = {
      id: '1',
      title: 'Older',
      query: 'query Newest { viewer { credentialId } }',
      variables: null,
      operationName: null,
    }
    const planted = {
      'graphiql:headers': headers,
      'graphiql:shouldPersistHeaders': 'true',
      'graphiql:tabState': JSON.stringify({ tabs: [{ ...tab, headers, response: null }], activeTabIndex: 0 }),
      'graphiql:queries': JSON.stringify({ queries: [{ query: '{ viewer { credentialId } }', headers }] }),
      'graphiql:theme': 'dark',
    }
    const blank = new URL('/blank', url).href
    await page.route(blank, (route) =>
      route.fulfill({ contentType: 'text/html', body: '<link rel=icon href="data:,">' }),
    )
    await page.goto(blank)
    await page.evaluate(`Object.assign(localStorage, ${JSON.stringify(planted)})`)
    expect(await kept()).toContain(key)
    await open()
    expect(await kept()).not.toContain(key)
    expect(await page.evaluate('localStorage["graphiql:tabState"]')).toContain('Older')
    await page.waitForTimeout(1_500)
    await page.reload()
    await linesOf('query-editor').getByText('Newest').waitFor()
    await page.waitForTimeout(1_500)
    expect(await kept()).not.toContain(key)
    expect(await page.evaluate('localStorage["graphiql:shouldPersistHeaders"]')).not.toBe('true')
    expect(await page.evaluate('localStorage["graphiql:theme"]')).toBe('dark')
  })

  test('requests nothing from other hosts, and violates no policy', async () => {
    expect(requested.length).toBeGreaterThan(5)
    const { origin } = new URL(url)
    expect(requested.filter((asked) => !asked.startsWith(`${origin}/`) && !asked.startsWith('data:'))).toEqual([])
    expect(requested.filter((asked) => asked.includes('Worker')).length).toBeGreaterThan(1)
    expect(complaints).toEqual([])
  })
})
