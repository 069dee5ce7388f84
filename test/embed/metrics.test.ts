import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { log } from '../conversations/conversations.ts'
import { canBrowse, launchBrowser } from '../support/browser.ts'
import type { TestTenant } from '../support/server.ts'
import { AXE } from './axe.ts'
import { startProduct } from './page.ts'
import { attributesOf, heightOf, linesOf, loaded, logConversations, RANGE, shown, ZONE } from './series-data.ts'

/** `<parley-metrics>` in a real browser, against a server with known data. */

const inBrowser = canBrowse('<parley-metrics>')
const product = await startProduct()
const DEFAULTS = [
  'CONVERSATIONS',
  'END_USERS',
  'BOT_HANDLED_RATE',
  'ESCALATION_RATE',
  'SENTIMENT_MEAN',
  'DURATION_MEAN',
]

describe.runIf(inBrowser)('<parley-metrics>', () => {
  let browser: Browser
  let tenant: TestTenant
  let empty: TestTenant

  beforeAll(async () => {
    tenant = await product.server.newTenant({ timeZone: ZONE })
    empty = await product.server.newTenant({ timeZone: ZONE })
    await logConversations(tenant.ask)
    browser = await launchBrowser()
  }, 60_000)

  afterAll(() => browser?.close())

  const show = async (attributes = '', options: object = {}) => {
    const html = `<parley-metrics range="${RANGE}" ${attributes}></parley-metrics>`
    const page = await product.open(browser, tenant.ask, html, options)
    await loaded(page, 'parley-metrics')
    return page
  }

  test('the totals equal those of the API, across the change of clocks', async () => {
    const page = await show()
    const lines = await linesOf(tenant.ask, { measures: DEFAULTS, compareTo: 'PREVIOUS_PERIOD' })
    const values = await attributesOf(page, '.total data', 'value')
    expect(values).toEqual(lines.map(({ total }) => shown(total)))
    expect(await page.locator('dt').allTextContents()).toEqual([
      ...['Conversations', 'End users', 'Bot-handled rate', 'Escalation rate', 'Average sentiment', 'Average duration'],
    ])
    const texts = (await page.locator('.total').allTextContents()).map((text) => text.replaceAll('\u00a0', ' '))
    expect(texts).toEqual(['10', '5', '50.0%', '50.0%', '-0.23', '1 min'])
  })

  test('the change has a sentence, and a colour if more is good or bad', async () => {
    const page = await show('measures="CONVERSATIONS,SENTIMENT_MEAN,ESCALATION_RATE"')
    const texts = await page.locator('.change').allTextContents()
    expect(texts.map((text) => text.replaceAll(/\s+/g, ' ').trim())).toEqual([
      '↑ 400% 400% more than the previous period. Previous: 2',
      '↓ 0.33 0.33 less than the previous period. Previous: +0.10',
      'No change Same as the previous period. Previous: 50.0%',
    ])
    expect(await attributesOf(page, '.delta', 'class')).toEqual(['delta neutral', 'delta bad', 'delta was'])
  })

  test('rates of outcomes are no data if no conversation has an outcome', async () => {
    const { ask } = await product.server.newTenant({ timeZone: ZONE })
    await log(ask, { startedAt: '2026-03-06T15:00:00Z', messages: [{ chat: { role: 'USER', content: 'Hello' } }] })
    const page = await product.open(browser, ask, `<parley-metrics range="${RANGE}"></parley-metrics>`)
    await loaded(page, 'parley-metrics')
    const values = await attributesOf(page, '.total data', 'value')
    expect(values.slice(0, 4)).toEqual(['1', '0', '', ''])
    expect(values).toHaveLength(6)
  })

  test('without comparison there is nothing of the previous period', async () => {
    const page = await show('compare="false"')
    expect(await page.locator('.tile').count()).toBe(6)
    expect(await page.locator('.change').count()).toBe(0)
  })

  test.each([
    [1280, 6],
    [800, 3],
    [390, 2],
  ])('at a width of %d there are %d columns, and the page does not scroll sideways', async (width, columns) => {
    const page = await show('', { viewport: { width, height: 800 } })
    const tops = await Promise.all((await page.locator('.tile').all()).map((tile) => tile.boundingBox()))
    expect(tops.filter((box) => box?.y === tops[0]?.y)).toHaveLength(columns)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
  })

  test('it is as high while it loads, and without data', async () => {
    const html = '<parley-metrics></parley-metrics>'
    const waiting = await product.open(browser, tenant.ask, html, { isConfigured: false })
    await waiting.locator('.skeleton').first().waitFor()
    const none = await product.open(browser, empty.ask, html)
    await loaded(none, 'parley-metrics')
    expect(await none.locator('parley-metrics').getAttribute('state')).toBe('empty')
    const pages = [await show(), none, await show('measures="A,B,C,D,E,F"'), waiting]
    const heights = await Promise.all(pages.map((page) => heightOf(page, 'parley-metrics')))
    expect(new Set(heights).size, heights.join()).toBe(1)
  })

  test('a measure that does not exist is an error that names it', async () => {
    const page = await show('measures="CONVERSATIONS,NONE_SUCH"')
    expect(await page.getByRole('alert').textContent()).toContain('The attribute measures is invalid: NONE_SUCH')
  })

  test('the CSV has the exact totals', async () => {
    const page = await show('measures="CONVERSATIONS,SENTIMENT_MEAN"')
    const lines = await linesOf(tenant.ask, {
      measures: ['CONVERSATIONS', 'SENTIMENT_MEAN'],
      compareTo: 'PREVIOUS_PERIOD',
    })
    const csv = await page.evaluate<string>("document.querySelector('parley-metrics').exportCsv()")
    const context = `2026-03-06T05:00:00.000Z,2026-03-10T04:00:00.000Z,${ZONE},DAY,false,`
    expect(csv.split('\r\n')).toEqual([
      'measure,value,sampleCount,previousValue,rangeFrom,rangeTo,timeZone,interval,includeTests,filter',
      `CONVERSATIONS,10,10,2,${context}`,
      `SENTIMENT_MEAN,${lines[1]?.total},8,${lines[1]?.previousTotal},${context}`,
      '',
    ])
  })

  test('a range by name is compared with as much of the period before', async () => {
    const page = await product.open(browser, tenant.ask, '', { isConfigured: false })
    const asked: { range: { to: string }; compareTo: string | null }[] = []
    await page.route('**/graphql', (route) => {
      const { variables } = route.request().postDataJSON()
      if (variables?.range) asked.push(variables)
      return route.continue()
    })
    const before = Date.now()
    await page.evaluate("configure(); document.body.innerHTML = '<parley-metrics range=today></parley-metrics>'")
    await loaded(page, 'parley-metrics')
    expect(asked).toHaveLength(1)
    expect(Date.parse(asked[0]?.range.to ?? '')).toBeGreaterThanOrEqual(before)
    expect(Date.parse(asked[0]?.range.to ?? '')).toBeLessThanOrEqual(Date.now())
  })

  test.each(['light', 'dark'] as const)('axe finds nothing, %s', async (colorScheme) => {
    const page = await show('', { colorScheme })
    await page.evaluate(AXE)
    const told = () =>
      page.evaluate(
        'axe.run("parley-metrics").then(({ violations }) => violations.map(({ id, nodes }) => id + nodes[0].html))',
      )
    expect(await told()).toEqual([])
    for (const change of [{ range: '2020-01-01/2020-01-03' }, { measures: 'WRONG' }]) {
      await page.locator('parley-metrics').evaluate((element, given) => void Object.assign(element, given), change)
      await page.locator('parley-metrics[state=empty], parley-metrics[state=error]').waitFor()
      await loaded(page, 'parley-metrics')
      expect(await told()).toEqual([])
    }
  })
})
