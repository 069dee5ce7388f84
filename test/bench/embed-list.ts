import { chromium, type Page, type Route } from 'playwright-core'
import { buildEmbed } from '../../src/http/embed/build-embed.ts'
import { CHROMIUM } from '../support/chromium.ts'

/**
 * `node test/bench/embed-list.ts`: how long each frame takes while 10,000 conversations are
 * scrolled, in `<parley-conversations>`, and in a list that has all rows in the document with `content-visibility: auto`.
 */

const ROWS = 10_000
const FRAMES = 300
/** A fast wheel; and a scroll bar that is dragged, where each frame shows other rows. */
const STEPS_PX = [240, 2_000]
const ORIGIN = 'http://bench.example'

const conversation = (number: number) => ({
  id: `conv_${number}`,
  externalId: null,
  status: ['ACTIVE', 'COMPLETED', 'FAILED'][number % 3],
  channel: ['CHAT', 'EMAIL', 'VOICE'][number % 3],
  title: null,
  startedAt: new Date(Date.UTC(2026, 0, 1) - number * 60_000).toISOString(),
  durationMs: 60_000,
  messageCount: number % 40,
  sentimentLabel: ['POSITIVE', 'NEUTRAL', 'NEGATIVE'][number % 3],
  endUserId: null,
  agents: [{ id: 'agent_1', name: 'Order bot' }],
  messages: { nodes: [{ role: 'USER', content: `Where is my order ${number}? It should have been here a week ago.` }] },
})

/** Answers as the server does. A cursor is the number of a row. */
function answer(query: string, { first = 0, after }: { first?: number; after?: string | null }) {
  if (query.startsWith('query ParleyViewer'))
    return { viewer: { scopes: ['CONVERSATIONS_READ'], tenant: { name: 'bench', timeZone: 'Europe/Berlin' } } }
  if (query.startsWith('query ParleyConversationCount')) return { conversations: { totalCount: ROWS } }
  const from = after ? Number(after) + 1 : 0
  const nodes = Array.from({ length: Math.min(first, ROWS - from) }, (_, at) => conversation(from + at))
  const endCursor = String(from + nodes.length - 1)
  return {
    conversations: {
      nodes,
      pageInfo: { startCursor: String(from), endCursor, hasNextPage: Number(endCursor) < ROWS - 1 },
    },
  }
}

const PAGE = `<!doctype html><meta charset="utf-8"><script type="module">
  import { configure } from './embed/v1.js'
  configure({ url: '/graphql', fetchToken: async () => ({ token: 'x', expiresInSeconds: 3600 }) })
</script><parley-conversations page-size="100"></parley-conversations>`

/** Runs in the page: scrolls through the list and returns how long each frame took, in milliseconds. */
const scroll = (stepPx: number) => `(async () => {
  const scroller = document.querySelector('parley-conversations').shadowRoot.querySelector('.scroller')
  const frame = () => new Promise(requestAnimationFrame)
  scroller.scrollTop = 0
  for (let count = 0; count < 10; count += 1) await frame()
  const took = []
  let before = await frame()
  for (let count = 0; count < ${FRAMES}; count += 1) {
    scroller.scrollTop = (scroller.scrollTop + ${stepPx}) % (scroller.scrollHeight - scroller.clientHeight)
    const now = await frame()
    took.push(now - before)
    before = now
  }
  return took
})()`

/** Runs in the page: puts all rows into the document, in the place of the list. */
const SHOW_ALL = `(async () => {
  const root = document.querySelector('parley-conversations').shadowRoot
  const rows = root.querySelectorAll('[role=option]')
  const all = root.querySelector('.scroller').cloneNode(false)
  const sheet = new CSSStyleSheet()
  sheet.replaceSync('.all .row { content-visibility: auto; contain-intrinsic-size: auto 67px }')
  root.adoptedStyleSheets.push(sheet)
  all.classList.add('all')
  const began = performance.now()
  for (let number = 0; number < ${ROWS}; number += 1) all.append(rows[number % rows.length].cloneNode(true))
  root.querySelector('.conversations').replaceWith(all)
  all.scrollTop
  return performance.now() - began
})()`

function report(name: string, frames: number[]) {
  const sorted = frames.toSorted((one, other) => one - other)
  const at = (part: number) => (sorted[Math.floor(part * (sorted.length - 1))] ?? 0).toFixed(1)
  const late = frames.filter((ms) => ms > 25).length
  console.log(
    `${name}: median ${at(0.5)} ms, 95 % ${at(0.95)} ms, longest ${at(1)} ms, ${late} of ${frames.length} late`,
  )
}

async function loadAll(page: Page) {
  await page.locator('[role=option]').first().waitFor()
  const isWhole = `(() => {
    const scroller = document.querySelector('parley-conversations').shadowRoot.querySelector('.scroller')
    scroller.scrollTop = scroller.scrollHeight
    return scroller.querySelector('.end').textContent.startsWith('No more')
  })()`
  await page.waitForFunction(isWhole, undefined, { timeout: 120_000 })
}

const { entry, lists } = await buildEmbed()
const serve = (route: Route) => {
  const { pathname } = new URL(route.request().url())
  const script = [entry, lists].find(({ name }) => pathname === `/embed/${name}`)
  if (script) return route.fulfill({ contentType: 'text/javascript', body: script.text })
  if (pathname !== '/graphql') return route.fulfill({ contentType: 'text/html', body: PAGE })
  const { query, variables } = route.request().postDataJSON()
  return route.fulfill({ json: { data: answer(query, variables ?? {}) } })
}

const browser = await chromium.launch({
  executablePath: CHROMIUM,
  args: ['--no-sandbox', '--disable-gpu'],
})
const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
await page.route('**/*', serve)
await page.goto(ORIGIN)
const began = performance.now()
await loadAll(page)
console.log(`${ROWS} rows loaded in ${(performance.now() - began).toFixed(0)} ms`)
const elements = `document.querySelector('parley-conversations').shadowRoot.querySelectorAll('*').length`
const measure = async () => {
  for (const stepPx of STEPS_PX) report(`${stepPx} px a frame`, await page.evaluate(scroll(stepPx)))
}
console.log(`only the rows near the screen, ${await page.evaluate(elements)} elements`)
await measure()
const made = await page.evaluate<number>(SHOW_ALL)
console.log(
  `all rows, content-visibility: auto, ${await page.evaluate(elements)} elements, made in ${made.toFixed(0)} ms`,
)
await measure()
await browser.close()
