import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canBrowse, launchBrowser } from '../support/browser.ts'
import type { TestTenant } from '../support/server.ts'
import { AXE } from './axe.ts'
import { type OpenOptions, startProduct } from './page.ts'
import { heightOf, linesOf, loaded, logConversations, openSeries, RANGE, shown, tableOf, ZONE } from './series-data.ts'

/** `<parley-series>` in a real browser, against a server with known data. */

const inBrowser = canBrowse('<parley-series>')
const product = await startProduct()

describe.runIf(inBrowser)('<parley-series>', () => {
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

  const show = (attributes: string, options: OpenOptions = {}) =>
    openSeries(product, browser, tenant.ask, attributes, options)

  test.each(['HOUR', 'DAY', 'WEEK'])(
    'the numbers by %s equal those of the API, across the change of clocks',
    async (interval) => {
      const measures = ['CONVERSATIONS', 'SENTIMENT_MEAN', 'DURATION_MEAN', 'BOT_HANDLED_RATE']
      const page = await show(`measures="${measures.join()}" interval="${interval}" compare`)
      const lines = await linesOf(tenant.ask, { measures, interval, compareTo: 'PREVIOUS_PERIOD' })
      expect(lines[0]?.points.length).toBe({ HOUR: 95, DAY: 4, WEEK: 2 }[interval])
      for (const [at, { points, previousPoints, total, previousTotal }] of lines.entries())
        expect(await tableOf(page, at)).toEqual([
          ...points.map(({ value }, bucket) => [shown(value), shown(previousPoints?.[bucket]?.value)]),
          [shown(total), shown(previousTotal)],
        ])
    },
  )

  test('the day of 23 hours has its conversations, and no others', async () => {
    const page = await show('measures="CONVERSATIONS" interval="DAY"')
    expect(await tableOf(page)).toEqual([['3'], ['1'], ['5'], ['1'], ['10']])
    const names = await page.locator('tbody th').allTextContents()
    expect(names.map((name) => name.trim())).toEqual([
      'Fri, 6 Mar 2026',
      'Sat, 7 Mar 2026',
      'Sun, 8 Mar 2026',
      'Mon, 9 Mar 2026',
    ])
    expect(await page.locator('.total').first().textContent()).toBe('10')
  })

  test('the hour that the clock skips has no bucket', async () => {
    const page = await show('measures="CONVERSATIONS" interval="HOUR"')
    const rows = await page.locator('tbody tr').allTextContents()
    const eighth = rows.map((row) => row.replaceAll(/\s+/g, ' ').trim()).filter((row) => row.includes('8 Mar'))
    expect(eighth).toHaveLength(23)
    expect(eighth.slice(0, 4).map((row) => row.slice(-7))).toEqual(['00:00 1', '01:00 1', '03:00 2', '04:00 0'])
  })

  test('no data is a gap and is read as such, and is not zero', async () => {
    const page = await show('measures="SENTIMENT_MEAN" interval="DAY"')
    const [, seventh] = await tableOf(page)
    expect(seventh).toEqual([''])
    expect(await page.locator('tbody tr').nth(1).locator('td').textContent()).toBe('–no data')
    const path = await page.locator('path.line').first().getAttribute('d')
    expect(path?.match(/M/g)).toHaveLength(2)
    expect(path?.match(/L/g)).toHaveLength(1)
    expect(await page.locator('circle.dot').count()).toBe(1)
  })

  test('below zero there is a line of zero', async () => {
    const page = await show('measures="SENTIMENT_MEAN" interval="DAY"')
    const zero = Number(await page.locator('line.zero').getAttribute('y1'))
    const ticks = await page.locator('text.tick').allTextContents()
    expect(ticks).toContain('-0.2')
    expect(zero).toBeGreaterThan(10)
    expect(zero).toBeLessThan(194)
  })

  test('the change against the previous period is said', async () => {
    const page = await show('measures="CONVERSATIONS,SENTIMENT_MEAN" interval="DAY" compare')
    expect((await page.locator('.change').first().textContent())?.replaceAll(/\s+/g, ' ').trim()).toBe(
      '↑ 400% 400% more than the previous period. Previous: 2',
    )
    expect(await page.locator('rect.previous').count()).toBe(2)
    expect(await page.locator('path.previous').count()).toBe(1)
  })

  test('the CSV has the exact values, and names filter and range', async () => {
    const page = await show(`measures="SENTIMENT_MEAN" interval="DAY" compare filter='{"isTest":false}'`)
    const csv = await page.evaluate<string>("document.querySelector('parley-series').exportCsv()")
    const [line] = await linesOf(tenant.ask, { measures: ['SENTIMENT_MEAN'], compareTo: 'PREVIOUS_PERIOD' })
    const rows = csv.split('\r\n')
    expect(rows[0]).toBe(
      'measure,bucket,start,end,isPartial,value,sampleCount,previousBucket,previousValue,rangeFrom,rangeTo,timeZone,interval,includeTests,filter',
    )
    const context = `2026-03-06T05:00:00.000Z,2026-03-10T04:00:00.000Z,${ZONE},DAY,false,"{""isTest"":false}"`
    expect(rows[1]).toBe(
      `SENTIMENT_MEAN,2026-03-06,2026-03-06T05:00:00.000Z,2026-03-07T05:00:00.000Z,false,${line?.points[0]?.value},3,2026-03-02,,${context}`,
    )
    expect(rows[3]).toContain(`,${line?.points[2]?.value},4,2026-03-04,-0.2,`)
    expect(rows).toHaveLength(6)
  })

  test('it is as high in every state', async () => {
    const html = '<parley-series measures="CONVERSATIONS,SENTIMENT_MEAN"></parley-series>'
    const waiting = await product.open(browser, tenant.ask, html, { isConfigured: false })
    await waiting.locator('.skeleton').first().waitFor()
    const full = await show('measures="CONVERSATIONS,SENTIMENT_MEAN"')
    const grouped = await show('measures="CONVERSATIONS,SENTIMENT_MEAN" group-by="CHANNEL"')
    const none = await product.open(browser, empty.ask, html)
    await loaded(none)
    expect(await none.locator('parley-series').getAttribute('state')).toBe('empty')
    const wrong = await show('measures="CONVERSATIONS,WRONG"')
    const height = await heightOf(waiting, 'parley-series')
    expect(height).toBeGreaterThan(500)
    expect(await Promise.all([full, grouped, none, wrong].map((page) => heightOf(page, 'parley-series')))).toEqual([
      height,
      height,
      height,
      height,
    ])
    await full.getByRole('button', { name: 'Show as table: Conversations' }).click()
    expect(await heightOf(full, 'parley-series')).toBe(height)
    await full.locator('parley-series').evaluate((element) => void Object.assign(element, { height: 300 }))
    expect(await heightOf(full, '.plot')).toBe(300)
  })

  test.each([
    ['measures="CONVERSATONS"', 'The attribute measures is invalid: CONVERSATONS'],
    ['interval="FORTNIGHT"', 'The attribute interval is invalid: FORTNIGHT'],
    ['range="yesterday"', 'The attribute range is invalid: yesterday'],
    ['group-by="COLOUR"', 'The attribute group-by is invalid: COLOUR'],
    ['group-by="metadata:[]"', 'The attribute group-by is invalid: metadata:[]'],
    ['week-start="SOMEDAY"', 'The attribute week-start is invalid: SOMEDAY'],
    ['chart="pie"', 'The attribute chart is invalid: pie'],
    ['filter="{"', 'The attribute filter is invalid: {'],
  ])('%s is an error that says so, and nothing is sent', async (attributes, message) => {
    const script = "window.errors = []; addEventListener('parley-error', ({ detail }) => errors.push(detail.code))"
    const page = await product.open(browser, tenant.ask, `<parley-series ${attributes}></parley-series>`, { script })
    const sent: string[] = []
    page.on('request', (request) => sent.push(request.url()))
    await loaded(page)
    expect(await page.getByRole('alert').textContent()).toContain(message)
    expect(await page.evaluate('errors')).toEqual(['INVALID_ATTRIBUTE'])
    expect(sent.filter((url) => url.endsWith('/graphql'))).toEqual([])
    await page.locator('parley-series').evaluate((element) => {
      for (const { name } of [...element.attributes]) if (name !== 'state') element.removeAttribute(name)
      Object.assign(element, { measures: 'CONVERSATIONS', range: 'last-7-days', chart: 'auto' })
    })
    await page.locator('figure').waitFor()
  })

  test('attributes that change at once lead to one request, and an older answer never replaces a newer one', async () => {
    const page = await show('measures="CONVERSATIONS" interval="DAY"')
    let release: (() => void) | null = null
    const asked: string[] = []
    await page.route('**/graphql', async (route) => {
      const { variables } = route.request().postDataJSON()
      asked.push(`${variables.measures} ${variables.interval}`)
      if (variables.measures[0] === 'MESSAGES') await new Promise<void>((resolve) => (release = resolve))
      await route.continue().catch(() => {})
    })
    const change = (values: object) =>
      page.locator('parley-series').evaluate((element, given) => void Object.assign(element, given), values)
    await change({ measures: 'MESSAGES', interval: 'HOUR' })
    await expect.poll(() => release !== null).toBe(true)
    expect(await page.locator('.root').getAttribute('aria-busy')).toBe('true')
    // What was loaded is still there.
    expect(await tableOf(page)).toEqual([['3'], ['1'], ['5'], ['1'], ['10']])
    await change({ measures: 'END_USERS', interval: 'WEEK' })
    await page.locator('figure', { hasText: 'End users' }).waitFor()
    if (release) (release as () => void)()
    await page.evaluate('new Promise((resolve) => setTimeout(resolve, 50))')
    expect(await page.locator('.title').textContent()).toBe('End users')
    expect(asked).toEqual(['MESSAGES HOUR', 'END_USERS WEEK'])
    expect(await page.locator('.root').getAttribute('aria-busy')).toBe('false')
  })

  test('an element that is moved while it loads shows what it has loaded', async () => {
    const html = `<parley-series range="${RANGE}"></parley-series><div id="there"></div>`
    const page = await product.open(browser, tenant.ask, html, { isConfigured: false })
    let asked = 0
    // The first answer never comes.
    await page.route('**/graphql', (route) => {
      if (!route.request().postDataJSON().variables?.measures) return route.continue()
      asked += 1
      return asked === 1 ? undefined : route.continue()
    })
    await page.evaluate('configure()')
    await expect.poll(() => asked).toBe(1)
    await page.evaluate("there.append(document.querySelector('parley-series'))")
    await page.locator('#there parley-series figure').waitFor()
    expect(await page.locator('parley-series').getAttribute('state')).toBe('ready')
  })

  test.each(['light', 'dark'] as const)('axe finds nothing, %s', async (colorScheme) => {
    const page = await show('measures="CONVERSATIONS,SENTIMENT_MEAN" interval="DAY" group-by="CHANNEL" compare', {
      colorScheme,
    })
    await page.evaluate(AXE)
    const violations = () =>
      page.evaluate<{ id: string; nodes: { html: string; failureSummary: string }[] }[]>(
        'axe.run("parley-series").then(({ violations }) => violations)',
      )
    const told = async () =>
      (await violations()).map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`)
    expect(await told()).toEqual([])
    await page
      .getByRole('button', { name: /^Show as table/ })
      .first()
      .click()
    await page.locator('.plot').focus()
    await page.keyboard.press('Home')
    expect(await told()).toEqual([])
    for (const change of [{ range: '2020-01-01/2020-01-03', groupBy: null }, { measures: 'WRONG' }]) {
      await page.locator('parley-series').evaluate((element, given) => void Object.assign(element, given), change)
      await page.locator('parley-series[state=empty], parley-series[state=error]').waitFor()
      await loaded(page)
      expect(await told()).toEqual([])
    }
  })
})
