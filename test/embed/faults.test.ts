import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { log, update } from '../live/conversations.ts'
import { canBrowse, launchBrowser } from '../support/browser.ts'
import { startProduct } from './page.ts'
import { openRecorded } from './recorded-page.ts'

/** Elements that are moved, a server that refuses, and one that is newer. */

const inBrowser = canBrowse('The faults of a page and a server')
const product = await startProduct()
const scopes = ['ANALYTICS_READ', 'CONVERSATIONS_READ']
const isApi = (url: URL) => url.pathname === '/graphql'
const now = () => new Date().toISOString()

const state = (page: Page, element: string) => page.locator(element).first().getAttribute('state')
const refusal = (extensions: object) => ({ json: { errors: [{ message: 'Not now.', extensions }] } })

describe.skipIf(!inBrowser)('an element', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser?.close())

  async function open(body: string) {
    const tenant = await product.server.newTenant()
    const first = await log(tenant.ask, { startedAt: now(), channel: 'CHAT' })
    const recorded = await openRecorded(product, browser, tenant.ask, body, { scopes })
    return { ...recorded, tenant, first }
  }

  test('that is moved while it waits to try again does so', async () => {
    const { page } = await open('<parley-metrics></parley-metrics>')
    await expect.poll(() => state(page, 'parley-metrics')).toBe('ready')
    await page.route(isApi, (route) => route.abort())
    await page.evaluate(`document.querySelector('parley-metrics').range = 'last-7-days'`)
    await expect.poll(() => state(page, 'parley-metrics')).toBe('error')
    await page.unroute(isApi)
    await page.evaluate(`document.body.append(document.querySelector('parley-metrics'))`)
    await page.clock.fastForward(60_000)
    await expect.poll(() => state(page, 'parley-metrics')).toBe('ready')
  })

  test('that is moved follows what happens again', async () => {
    const { page, tenant, hasSent } = await open('<parley-dashboard live></parley-dashboard>')
    await hasSent('ParleyChanges', 1)
    const total = page.locator('parley-metrics .total').first()
    await expect.poll(() => total.textContent()).toBe('1')
    await page.evaluate(`document.body.append(document.querySelector('parley-dashboard'))`)
    await page.clock.fastForward(15_000)
    await log(tenant.ask, { startedAt: now() })
    await expect.poll(() => page.clock.fastForward(11_000).then(() => total.textContent())).toBe('2')
  })

  test('that was away shows what it missed, though another has kept the stream', async () => {
    const lists = '<parley-conversations live></parley-conversations>'
    const { page, tenant, hasSent } = await open(`${lists}<div>${lists}</div>`)
    const rows = page.locator('div > parley-conversations [role=option]')
    await hasSent('ParleyChanges', 1)
    await expect.poll(() => rows.count()).toBe(1)
    await page.evaluate(`window.away = document.querySelector('div > parley-conversations'), away.remove()`)
    await log(tenant.ask, { startedAt: now() })
    const others = page.locator('main > parley-conversations [role=option]')
    await expect.poll(() => page.clock.fastForward(2_000).then(() => others.count())).toBe(2)
    await page.evaluate(`document.querySelector('div').append(away)`)
    await expect.poll(() => page.clock.fastForward(2_000).then(() => rows.count())).toBe(2)
  })

  test('waits as long as the server asks for', async () => {
    const { page, sent } = await open('<parley-metrics></parley-metrics>')
    await expect.poll(() => state(page, 'parley-metrics')).toBe('ready')
    await page.route(isApi, (route) => route.fulfill(refusal({ code: 'RATE_LIMITED', retryAfterSeconds: 60 })))
    await page.evaluate(`document.querySelector('parley-metrics').range = 'last-7-days'`)
    await expect.poll(() => state(page, 'parley-metrics')).toBe('error')
    const before = sent.length
    for (let seconds = 0; seconds < 56; seconds += 8) await page.clock.runFor(8_000)
    expect(sent.length).toBe(before)
    await page.unroute(isApi)
    await page.clock.runFor(40_000)
    await expect.poll(() => state(page, 'parley-metrics')).toBe('ready')
  })

  test('that follows a conversation asks less and less often for what is refused', async () => {
    const { page, tenant, first, sent, hasSent } = await open('<parley-conversation live></parley-conversation>')
    await page.evaluate(`document.querySelector('parley-conversation').conversationId = '${first}'`)
    await expect.poll(() => state(page, 'parley-conversation')).toBe('ready')
    await hasSent('ParleyChanges', 1)
    const rename = (title: string) => update(tenant.ask, first, { title })
    await rename('Before')
    await expect.poll(() => page.locator('parley-conversation h2').textContent()).toBe('Before')
    await page.route(isApi, (route) => route.fulfill(refusal({ code: 'INTERNAL_SERVER_ERROR' })))
    const asked = () => sent.filter(({ name }) => name === 'ParleyConversation').length
    const before = asked()
    await rename('After')
    await expect.poll(asked).toBeGreaterThan(before)
    for (let seconds = 0; seconds < 60; seconds += 1) await page.clock.runFor(1_000)
    expect(asked() - before).toBeLessThanOrEqual(9)
    await page.unroute(isApi)
    const title = page.locator('parley-conversation h2')
    await expect.poll(() => page.clock.fastForward(30_000).then(() => title.textContent())).toBe('After')
  })

  test('shows names of a newer server as they are', async () => {
    const { page, first } = await open('<parley-conversations></parley-conversations>')
    await page.route(isApi, async (route) => {
      const response = await route.fetch()
      const text = (await response.text()).replaceAll('"CHAT"', '"TELEPATHY"').replaceAll('"USER"', '"ORACLE"')
      await route.fulfill({ response, body: text })
    })
    await page.evaluate(`{
      document.querySelector('parley-conversations').range = 'last-7-days'
      const conversation = document.createElement('parley-conversation')
      conversation.conversationId = '${first}'
      document.body.append(conversation)
    }`)
    await expect.poll(() => page.locator('[role=option] .channel').textContent()).toBe('TELEPATHY')
    await expect.poll(() => page.locator('parley-conversation .role').first().textContent()).toBe('ORACLE')
    // An answer that is still on its way would be of no page.
    await page.unrouteAll({ behavior: 'ignoreErrors' })
  })

  test('keeps the place of its reader, whatever comes at the start of a list', async () => {
    const document = `mutation ($inputs: [LogConversationInput!]!) {
      logConversations(input: { conversations: $inputs }) { results { error { message } } }
    }`
    const { page, tenant, sent } = await open('<p></p>')
    const logMany = async (count: number) => {
      const input = { status: 'ACTIVE', messages: [{ chat: { role: 'USER', content: 'Hello' } }] }
      const { errors } = await tenant.ask(document, { inputs: Array.from({ length: count }, () => input) })
      expect(errors).toBe(undefined)
    }
    await logMany(90)
    await page.evaluate(`document.body.innerHTML = '<parley-conversations live></parley-conversations>'`)
    const scroller = page.locator('parley-conversations .scroller')
    await expect.poll(() => page.locator('[role=option]').count()).toBeGreaterThan(0)
    const scrolled = () => scroller.evaluate((element) => element.scrollTop)
    await scroller.evaluate((element) => element.scrollTo(0, 1_000))
    await expect.poll(scrolled).toBe(1_000)
    for (let at = 0; at < 4; at += 1) {
      await logMany(100)
      await page.clock.runFor(3_000)
    }
    await expect.poll(() => page.locator('.fresh').count()).toBe(1)
    const before = sent.length
    for (let at = 0; at < 4; at += 1) {
      await logMany(10)
      await page.clock.runFor(3_000)
    }
    expect(await scrolled()).toBeGreaterThan(500)
    expect(sent.length - before).toBeLessThanOrEqual(4)
    await page.locator('.fresh').click()
    await expect.poll(() => page.clock.runFor(3_000).then(() => scrolled())).toBe(0)
    await expect.poll(() => page.locator('.fresh').count()).toBe(0)
  })
})
