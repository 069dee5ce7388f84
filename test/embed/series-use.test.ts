import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canBrowse, launchBrowser } from '../support/browser.ts'
import type { TestTenant } from '../support/server.ts'
import { type OpenOptions, startProduct } from './page.ts'
import { loaded, logConversations, openSeries, tableOf, ZONE } from './series-data.ts'

/** What somebody does with a chart, in a real browser. */

const inBrowser = canBrowse('<parley-series>')
const product = await startProduct()

describe.runIf(inBrowser)('<parley-series>', () => {
  let browser: Browser
  let tenant: TestTenant

  beforeAll(async () => {
    tenant = await product.server.newTenant({ timeZone: ZONE })
    await logConversations(tenant.ask)
    browser = await launchBrowser()
  }, 60_000)

  afterAll(() => browser?.close())

  const show = (attributes: string, options: OpenOptions = {}) =>
    openSeries(product, browser, tenant.ask, attributes, options)

  test('a partial bucket is drawn lighter, and said', async () => {
    const page = await product.open(
      browser,
      tenant.ask,
      '<parley-series range="2026-03-06T15:30:00Z/2026-03-10" interval="DAY" time-zone="America/New_York"></parley-series>',
    )
    await loaded(page)
    expect(await page.locator('rect.bar.partial').count()).toBe(1)
    expect(await page.locator('tbody tr').first().textContent()).toContain('partial')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Home')
    expect(await page.getByRole('status').textContent()).toBe('6 March: 2 conversations, partial')
  })

  describe('with a keyboard', () => {
    const walk = async (page: Page, ...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key)
      return page.getByRole('status').textContent()
    }

    test('Tab reaches the chart, and arrows walk its points', async () => {
      const page = await show('measures="CONVERSATIONS" interval="DAY"')
      expect(await walk(page, 'Tab', 'Tab')).toBe('9 March: conversations 1')
      expect(await walk(page, 'ArrowLeft')).toBe('8 March: 5 conversations')
      expect(await page.locator('.tooltip').textContent()).toMatch(/Sun, 8 Mar 2026\s+Conversations\s+5/)
      expect(await walk(page, 'Home')).toBe('6 March: 3 conversations')
      expect(await walk(page, 'ArrowLeft')).toBe('6 March: 3 conversations')
      expect(await walk(page, 'End')).toBe('9 March: conversations 1')
      expect(await walk(page, 'Escape')).toBe('')
      expect(await page.locator('.tooltip').count()).toBe(0)
    })

    test('up and down lead to other groups', async () => {
      const page = await show('measures="SENTIMENT_MEAN" interval="DAY" group-by="CHANNEL" locale="en"')
      await page.locator('.plot').focus()
      await walk(page, 'Home')
      expect(await walk(page, 'ArrowUp')).toBe('Chat, March 6: average sentiment +0.15')
      expect(await walk(page, 'ArrowDown', 'ArrowDown')).toBe('None, March 6: average sentiment no data')
      expect(await walk(page, 'ArrowUp')).toBe('Voice, March 6: average sentiment -0.70')
    })
  })

  const CAUGHT = "window.caught = []; addEventListener('parley-select', ({ detail }) => caught.push(detail))"

  test.each([
    ['', [2, 1, 5, 0]],
    ['group-by="CHANNEL"', null],
    ['group-by="metadata:plan"', null],
    ['group-by="OUTCOME"', null],
    ['group-by="END_USER"', null],
  ])('what is selected has a filter that matches the conversations of the bucket: %s', async (attributes, expected) => {
    // The range begins in the middle of a bucket, and the filter has a range of its own.
    const html = `<parley-series range="2026-03-06T15:30:00Z/2026-03-10" interval="DAY" ${attributes}
      filter='{"startedAt":{"to":"2026-03-09T04:00:00Z"}}'></parley-series>`
    const page = await product.open(browser, tenant.ask, html, { script: CAUGHT })
    await loaded(page)
    const table = (await tableOf(page)).slice(0, -1)
    expect(
      table
        .flat()
        .map(Number)
        .reduce((sum, value) => sum + value, 0),
    ).toBe(8)
    await page.locator('.plot').focus()
    await page.keyboard.press('Home')
    const groups = table[0]?.length ?? 0
    for (let group = 0; group < groups; group += 1) {
      for (let bucket = 0; bucket < table.length; bucket += 1) {
        await page.keyboard.press('Enter')
        await page.keyboard.press('ArrowRight')
      }
      await page.keyboard.press('Home')
      await page.keyboard.press('ArrowDown')
    }
    const caught =
      await page.evaluate<{ filter: object; bucket: { start: string }; measure: string; group: object | null }[]>(
        'caught',
      )
    expect(caught).toHaveLength(groups * table.length)
    expect(caught[0]).toMatchObject({
      measure: 'CONVERSATIONS',
      bucket: { start: '2026-03-06T05:00:00.000Z', label: '2026-03-06' },
    })
    expect(caught[0]?.group === null).toBe(attributes === '')
    const counts = await Promise.all(caught.map(({ filter }) => countOf(filter)))
    const values = Array.from({ length: groups }, (_, group) => table.map((row) => Number(row[group]))).flat()
    expect(counts).toEqual(values)
    if (expected) expect(values).toEqual(expected)
  })

  const countOf = async (filter: object) => {
    const { data, errors } = await tenant.ask(
      'query ($filter: ConversationFilter) { conversations(first: 1, filter: $filter) { totalCount } }',
      { filter },
    )
    expect(errors).toBeUndefined()
    return data.conversations.totalCount
  }

  test('a click selects, and what no filter can say has none', async () => {
    const page = await show('measures="MESSAGES" interval="DAY" group-by="MESSAGE_LANGUAGE"', { script: CAUGHT })
    const box = await page.locator('.plot').boundingBox()
    if (!box) throw new Error('there is no chart')
    await page.mouse.click(box.x + 60, box.y + 150)
    const [detail] = await page.evaluate<{ filter: null; group: { dimension: string } }[]>('caught')
    expect(detail?.filter).toBe(null)
    expect(detail?.group).toEqual({ dimension: 'MESSAGE_LANGUAGE', key: null, label: 'None' })
  })

  test('a finger shows the details, which stay, and selects', async () => {
    const page = await show('measures="CONVERSATIONS" interval="DAY"', {
      script: CAUGHT,
      hasTouch: true,
      viewport: { width: 390, height: 800 },
    })
    const box = await page.locator('.plot').boundingBox()
    if (!box) throw new Error('there is no chart')
    await page.touchscreen.tap(box.x + 60, box.y + 100)
    expect(await page.locator('.tooltip').textContent()).toContain('Fri, 6 Mar 2026')
    const caught = await page.evaluate<{ bucket: { label: string } }[]>('caught')
    expect(caught.map(({ bucket }) => bucket.label)).toEqual(['2026-03-06'])
  })

  test('a group is hidden and shown by its button, in all charts and in the CSV', async () => {
    const page = await show('measures="CONVERSATIONS,SENTIMENT_MEAN" interval="DAY" group-by="CHANNEL"')
    const voice = page.getByRole('button', { name: /^Voice/ })
    const csv = () => page.evaluate<string>("document.querySelector('parley-series').exportCsv()")
    expect(await page.locator('rect.bar.s2').count()).toBeGreaterThan(0)
    expect(await csv()).toContain(',Voice,')
    await voice.first().click()
    expect(await voice.last().getAttribute('aria-pressed')).toBe('false')
    expect(await page.locator('thead th', { hasText: 'Voice' }).count()).toBe(0)
    expect(await csv()).not.toContain(',Voice,')
    await voice.last().click()
    expect(await voice.first().getAttribute('aria-pressed')).toBe('true')
    expect(await csv()).toContain(',Voice,')
  })

  test('the details stay inside a narrow chart', async () => {
    const page = await show('measures="CONVERSATIONS" interval="DAY" group-by="CHANNEL" compare', {
      viewport: { width: 390, height: 800 },
    })
    await page.locator('.plot').focus()
    for (const key of ['Home', 'ArrowRight', 'ArrowRight', 'ArrowRight']) {
      await page.keyboard.press(key)
      const [box, tooltip] = [await page.locator('.plot').boundingBox(), await page.locator('.tooltip').boundingBox()]
      if (!box || !tooltip) throw new Error('there is no chart')
      expect(tooltip.x).toBeGreaterThanOrEqual(box.x)
      expect(tooltip.x + tooltip.width).toBeLessThanOrEqual(box.x + box.width + 0.5)
    }
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390)
  })
})
