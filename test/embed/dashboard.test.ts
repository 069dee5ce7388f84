import { readFile } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canBrowse, launchBrowser } from '../support/browser.ts'
import type { Ask, TestTenant } from '../support/server.ts'
import { startProduct } from './page.ts'

/** `<parley-dashboard>` in a real browser. */

const inBrowser = canBrowse('The dashboard')
const product = await startProduct()

/** A token with these scopes. */
const scoped =
  (tenant: TestTenant, scopes: string): Ask =>
  () =>
    tenant.ask(`mutation { createEmbedToken(input: { scopes: [${scopes}] }) { token expiresInSeconds } }`)

/** Notes what the elements say. */
const NOTE_EVENTS = `window.events = []
for (const type of ['parley-load', 'parley-error', 'parley-select', 'parley-filter-change'])
  addEventListener(type, ({ target, detail }) => events.push({ type, target: target.localName, detail }))`

interface NotedEvent {
  type: string
  target: string
  detail: Record<string, unknown>
}

const eventsOf = async (page: Page, type: string): Promise<NotedEvent[]> =>
  (await page.evaluate<NotedEvent[]>('events')).filter((event) => event.type === type)

const LOG = `mutation ($input: LogConversationsInput!) { logConversations(input: $input) { results { error { message } } } }`

const at = (daysAgo: number) => new Date(Date.now() - daysAgo * 86_400_000).toISOString()

const conversation = (externalId: string, daysAgo: number, fields: object = {}) => ({
  externalId,
  startedAt: at(daysAgo),
  channel: 'CHAT',
  status: 'COMPLETED',
  messages: [{ chat: { role: 'USER', content: `Hello from ${externalId}`, timestamp: at(daysAgo) } }],
  ...fields,
})

/** Three by chat, two of them by one agent; two by email, one of them abandoned; and a test. */
const CONVERSATIONS = [
  conversation('chat 1', 0.001, { agents: [{ externalId: 'Ada' }] }),
  conversation('chat 2', 2, {
    agents: [{ externalId: 'Ada' }],
    // Longer than there is room for.
    messages: ['Hello from chat 2', ...Array.from({ length: 30 }, () => 'And')].map((content) => ({
      chat: { role: 'USER', content, timestamp: at(2) },
    })),
  }),
  conversation('chat 3', 2.001),
  conversation('email 1', 3, { channel: 'EMAIL' }),
  conversation('email 2', 20, { channel: 'EMAIL', status: 'ABANDONED' }),
  conversation('test', 1, { isTest: true }),
]

