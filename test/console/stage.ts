import type { AxeResults } from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import { AXE } from '../embed/axe.ts'
import { type Visit, type VisitOptions, visit } from '../embed/visit.ts'
import { launchBrowser } from '../support/browser.ts'
import { startTestServer, type TestServer, type TestServerOptions } from '../support/server.ts'

/** A server with its console, and a browser. */
export interface ConsoleStage {
  server: TestServer
  /** The address of the console. */
  url: string
  /** Opens the console in a profile of its own, and signs in: with the account's first key, unless there is another. */
  signIn(options?: SignInOptions): Promise<Visit>
  /** Opens the console. */
  open(options?: SignInOptions): Promise<Visit>
}

export interface SignInOptions extends VisitOptions {
  key?: string
  /** Such as `#keys`. */
  hash?: string
}

/** Call it at the top of a test file. Everything ends with the file. */
export async function setUpConsole(options: TestServerOptions = {}): Promise<ConsoleStage> {
  const server = await startTestServer({ console: true, ...options })
  const url = `${await server.listen()}/console`
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser?.close())
  const open: ConsoleStage['open'] = ({ hash = '', key: _key, ...rest } = {}) =>
    visit(browser, `${url}${hash}`, { locale: 'en-GB', timezoneId: 'Europe/Berlin', ...rest })
  return {
    ...{ server, url, open },
    async signIn(given = {}) {
      const opened = await open(given)
      await enterKey(opened.page, given.key ?? server.adminKey)
      await opened.page.getByRole('button', { name: 'Sign out' }).waitFor()
      return opened
    },
  }
}

/** Types the key and signs in, as a person would. */
export async function enterKey(page: Page, key: string): Promise<void> {
  await page.getByLabel('API key').fill(key)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** Goes to a page by its link, and waits for its heading. */
export async function goTo(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name }).click()
  await page.getByRole('heading', { level: 1, name }).waitFor()
}

/** What axe finds on the page, a line each. */
export async function axeFindings(page: Page): Promise<string[]> {
  await page.evaluate(AXE)
  const { violations } = await page.evaluate<AxeResults>('axe.run()')
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
}

/** Everything that the page keeps, or has told others: a secret must be in none of it. */
export async function kept({ page, requests }: Visit): Promise<string> {
  const inPage = await page.evaluate<string>(`(async () => JSON.stringify([
    { ...localStorage }, { ...sessionStorage }, document.cookie, location.href, document.title, history.state,
    document.documentElement.outerHTML, window.name,
    await indexedDB.databases(), await caches.keys().catch(() => []),
  ]))()`)
  const state = await page.context().storageState()
  return `${inPage} ${JSON.stringify(state)} ${requests.map((request) => request.url()).join('\n')}`
}

/** The page works without a complaint, and axe finds nothing. */
export async function expectNoComplaint(visited: Visit): Promise<void> {
  expect(await axeFindings(visited.page)).toEqual([])
  expect(visited.complaints).toEqual([])
}
