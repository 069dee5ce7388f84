import type { Browser, Page } from 'playwright-core'
import { log } from '../conversations/conversations.ts'
import type { Ask } from '../support/server.ts'
import type { OpenOptions, Product } from './page.ts'

/** Conversations around the night in which New York sets its clocks forward, and what the API says of them. */

export const ZONE = 'America/New_York'
export const RANGE = '2026-03-06/2026-03-10'

/** When they begin, their channel, plan and sentiment. No day has a sentiment but the 6th, 8th and 9th. */
const CONVERSATIONS: [startedAt: string, channel: string | null, plan: unknown, sentiment: number | null][] = [
  ['2026-03-03T17:00:00Z', 'VOICE', 'pro', 0.4],
  ['2026-03-04T17:00:00Z', 'CHAT', 'pro', -0.2],
  ['2026-03-06T15:00:00Z', 'CHAT', 'pro', 0.1],
  ['2026-03-06T16:00:00Z', 'CHAT', 'free', 0.2],
  ['2026-03-06T16:30:00Z', 'VOICE', null, -0.7],
  // The last moment of the 7th.
  ['2026-03-08T04:59:59.999Z', 'CHAT', 'pro', null],
  ['2026-03-08T05:00:00Z', 'CHAT', 'pro', -0.3],
  // The last before, and the first after the hour that is skipped.
  ['2026-03-08T06:59:59.999Z', null, 'free', -0.6],
  ['2026-03-08T07:00:00Z', 'EMAIL', 42, -0.65],
  ['2026-03-08T07:10:00Z', 'CHAT', '42', null],
  // The last moment of the day of 23 hours.
  ['2026-03-09T03:59:59.999Z', null, undefined, -0.2],
  ['2026-03-09T04:00:00Z', 'VOICE', 'pro', 0.33],
]

export async function logConversations(ask: Ask): Promise<void> {
  const all = CONVERSATIONS.map(([startedAt, channel, plan, sentiment], at) => ({
    startedAt,
    endedAt: new Date(Date.parse(startedAt) + 60_000 + at).toISOString(),
    endUserId: `user-${at % 5}`,
    outcome: at % 2 === 0 ? 'BOT_HANDLED' : 'EMAIL',
    ...(channel ? { channel } : {}),
    metadata: plan === undefined ? {} : { plan },
    messages: [{ chat: { role: 'USER', content: 'Hello', ...(sentiment === null ? {} : { sentiment }) } }],
  }))
  for (const input of all) await log(ask, input)
  await log(ask, { ...all[3], isTest: true })
}

const SERIES = `query ($measures: [SeriesMeasure!]!, $interval: SeriesInterval!, $range: TimeRange!, $groupBy: SeriesGroupBy, $compareTo: Comparison) {
  conversationSeries(measures: $measures, interval: $interval, range: $range, groupBy: $groupBy, compareTo: $compareTo) {
    lines { measure total previousTotal group { label } points { start label value } previousPoints { value } }
  }
}`

export interface ApiLine {
  measure: string
  total: number | null
  previousTotal: number | null
  group: { label: string } | null
  points: { start: string; label: string; value: number | null }[]
  previousPoints: { value: number | null }[] | null
}

export async function linesOf(ask: Ask, variables: object): Promise<ApiLine[]> {
  const [from, to] = RANGE.split('/')
  const { data, errors } = await ask(SERIES, { interval: 'DAY', range: { from, to }, ...variables })
  if (errors) throw new Error(JSON.stringify(errors))
  return data.conversationSeries.lines
}

/** What is in the elements, as long as a test needs it. */
export const loaded = async (page: Page, selector = 'parley-series') => {
  await page.waitForFunction(
    `[...document.querySelectorAll('${selector}')].every(({ state, isLoading }) => state !== 'loading' && !isLoading)`,
  )
  return page.locator(selector)
}

/** The exact values of a chart's table, row by row, with the total at the end. */
export const tableOf = (page: Page, chart = 0): Promise<string[][]> =>
  page.evaluate(`[...[...document.querySelector('parley-series').shadowRoot
    .querySelectorAll('figure')[${chart}].querySelectorAll('table')].at(-1).rows]
    .slice(1).map((row) => [...row.querySelectorAll('data')].map(({ value }) => value))`)

/** An attribute of all that match. */
export const attributesOf = async (page: Page, selector: string, name: string) =>
  Promise.all((await page.locator(selector).all()).map((one) => one.getAttribute(name)))

export async function heightOf(page: Page, selector: string): Promise<number | undefined> {
  const box = await page.locator(selector).first().boundingBox()
  return box?.height
}

/** As an element shows it in `<data>`. */
export const shown = (value: number | null | undefined) => (value == null ? '' : String(value))

/** Opens a page with one chart of the known range, and waits until it is drawn. */
export async function openSeries(
  product: Product,
  browser: Browser,
  ask: Ask,
  attributes: string,
  options: OpenOptions = {},
): Promise<Page> {
  const page = await product.open(
    browser,
    ask,
    `<parley-series range="${RANGE}" ${attributes}></parley-series>`,
    options,
  )
  await loaded(page)
  return page
}
