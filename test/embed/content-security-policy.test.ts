import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canBrowse, launchBrowser } from '../support/browser.ts'
import { ALL_ELEMENTS, configuring } from './pages.ts'
import { type Customer, setUpStage } from './set-up.ts'
import { deepText, untilLoaded, visit } from './visit.ts'

const stage = await setUpStage()
const { host, parley } = stage

const TRUSTED_TYPES = "require-trusted-types-for 'script'; trusted-types lit-html"
/** Only the icon of the page's own is an image. */
const COMMON = `default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; ${TRUSTED_TYPES}`

const PROFILES = {
  'behind a proxy of the page’s own origin': {
    parley: '/parley/',
    policy: `${COMMON}; script-src 'self'; connect-src 'self'`,
  },
  'on an origin of its own': {
    parley: `${parley}/`,
    policy: `${COMMON}; script-src 'self' ${parley}; connect-src 'self' ${parley}`,
  },
}

/** What is left in the browser. */
const STORED = `(async () => ({
  local: Object.keys(localStorage),
  session: Object.keys(sessionStorage),
  databases: (await indexedDB.databases()).map(({ name }) => name),
  caches: await caches.keys(),
  cookies: document.cookie,
  workers: (await navigator.serviceWorker.getRegistrations()).length,
  history: JSON.stringify(history.state),
  name: window.name,
}))()`

/** Uses every element as a reader does. */
async function useAll(page: Page, { ask }: Customer) {
  const dashboard = page.locator('parley-dashboard')
  const list = page.locator('main > parley-conversations')
  await dashboard.getByLabel('Channel', { exact: true }).selectOption('CHAT')
  await dashboard.getByLabel('Period').selectOption('last-7-days')
  await dashboard.getByLabel('Group by').selectOption('AGENT')
  await dashboard.locator('parley-series[state=ready]').waitFor()
  const plot = page.locator('main > parley-series').locator('.plot').first()
  await plot.hover()
  await page.locator('main > parley-series').locator('[part~=tooltip]').first().waitFor()
  await plot.click()
  for (const key of ['Tab', 'ArrowRight', 'ArrowRight', 'ArrowLeft', 'Enter']) await page.keyboard.press(key)
  await dashboard.locator('parley-conversations').getByRole('option').first().click()
  await dashboard.locator('parley-conversation').getByText('amber question').first().waitFor()
  await list.getByRole('option').nth(1).click()
  await page.evaluate(`{
    const { selected } = document.querySelector('main > parley-conversations')
    document.querySelector('main > parley-conversation').conversationId = selected
  }`)
  await page.locator('main > parley-conversation').getByText('amber answer').first().waitFor()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    dashboard.getByRole('button', { name: 'Export CSV' }).click(),
  ])
  expect(download.suggestedFilename()).toMatch(/\.csv$/)
  for (const element of ['parley-series', 'parley-metrics', 'parley-conversations'])
    expect(await page.evaluate<string>(`document.querySelector('main > ${element}').exportCsv()`)).toContain(',')
  await ask('mutation ($input: LogConversationInput!) { logConversation(input: $input) { conversation { id } } }', {
    input: { title: 'It has just come', messages: [{ chat: { role: 'USER', content: 'Hello' } }] },
  })
  await list.getByText('It has just come').first().waitFor()
}

describe.skipIf(!canBrowse('What the components need of a Content-Security-Policy'))('all components', () => {
  let browser: Browser
  let amber: Customer
  beforeAll(async () => {
    browser = await launchBrowser()
    amber = await stage.newCustomer('amber')
  })
  afterAll(() => browser?.close())

  test.each(Object.entries(PROFILES))(
    'work under a strict policy with Trusted Types, if Parley is %s',
    async (_name, { parley: address, policy }) => {
      const url = host.page({ body: ALL_ELEMENTS, script: configuring(address, 'amber'), policy })
      const { page, complaints, requests } = await visit(browser, url)
      await untilLoaded(page)
      await useAll(page, amber)
      await untilLoaded(page)
      expect(complaints).toEqual([])
      // Nor is anybody else asked for anything, and nothing is left.
      const hosts = new Set(
        requests
          .map((request) => request.url())
          .filter((to) => !to.startsWith('blob:'))
          .map((to) => new URL(to).origin),
      )
      expect([...hosts].toSorted()).toEqual([...new Set([host.origin, new URL(address, url).origin])].toSorted())
      expect(await page.evaluate(STORED)).toEqual({
        ...{ local: [], session: [], databases: [], caches: [], cookies: '', workers: 0, history: 'null', name: '' },
      })
      expect(await page.context().cookies()).toEqual([])
      expect(await page.context().storageState()).toEqual({ cookies: [], origins: [] })
      expect(page.url()).toBe(url)
      const text = await deepText(page)
      expect(text).toContain('amber question')
      for (const token of amber.tokens.given) expect(text).not.toContain(token)
      for (const request of requests) for (const token of amber.tokens.given) expect(request.url()).not.toContain(token)
    },
  )

  test('are noticed by the policy if they do what it forbids', async () => {
    const url = host.page({
      body: '<p id="p"></p>',
      script: 'p.innerHTML = "<b>x</b>"',
      policy: PROFILES['on an origin of its own'].policy,
    })
    const { complaints } = await visit(browser, url)
    await expect.poll(() => complaints.join()).toContain('violation: require-trusted-types-for')
  })
})
