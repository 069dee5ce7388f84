import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { log } from '../live/conversations.ts'
import { canBrowse, launchBrowser } from '../support/browser.ts'
import type { TestTenant } from '../support/server.ts'
import { startProduct } from './page.ts'
import { openRecorded } from './recorded-page.ts'

/** A page whose reader goes over to another tenant. */

const inBrowser = canBrowse('Two tenants after each other')
const product = await startProduct()
const scopes = ['ANALYTICS_READ', 'CONVERSATIONS_READ']

/** What a dashboard shows, in all its shadow roots. */
const textOf = (page: Page) =>
  page.evaluate<string>(`{
    const textOf = (node) => [...node.childNodes].map((child) =>
      child.nodeType === 3 ? child.data : (child.shadowRoot ? textOf(child.shadowRoot) : '') + textOf(child)).join(' ')
    textOf(document.querySelector('main'))
  }`)

describe.skipIf(!inBrowser)('a page that goes over to another tenant', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser?.close())

  async function openFirst(attributes = '') {
    const [acme, globex] = [await product.server.newTenant(), await product.server.newTenant()]
    for (const [tenant, name] of [
      [acme, 'Acme'],
      [globex, 'Globex'],
    ] as const)
      await log(tenant.ask, {
        channel: 'CHAT',
        agents: [{ externalId: `${name} bot` }],
        startedAt: new Date().toISOString(),
        messages: [{ chat: { role: 'USER', content: `said at ${name}` } }],
      })
    const current: { tenant: TestTenant } = { tenant: acme }
    const body = `<parley-dashboard heading ${attributes}></parley-dashboard>`
    const recorded = await openRecorded(product, browser, (...asked) => current.tenant.ask(...asked), body, { scopes })
    const { page } = recorded
    await expect.poll(() => textOf(page)).toMatch(/said at Acme/)
    await expect.poll(() => page.locator('parley-dashboard option', { hasText: 'Acme bot' }).count()).toBe(1)
    current.tenant = globex
    return { ...recorded, acme, globex }
  }

  test.each(['', 'live'])('shows nothing of it while the session is that of the first: %j', async (attributes) => {
    const { page } = await openFirst(attributes)
    // Its back end gives a token of the other tenant, because somebody has changed it in another tab.
    await page.clock.fastForward(7_200_000)
    await page.evaluate(`document.querySelector('parley-dashboard').range = 'last-7-days'`)
    for (const part of ['metrics', 'series', 'conversations'])
      await expect.poll(() => page.locator(`parley-${part}`).getAttribute('state')).toBe('unauthorized')
    expect(await textOf(page)).not.toMatch(/Globex/)
  })

  test('shows nothing of the first with another session, whatever is slow', async () => {
    const { page, hold, hasSent } = await openFirst()
    await page.evaluate(`{
      const series = document.querySelector('parley-dashboard').shadowRoot.querySelector('parley-series')
      const bucket = { start: '2026-01-01T00:00:00Z', end: '2026-01-02T00:00:00Z' }
      series.dispatchEvent(new CustomEvent('parley-select', { detail: { bucket, group: { label: 'of Acme' }, filter: {} } }))
    }`)
    await expect.poll(() => textOf(page)).toMatch(/of Acme/)
    const release = await hold('ParleyFacets')
    await page.evaluate('configure()')
    await hasSent('ParleyFacets', 2)
    await expect.poll(() => textOf(page)).toMatch(/said at Globex/)
    expect(await textOf(page)).not.toMatch(/Acme/)
    await release()
    await expect.poll(() => page.locator('parley-dashboard option', { hasText: 'Globex bot' }).count()).toBe(1)
    expect(await textOf(page)).not.toMatch(/Acme/)
  })
})
