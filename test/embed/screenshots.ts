import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { CHROMIUM } from '../support/chromium.ts'
import { listen } from './host-server.ts'
import { configuring } from './pages.ts'
import { runParley } from './parley-process.ts'
import { logShopData } from './shop-data.ts'

/**
 * `node test/embed/screenshots.ts FOLDER [PART OF A NAME]` makes a picture of each component in each of its states, in light and dark, wide
 * and narrow. For people who change how something looks: look at them before and after.
 */
interface Picture {
  body: string
  /** Whose tokens: `shop` has everything, `nobody` nothing, `numbers` and `texts` have one scope, `refused` and `waiting` no token. */
  customer?: string
  /** Brings the page into the state that is shown. */
  act?: (page: Page) => Promise<unknown>
  state?: string
}

const DASHBOARD = '<parley-dashboard heading compare></parley-dashboard>'
const SERIES = '<parley-series measures="CONVERSATIONS" compare></parley-series>'
const GROUPED = '<parley-series measures="CONVERSATIONS,SENTIMENT_MEAN" group-by="CHANNEL"></parley-series>'
const METRICS = '<parley-metrics compare></parley-metrics>'
const LIST = '<parley-conversations></parley-conversations>'
const ONE = '<parley-conversation id="one"></parley-conversation>'

const states = (name: string, body: string): [string, Picture][] => [
  [name, { body }],
  [`${name}-empty`, { body, customer: 'nobody', state: 'empty' }],
  [`${name}-error`, { body, customer: 'refused', state: 'error' }],
  [`${name}-loading`, { body, customer: 'waiting', state: 'loading' }],
]

const openFirst = async (page: Page) => {
  await page.locator('parley-dashboard [role=option]').nth(1).click()
  await page.locator('parley-dashboard parley-conversation[state=ready]').waitFor()
}

const PICTURES: Record<string, Picture> = Object.fromEntries([
  ...states('dashboard', DASHBOARD),
  ['dashboard-open', { body: DASHBOARD, act: openFirst }],
  ['dashboard-numbers', { body: DASHBOARD, customer: 'numbers' }],
  ['dashboard-texts', { body: DASHBOARD, customer: 'texts' }],
  [
    'dashboard-filters',
    {
      body: DASHBOARD,
      act: (page) =>
        page
          .locator('parley-dashboard .toggle')
          .click({ timeout: 1_000 })
          .catch(() => {}),
    },
  ],
  ...states('series', SERIES),
  ['series-grouped', { body: GROUPED }],
  ['series-tooltip', { body: GROUPED, act: (page) => page.locator('parley-series .plot').first().hover() }],
  ['series-unauthorized', { body: SERIES, customer: 'texts', state: 'unauthorized' }],
  ...states('metrics', METRICS),
  ...states('conversations', LIST),
  ['conversations-unauthorized', { body: LIST, customer: 'numbers', state: 'unauthorized' }],
  ...states('conversation', ONE),
])

const [folder, only = ''] = process.argv.slice(2)
if (!folder) throw new Error('usage: node test/embed/screenshots.ts FOLDER [PART OF A NAME]')
mkdirSync(folder, { recursive: true })
const { host, close } = await listen()
const parley = await runParley(host.origin)
const browser = await chromium.launch({
  executablePath: CHROMIUM,
  args: ['--no-sandbox'],
})
try {
  const id = await fill()
  for (const [name, picture] of Object.entries(PICTURES).filter(([name]) => name.includes(only)))
    await take(browser, name, picture, id)
} finally {
  await browser.close()
  close()
  await parley.stop()
}

/** Gives all customers their data. Returns the id of a conversation. */
async function fill(): Promise<string> {
  const shop = await parley.newTenant('shop', 'Northwind Outfitters')
  await logShopData((document, variables) => parley.ask(shop, document, variables))
  const nobody = await parley.newTenant('nobody', 'Brand New Ltd')
  const give = (name: string, key: string, scopes: string[]) =>
    host.giveTokens(name, async () => {
      const document =
        'mutation ($input: CreateEmbedTokenInput!) { createEmbedToken(input: $input) { token expiresInSeconds } }'
      return (await parley.ask(key, document, { input: { scopes, documents: 'COMPONENTS' } })).data.createEmbedToken
    })
  give('shop', shop, ['ANALYTICS_READ', 'CONVERSATIONS_READ'])
  give('nobody', nobody, ['ANALYTICS_READ', 'CONVERSATIONS_READ'])
  give('numbers', shop, ['ANALYTICS_READ'])
  give('texts', shop, ['CONVERSATIONS_READ'])
  host.giveTokens('refused', () => Promise.reject(new Error('signed out')))
  host.giveTokens('waiting', () => new Promise(() => {}))
  const { data } = await parley.ask(shop, '{ conversations(first: 8) { nodes { id } } }')
  return data.conversations.nodes[7].id
}

async function take(
  browser: Browser,
  name: string,
  { body, customer = 'shop', act, state = 'ready' }: Picture,
  id: string,
) {
  const script = configuring(
    `${parley.origin}/`,
    customer,
    `for (const one of document.querySelectorAll('#one')) one.conversationId = '${id}'`,
  )
  const style =
    ':root { color-scheme: light dark; background: light-dark(#fff, #0e1014) } body { margin: 24px } @media (max-width: 500px) { body { margin: 12px } }'
  const url = host.page({ body, script, style })
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1280, 390]) {
      const page = await browser.newPage({
        colorScheme,
        viewport: { width, height: width > 500 ? 900 : 844 },
        deviceScaleFactor: 1,
      })
      await page.goto(url)
      const isThere = `[...document.querySelectorAll('main > *')].every((element) => ['${state}', 'ready'].includes(element.state) && !(${state === 'ready'} && element.isLoading))`
      await page
        .waitForFunction(isThere, undefined, { timeout: 20_000 })
        .catch(() => console.warn(`${name}: is not ${state}`))
      if (body === DASHBOARD && state === 'ready')
        await page.waitForFunction(
          `[...document.querySelector('parley-dashboard').shadowRoot.querySelectorAll('parley-metrics, parley-series, parley-conversations')].every(({ state }) => state === 'ready' || state === 'empty')`,
          undefined,
          { timeout: 20_000 },
        )
      await act?.(page)
      await page.waitForTimeout(300)
      await page.screenshot({
        path: join(resolve(folder ?? ''), `${name}-${colorScheme}-${width}.png`),
        fullPage: !name.startsWith('dashboard-open'),
      })
      await page.close()
    }
  }
}