describe.skipIf(!inBrowser)('a dashboard', () => {
  let browser: Browser
  let tenant: TestTenant

  beforeAll(async () => {
    browser = await launchBrowser()
    tenant = await product.server.newTenant()
    const { data } = await tenant.asAccount(LOG, { input: { conversations: CONVERSATIONS } })
    expect(data.logConversations.results).toEqual(CONVERSATIONS.map(() => ({ error: null })))
  })
  afterAll(() => browser?.close())

  const rows = (page: Page) => page.locator('parley-conversations [role=option]')
  const select = (page: Page, name: string) => page.locator(`parley-dashboard select[aria-label="${name}"]`)
  const shown = (page: Page, name: string) =>
    select(page, name).evaluate((element) => (element as HTMLSelectElement).selectedOptions[0]?.textContent)
  const total = (page: Page) => page.locator('parley-metrics .total').first().textContent()

  /** A page with a dashboard that shows everything, and what its elements ask. */
  async function open(attributes = '', ask: Ask = tenant.ask, options: object = {}) {
    const asked: string[] = []
    browser.once('context', (context) =>
      context.on('request', (request) => {
        const { query = '' } = request.url().endsWith('/graphql') ? (request.postDataJSON() ?? {}) : {}
        const [, name] = /^(?:query|subscription) (\w+)/.exec(query) ?? []
        if (name) asked.push(name)
      }),
    )
    const body = `<parley-dashboard ${attributes}></parley-dashboard>`
    const page = await product.open(browser, ask, body, { script: NOTE_EVENTS, ...options })
    return { page, asked, dashboard: page.locator('parley-dashboard') }
  }

  async function openLoaded(attributes = '', options: object = {}) {
    const opened = await open(attributes, tenant.ask, options)
    await expect.poll(() => rows(opened.page).count()).toBe(5)
    return opened
  }

  test('shows numbers and the conversations that they count', async () => {
    const { page, dashboard } = await openLoaded('heading')
    await expect.poll(() => total(page)).toBe('5')
    await expect.poll(() => page.locator('parley-conversations .count').textContent()).toBe('5 conversations')
    expect(await dashboard.locator('h2').textContent()).toBe(tenant.id)
    expect(await page.evaluate(`new Set(events.map(({ target }) => target)).size`)).toBe(1)
    expect((await eventsOf(page, 'parley-load'))[0]?.target).toBe('parley-dashboard')
  })

  /** Waits until all elements have loaded what they show. */
  const settled = (page: Page, states: string) =>
    page.waitForFunction(`{
      const { shadowRoot } = document.querySelector('parley-dashboard')
      const parts = [...shadowRoot.querySelectorAll('parley-metrics, parley-series, parley-conversations, parley-conversation')]
      parts.length > 1 && parts.every(({ state, isLoading }) => !isLoading && (${states}).includes(state))
    }`)

  test('says once that all is loaded, and again when something else is', async () => {
    const { page } = await openLoaded()
    await settled(page, `['ready', 'empty']`)
    expect(await eventsOf(page, 'parley-load')).toHaveLength(1)
    await select(page, 'Channel').selectOption('EMAIL')
    await expect.poll(() => total(page)).not.toBe('5')
    await settled(page, `['ready', 'empty']`)
    expect(await eventsOf(page, 'parley-load')).toHaveLength(2)
  })

  test('says once what is wrong, though several of its parts are about it', async () => {
    const wrong = await open('range="2026-03-01"')
    await expect.poll(() => wrong.dashboard.getAttribute('state')).toBe('error')
    await settled(wrong.page, `['error', 'loading']`)
    const details = async (page: Page) => (await eventsOf(page, 'parley-error')).map(({ detail }) => detail)
    expect(await details(wrong.page)).toEqual([{ code: 'INVALID_ATTRIBUTE' }])
    const refused = await open('range="2026-03-02/2026-03-01"')
    await settled(refused.page, `['error', 'empty']`)
    expect(await details(refused.page)).toEqual([{ code: 'BAD_USER_INPUT' }])
  })

  test('with ANALYTICS_READ alone has numbers only, and asks for nothing else', async () => {
    const { page, asked } = await open('live compare', scoped(tenant, 'ANALYTICS_READ'))
    await expect.poll(() => total(page)).toBe('5')
    await expect.poll(async () => (await eventsOf(page, 'parley-load')).length).toBe(1)
    expect(await page.locator('parley-series figure').count()).toBe(1)
    expect(await page.locator('parley-conversations, parley-conversation, dialog').count()).toBe(0)
    expect(await page.locator('parley-dashboard select').count()).toBe(3)
    expect(new Set(asked)).toEqual(new Set(['ParleyViewer', 'ParleySeries']))
    expect(await eventsOf(page, 'parley-error')).toEqual([])
  })

  test('with CONVERSATIONS_READ alone has the list only, and asks for nothing else', async () => {
    const { page, asked } = await open('compare', scoped(tenant, 'CONVERSATIONS_READ'))
    await expect.poll(() => rows(page).count()).toBe(5)
    await expect.poll(() => shown(page, 'Agent')).toBe('All agents')
    expect(await page.locator('parley-metrics, parley-series').count()).toBe(0)
    const expected = ['ParleyViewer', 'ParleyFacets', 'ParleyConversations', 'ParleyConversationCount']
    await expect.poll(() => new Set(asked)).toEqual(new Set(expected))
    expect(await eventsOf(page, 'parley-error')).toEqual([])
  })

  test('says so if the token may read neither', async () => {
    const { page, asked, dashboard } = await open('', scoped(tenant, 'INTERNALS_READ'))
    await expect.poll(() => dashboard.getAttribute('state')).toBe('unauthorized')
    expect(await dashboard.getByRole('alert').textContent()).toContain('You don’t have access to this.')
    expect((await eventsOf(page, 'parley-error')).map(({ detail }) => detail)).toEqual([{ code: 'FORBIDDEN' }])
    expect(asked).toEqual(['ParleyViewer'])
  })

  test('narrows numbers and list to what a reader chooses, and tells the page', async () => {
    const { page } = await openLoaded()
    await select(page, 'Channel').selectOption({ label: 'Email' })
    await expect.poll(() => total(page)).toBe('2')
    await expect.poll(() => rows(page).count()).toBe(2)
    await select(page, 'Status').selectOption({ label: 'Abandoned' })
    await expect.poll(() => rows(page).count()).toBe(1)
    await select(page, 'Period').selectOption('last-7-days')
    await expect.poll(() => total(page)).toBe('0')
    const changes = (await eventsOf(page, 'parley-filter-change')).map(({ detail }) => detail)
    const [email, abandoned] = [{ channels: ['EMAIL'] }, { channels: ['EMAIL'], statuses: ['ABANDONED'] }]
    expect(changes).toMatchObject([
      { filter: email, range: 'last-30-days' },
      { filter: abandoned, range: 'last-30-days' },
      { filter: abandoned, range: 'last-7-days' },
    ])
    // What it was before can be chosen again.
    await select(page, 'Channel').selectOption({ label: 'All channels' })
    await select(page, 'Status').selectOption({ label: 'All statuses' })
    await select(page, 'Period').selectOption('last-30-days')
    await expect.poll(() => total(page)).toBe('5')
    expect((await eventsOf(page, 'parley-filter-change')).at(-1)?.detail['filter']).toBeNull()
  })

  test('shows in its controls what the page sets', async () => {
    const { page, dashboard } = await openLoaded()
    const set = (properties: object) =>
      dashboard.evaluate((element, given) => void Object.assign(element, given), properties)
    await set({
      filter: { channels: ['EMAIL'], agents: [] },
      range: 'last-7-days',
      groupBy: 'STATUS',
      interval: 'WEEK',
    })
    await expect.poll(() => shown(page, 'Channel')).toBe('Email')
    expect(await shown(page, 'Period')).toBe('Last 7 days')
    expect(await shown(page, 'Group by')).toBe('Group by status')
    expect(await shown(page, 'Interval')).toBe('By week')
    const keep = { metadata: [{ path: ['plan'], exists: false }] }
    await set({ filter: { ...keep, channels: ['CHAT', 'EMAIL'] }, range: '2026-03-01/2026-04-01' })
    await expect.poll(() => shown(page, 'Channel')).toBe('2 selected')
    expect(await shown(page, 'Period')).toMatch(/^1\s?[–-]\s?31 Mar 2026$/)
    // What a reader chooses replaces only what the control stands for.
    await set({ range: 'last-30-days' })
    await select(page, 'Channel').selectOption({ label: 'Chat' })
    await expect.poll(() => total(page)).toBe('3')
    expect((await eventsOf(page, 'parley-filter-change'))[0]?.detail['filter']).toEqual({ ...keep, channels: ['CHAT'] })
    // It is not told of what it did itself.
    expect(await eventsOf(page, 'parley-filter-change')).toHaveLength(1)
  })

  test('narrows the list to the bucket that was picked, until its chip is removed', async () => {
    const { page, dashboard } = await openLoaded('interval="WEEK" range="last-90-days"')
    const chip = dashboard.locator('.chip')
    expect(await chip.count()).toBe(0)
    await page.locator('parley-series [tabindex="0"]').first().focus()
    await page.keyboard.press('End')
    await page.keyboard.press('Enter')
    await chip.waitFor()
    const [picked] = await eventsOf(page, 'parley-select')
    const { start = '', end = '' } = (picked?.detail['bucket'] ?? {}) as { start?: string; end?: string }
    const inside = CONVERSATIONS.filter(
      ({ startedAt, externalId }) => externalId !== 'test' && startedAt >= start && startedAt < end,
    )
    expect(inside.length).toBeGreaterThan(0)
    expect(inside.length).toBeLessThan(5)
    await expect.poll(() => rows(page).count()).toBe(inside.length)
    await chip.click()
    await expect.poll(() => rows(page).count()).toBe(5)
    expect(await chip.count()).toBe(0)
  })

  test('opens a conversation beside the list if there is room', async () => {
    const { page, dashboard } = await openLoaded()
    await rows(page).nth(1).click()
    await page.locator('parley-conversation .content').first().waitFor()
    expect(await page.locator('parley-conversation .content').first().textContent()).toBe('Hello from chat 2')
    const [list, detail] = await Promise.all(
      ['parley-conversations', 'parley-conversation article'].map((name) => dashboard.locator(name).boundingBox()),
    )
    expect(detail?.y).toBe(list?.y)
    expect(detail?.height).toBe(list?.height)
    expect(
      await page.evaluate(`document.querySelector('parley-dashboard').shadowRoot.querySelector(':modal')`),
    ).toBeNull()
  })

  describe('on a phone', () => {
    const viewport = { width: 390, height: 844 }
    const focused = (page: Page) =>
      page.evaluate(`{
        let element = document.activeElement
        while (element.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
        element.className + element.role
      }`)

    test.each(['the button', 'Escape'])('a conversation covers the page until %s closes it', async (how) => {
      const { page, dashboard } = await openLoaded('', { viewport })
      const dialog = dashboard.locator('dialog')
      expect(await dialog.isVisible()).toBe(false)
      await rows(page).nth(1).click()
      await page.locator('parley-conversation .content').first().waitFor()
      expect(await page.locator('parley-conversation .content').first().textContent()).toBe('Hello from chat 2')
      expect(await dialog.boundingBox()).toEqual({ x: 0, y: 0, ...viewport })
      expect(await dialog.getAttribute('aria-label')).toBe('Conversation')
      expect(await focused(page)).toContain('back')
      if (how === 'Escape') await page.keyboard.press('Escape')
      else await dialog.getByRole('button', { name: 'Back' }).click()
      await expect.poll(() => dialog.isVisible()).toBe(false)
      expect(await focused(page)).toContain('listbox')
      // And again.
      await page.keyboard.press('Enter')
      await expect.poll(() => dialog.isVisible()).toBe(true)
    })

    test('the filters are behind a button, and nothing is wider than the screen', async () => {
      const { page, dashboard } = await openLoaded('', { viewport })
      const width = () => page.evaluate('document.documentElement.scrollWidth')
      expect(await select(page, 'Channel').isVisible()).toBe(false)
      expect(await width()).toBe(390)
      await dashboard.getByRole('button', { name: 'Filters' }).click()
      await select(page, 'Channel').selectOption({ label: 'Email' })
      await expect.poll(() => rows(page).count()).toBe(2)
      expect(await width()).toBe(390)
      expect(await dashboard.getByRole('button', { name: 'Filters' }).textContent()).toMatch(/^\s*Filters1\s*$/)
    })
  })

  test('its first filters are in one line, also if there are more than fit into it', async () => {
    const { page } = await openLoaded('', { viewport: { width: 1000, height: 800 } })
    const tops = ['Period', 'Interval'].map(async (name) => (await select(page, name).boundingBox())?.y)
    const [range, interval] = await Promise.all(tops)
    expect(range).toBe(interval)
    expect((await page.getByRole('button', { name: 'Export CSV' }).boundingBox())?.y).toBeGreaterThan(interval ?? 0)
  })

  test('saves its numbers as a file', async () => {
    const { page, dashboard } = await open('range="last-7-days"')
    await expect.poll(() => total(page)).toBe('4')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      dashboard.getByRole('button', { name: 'Export CSV' }).click(),
    ])
    expect(download.suggestedFilename()).toBe('parley-last-7-days.csv')
    const csv = await dashboard.evaluate((element) => (element as unknown as { exportCsv(): string }).exportCsv())
    expect(csv.trim().split('\r\n')).toHaveLength(8)
    expect(await readFile(await download.path(), 'utf8')).toBe(`\uFEFF${csv}`)
  })

  test('follows what happens, by one stream for everything', async () => {
    const own = await product.server.newTenant()
    await own.asAccount(LOG, { input: { conversations: CONVERSATIONS } })
    const { page, asked } = await open('live', own.ask, { isConfigured: false })
    await page.clock.install()
    await page.evaluate('configure()')
    await expect.poll(() => rows(page).count()).toBe(5)
    await rows(page).first().click()
    await expect.poll(() => total(page)).toBe('5')
    await expect.poll(() => asked.filter((name) => name === 'ParleyChanges').length).toBe(1)
    await own.asAccount(LOG, { input: { conversations: [conversation('new', 0)] } })
    await page.clock.fastForward(2_000)
    await expect.poll(() => rows(page).count()).toBe(6)
    await page.clock.fastForward(10_000)
    await expect.poll(() => total(page)).toBe('6')
    expect(asked.filter((name) => name === 'ParleyChanges')).toHaveLength(1)
  })

  test('hands on its language, time zone and texts', async () => {
    const { page, dashboard } = await open('locale="de" time-zone="Asia/Tokyo" conversation-id=""')
    await dashboard.evaluate((element) => void Object.assign(element, { texts: { back: 'Zurück', total: 'Summe' } }))
    await expect.poll(() => rows(page).count()).toBe(5)
    const parts = 'parley-metrics, parley-series, parley-conversations, parley-conversation'
    const given = await dashboard.evaluate(
      (element, names) =>
        [...(element.shadowRoot?.querySelectorAll(names) ?? [])].map((part) => {
          const { locale, timeZone, texts, session } = part as unknown as Record<string, unknown>
          return { locale, timeZone, texts, hasSession: Boolean(session) }
        }),
      parts,
    )
    const each = { locale: 'de', timeZone: 'Asia/Tokyo', texts: { back: 'Zurück', total: 'Summe' }, hasSession: true }
    expect(given).toEqual([each, each, each, each])
  })
})
