import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canBrowse, launchBrowser } from '../support/browser.ts'
import { logKnownData } from './known-data.ts'
import { configuring } from './pages.ts'
import { type Customer, setUpStage } from './set-up.ts'
import { untilLoaded, visit } from './visit.ts'

const stage = await setUpStage()
const { host, parley } = stage

/** March 2026 in New York: the clocks go forward on the 8th. */
const RANGE = { from: '2026-03-01', to: '2026-04-01', timeZone: 'America/New_York' }
const ATTRIBUTES = 'range="2026-03-01/2026-04-01"'
const MEASURES = ['CONVERSATIONS', 'MESSAGES', 'SENTIMENT_MEAN', 'COST_SUM', 'DURATION_MEAN', 'TOOL_ERROR_RATE']

const BODY = `
<parley-metrics ${ATTRIBUTES} measures="${MEASURES}"></parley-metrics>
<parley-series ${ATTRIBUTES} interval="DAY" measures="CONVERSATIONS"></parley-series>
<parley-conversations ${ATTRIBUTES}></parley-conversations>
<parley-dashboard ${ATTRIBUTES}></parley-dashboard>`

const SERIES = `query ($range: TimeRange!, $measures: [SeriesMeasure!]!, $filter: ConversationFilter) {
  conversationSeries(range: $range, measures: $measures, interval: DAY, filter: $filter) {
    lines { measure total points { start value } }
  }
}`
const COUNT = 'query ($filter: ConversationFilter) { conversations(filter: $filter) { totalCount } }'

/** The exact numbers that an element shows, as machines read them. */
const values = (page: Page, selector: string): Promise<number[]> =>
  page.locator(selector).evaluateAll((all) => all.map((data) => Number((data as HTMLDataElement).value)))

describe.skipIf(!canBrowse('The numbers that components show'))('in New York over the 8th of March 2026', () => {
  let browser: Browser
  let customer: Customer
  beforeAll(async () => {
    browser = await launchBrowser()
    // One every 36 minutes and 40 seconds, over the whole of March and beyond both its ends.
    customer = await stage.newCustomer('amber', { count: 0 }, { timeZone: 'America/New_York' })
    for (const to of ['2026-03-08T12:00:00Z', '2026-03-16T00:00:00Z', '2026-04-02T00:00:00Z'])
      await logKnownData(customer.ask, { count: 150, canary: `amber-${to.slice(0, 10)}`, now: new Date(to) })
  })
  afterAll(() => browser?.close())

  const open = async (body = BODY) => {
    const { page } = await visit(browser, host.page({ body, script: configuring(`${parley}/`, 'amber') }))
    await untilLoaded(page)
    return page
  }
  const asked = async (filter: object | null = null) => {
    const { data } = await customer.ask(SERIES, { range: RANGE, measures: MEASURES, filter })
    return data.conversationSeries.lines as {
      measure: string
      total: number
      points: { start: string; value: number | null }[]
    }[]
  }
  const counted = async (filter: object = {}) =>
    (await customer.ask(COUNT, { filter: { startedAt: RANGE, ...filter } })).data.conversations.totalCount as number

  test('each figure is the API’s to the last digit', async () => {
    const page = await open()
    const lines = await asked()
    expect(lines.every(({ total }) => total !== null && total !== 0)).toBe(true)
    expect(await values(page, 'main > parley-metrics .total data')).toEqual(lines.map(({ total }) => total))
  })

  test('chart, table, figure, list and dashboard count the same conversations as the API', async () => {
    const page = await open()
    const count = await counted()
    const [conversations] = await asked()
    expect(count).toBeGreaterThan(100)
    expect(conversations?.total).toBe(count)
    const days = await values(page, 'main > parley-series tbody data')
    expect(days).toEqual(conversations?.points.map(({ value }) => value))
    expect(days).toHaveLength(31)
    expect(days.reduce((sum, day) => sum + day, 0)).toBe(count)
    expect((await values(page, 'main > parley-metrics .total data'))[0]).toBe(count)
    await expect
      .poll(() => page.locator('main > parley-conversations .count').textContent())
      .toBe(`${count} conversations`)
    await expect
      .poll(() => page.locator('parley-dashboard parley-conversations .count').textContent())
      .toBe(`${count} conversations`)
    expect((await values(page, 'parley-dashboard parley-metrics .total data'))[0]).toBe(count)
  })

  test('a filter that is chosen counts the same everywhere', async () => {
    const page = await open(`<parley-dashboard ${ATTRIBUTES}></parley-dashboard>`)
    await page.getByLabel('Channel', { exact: true }).selectOption('EMAIL')
    const count = await counted({ channels: ['EMAIL'] })
    expect(count).toBeLessThan(await counted())
    await expect.poll(async () => (await values(page, 'parley-metrics .total data'))[0]).toBe(count)
    await expect.poll(() => page.locator('parley-conversations .count').textContent()).toBe(`${count} conversations`)
    await expect
      .poll(async () => (await values(page, 'parley-series tbody data')).reduce((sum, day) => sum + day, 0))
      .toBe(count)
  })
})
