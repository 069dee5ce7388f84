import { gzipSync } from 'node:zlib'
import { type Browser, chromium, type Page } from 'playwright-core'
import { listen } from '../embed/host-server.ts'
import { configuring } from '../embed/pages.ts'
import { runParley } from '../embed/parley-process.ts'
import { logShopData } from '../embed/shop-data.ts'
import { CHROMIUM } from '../support/chromium.ts'

/** How soon a page shows its first chart, counted from the request for the script. `node test/bench/embed-first-chart.ts [ROUNDS]` */
const rounds = Number(process.argv[2] ?? 15)
const GOAL_MS = 1_000

const PAGES = {
  'a chart': '<parley-series></parley-series>',
  'a dashboard': '<parley-dashboard compare></parley-dashboard>',
}

/** Runs in the page: the time at which the first bar or line of a chart has been painted. */
const NOTE_CHART = `window.painted = new Promise((resolve) => {
  const chart = (root) => [...root.querySelectorAll('*')].find((element) =>
    (element.localName === 'figure' && element.querySelector('svg rect, svg path')) || (element.shadowRoot && chart(element.shadowRoot)))
  const look = () => {
    if (!chart(document)) return requestAnimationFrame(look)
    // The frame with it is on screen when the next one begins.
    requestAnimationFrame(() => resolve(performance.now()))
  }
  requestAnimationFrame(look)
})`

interface Times {
  script: number
  chart: number
}

async function measure(browser: Browser, url: string): Promise<Times> {
  // A profile of its own: nothing is cached.
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.addInitScript(NOTE_CHART)
  await page.goto(url)
  const painted = await page.evaluate<number>('painted')
  const { start, end } = await scriptOf(page)
  await context.close()
  return { script: end - start, chart: painted - start }
}

const scriptOf = (page: Page) =>
  page.evaluate<{ start: number; end: number }>(`{
    const { startTime: start, responseEnd: end } = performance.getEntriesByType('resource').find(({ name }) => name.endsWith('/embed/v1.js'))
    ;({ start, end })
  }`)

const { host, close } = await listen()
const parley = await runParley(host.origin)
const browser = await chromium.launch({
  executablePath: CHROMIUM,
  args: ['--no-sandbox'],
})
try {
  const key = await parley.newTenant('shop', 'Northwind Outfitters')
  await logShopData((document, variables) => parley.ask(key, document, variables))
  host.giveTokens('shop', async () => {
    const document = 'mutation { createEmbedToken(input: { documents: COMPONENTS }) { token expiresInSeconds } }'
    return (await parley.ask(key, document)).data.createEmbedToken
  })
  await printSizes()
  for (const [name, body] of Object.entries(PAGES)) {
    const url = host.page({ body, script: configuring(`${parley.origin}/`, 'shop') })
    await measure(browser, url)
    const times: Times[] = []
    for (let round = 0; round < rounds; round += 1) times.push(await measure(browser, url))
    const chart = spread(times.map((time) => time.chart))
    console.log(
      `${name}: the first chart after ${chart.text}, of which loading the script takes ${spread(times.map(({ script }) => script)).text}`,
    )
    console.log(chart.median <= GOAL_MS ? `  within the goal of ${GOAL_MS} ms` : `  MISSES the goal of ${GOAL_MS} ms`)
  }
} finally {
  await browser.close()
  close()
  await parley.stop()
}

async function printSizes() {
  const entry = await (await fetch(`${parley.origin}/embed/v1.js`)).text()
  const [lists = ''] = /lists-[0-9a-f]+\.js/.exec(entry) ?? []
  const chunk = await (await fetch(`${parley.origin}/embed/${lists}`)).text()
  const kilobytes = (text: string) => `${(gzipSync(text, { level: 9 }).length / 1_024).toFixed(1)} KB`
  console.log(`v1.js ${kilobytes(entry)}, the lists ${kilobytes(chunk)}, with gzip`)
}

function spread(values: number[]) {
  const sorted = values.toSorted((one, other) => one - other)
  const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  return { median, text: `${median.toFixed(0)} ms (${sorted[0]?.toFixed(0)} to ${sorted.at(-1)?.toFixed(0)})` }
}
