import { readdirSync, readFileSync } from 'node:fs'
import type { Browser, Page, Request } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { LINES } from '../../src/demo/live-conversation.ts'
import { canBrowse, launchBrowser } from '../support/browser.ts'
import { Command, useProcesses } from '../support/process.ts'

/** `npm run demo` in a real browser. */

useProcesses()

const inBrowser = canBrowse('The demo')

/** What the page shows of them. */
const SHOWN = LINES.map((line) => ('tool' in line ? line.tool.name : line.content))

const isStream = (request: Request) => request.headers()['accept'] === 'text/event-stream'

/** Runs in the page: what streams bring is noted as it comes, since they have no body before they end. */
const NOTE_RECEIVED = `{
  const fetchPlain = window.fetch
  window.fetch = async (...request) => {
    const response = await fetchPlain(...request)
    if (!response.headers.get('content-type')?.includes('event-stream')) return response
    const [mine, yours] = response.body.tee()
    mine.pipeThrough(new TextDecoderStream()).pipeTo(new WritableStream({ write: noteReceived })).catch(() => {})
    return new Response(yours, response)
  }
}`

/** What everybody on the machine can read about the import that the demo runs. */
const argumentsOfImports = () =>
  (process.platform === 'linux' ? readdirSync('/proc') : [])
    .filter((name) => /^\d+$/.test(name))
    .map(commandLine)
    .filter((text) => text.includes('import.ts') && text.includes('--tenant acme'))

function commandLine(pid: string) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    // The process has ended.
    return ''
  }
}

describe.skipIf(!inBrowser)('the demo', () => {
  let demo: Command
  let browser: Browser
  let page: Page
  /** All that the page was sent, and all that it complained of. */
  const received: string[] = []
  const complaints: string[] = []
  const requests: Request[] = []
  const importing: string[] = []
  const streams = () => requests.filter(isStream)
  const sessions = () => requests.filter((request) => request.url().endsWith('/parley-token'))

  beforeAll(async () => {
    demo = new Command('demo', { PORT: '0' })
    browser = await launchBrowser()
    page = await browser.newPage()
    await page.clock.install()
    await page.exposeFunction('noteReceived', (text: string) => void received.push(text))
    await page.addInitScript(NOTE_RECEIVED)
    page.on('pageerror', ({ message }) => complaints.push(message))
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
    page.on('response', async (response) => {
      received.push(JSON.stringify(await response.allHeaders()))
      if (!isStream(response.request())) received.push(await response.text().catch(() => ''))
    })
    page.on('request', (request) => requests.push(request))
    const url = await vi.waitFor(() => {
      importing.push(...argumentsOfImports())
      const [, at] = /page is at (\S+),/.exec(demo.stdout) ?? []
      if (!at) throw new Error(`${demo.stdout}${demo.stderr}`)
      return at
    }, 150_000)
    await page.goto(url)
    // The live conversation may begin after the page was opened.
    await rows()
      .filter({ has: page.locator('.status.active') })
      .click()
    await messages().first().waitFor()
  }, 200_000)

  const rows = () => page.locator('parley-conversations [role=option]')
  const messages = () => page.locator('parley-conversation :is(.content, .tool .name)')
  const status = () => page.locator('parley-conversation .facts .status')

  afterAll(() => browser?.close())

  test.runIf(process.platform === 'linux')('gives the import its key, but not as an argument', () => {
    expect(importing.length).toBeGreaterThan(0)
    expect(importing.filter((text) => text.includes('parley_'))).toEqual([])
  })

  test('shows the imported conversations, newest first, and their number in every place', async () => {
    // The live conversation may begin while this looks: the numbers follow within ten seconds.
    const told = async () => [
      await page.locator('parley-metrics .tile').first().locator('.total').textContent(),
      Number.parseInt((await page.locator('parley-conversations .count').textContent()) ?? '', 10),
      await rows().count(),
    ]
    await expect.poll(async () => new Set((await told()).map(Number)).size, { timeout: 30_000 }).toBe(1)
    expect(await rows().count()).toBeGreaterThan(5)
    const begun = await rows()
      .locator('time')
      .evaluateAll((times) => times.map((time) => time.getAttribute('datetime')))
    expect(begun).toEqual(begun.toSorted().toReversed())
  })

  test('shows a conversation that goes on, message by message', async () => {
    expect(await status().textContent()).toBe('Active')
    const before = await messages().count()
    await expect.poll(() => messages().count(), { timeout: 30_000 }).toBeGreaterThanOrEqual(before + 3)
    const texts = await messages().allTextContents()
    expect(texts.slice(0, SHOWN.length)).toEqual(SHOWN.slice(0, texts.length))
  })

  test('keeps the list up to date with it', async () => {
    const count = async () => Number.parseInt((await rows().first().locator('.messages').textContent()) ?? '', 10)
    const before = await count()
    await expect.poll(count, { timeout: 30_000 }).toBeGreaterThan(before)
  })

  test('goes on where it was when the connection breaks, and misses nothing', async () => {
    await page.context().setOffline(true)
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    await page.context().setOffline(false)
    await expectToGrow()
  })

  /** That the live conversation has grown, and holds every message once and in its place. */
  async function expectToGrow() {
    const before = await messages().count()
    await expect.poll(() => messages().count(), { timeout: 30_000 }).toBeGreaterThanOrEqual(before + 2)
    const texts = await messages().allTextContents()
    expect(texts).toEqual(texts.map((_, place) => SHOWN[place % SHOWN.length]))
  }

  test('takes a connection that says nothing for dead, and goes on with another', async () => {
    const [before, tokens] = [streams().length, sessions().length]
    await page.clock.fastForward(31_000)
    await vi.waitFor(() => expect(streams().length).toBe(before + 1), 30_000)
    await expectToGrow()
    expect(sessions()).toHaveLength(tokens)
  })

  test('renews its token before it ends, and goes on with the new one', async () => {
    const [before, tokens] = [streams().length, sessions().length]
    await page.clock.fastForward(9 * 60_000)
    await vi.waitFor(() => expect(streams().length).toBeGreaterThan(before), 30_000)
    expect(sessions()).toHaveLength(tokens + 1)
    const sent = await Promise.all(streams().map((request) => request.headerValue('authorization')))
    expect(new Set(sent).size).toBe(2)
    expect(sent.at(-1)).not.toBe(sent[0])
    await expectToGrow()
  })

  test('holds no connection while nobody sees it, and goes on when somebody does', async () => {
    const look = (hidden: boolean) =>
      page.evaluate(`{
        Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true })
        document.dispatchEvent(new Event('visibilitychange'))
      }`)
    const before = streams().length
    await look(true)
    await vi.waitFor(async () => {
      for (const request of streams()) expect(request.failure(), request.url()).not.toBeNull()
    })
    await look(false)
    await vi.waitFor(() => expect(streams().length).toBe(before + 1), 30_000)
    await expectToGrow()
  })

  test('shows what was said as text, whatever it is', async () => {
    const marked = page.locator('parley-conversation .content', { hasText: '<b>quick</b>' })
    await marked.first().waitFor({ timeout: 30_000 })
    expect(await marked.first().textContent()).toBe('Thanks! I <3 your shop & its <b>quick</b> answers.')
    expect(await page.locator('parley-conversation .content *').count()).toBe(0)
  })

  test('filters, and shows a transcript that is picked', async () => {
    await page.locator('parley-dashboard select[aria-label=Status]').selectOption('COMPLETED')
    await expect.poll(() => page.locator('parley-conversations .status.active').count()).toBe(0)
    const picked = rows().nth(2)
    const said = await picked.locator('.excerpt').textContent()
    await picked.click()
    await expect.poll(() => status().textContent()).toBe('Completed')
    expect(await messages().first().textContent()).toBe(said)
  })

  test('saves its numbers as a file, under the strict policy of its page', async () => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.locator('parley-dashboard').getByRole('button', { name: 'Export CSV' }).click(),
    ])
    expect(download.suggestedFilename()).toBe('parley-last-7-days.csv')
    expect(readFileSync(await download.path(), 'utf8').split('\r\n').length).toBeGreaterThan(7)
  })

  test('fits a phone, and shows a conversation that is tapped there', async () => {
    await page.setViewportSize({ width: 360, height: 740 })
    const dialog = page.locator('parley-dashboard dialog')
    // The one that was open beside the list stays open.
    await dialog.getByRole('button', { name: 'Back' }).click()
    expect(await dialog.isVisible()).toBe(false)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
    const tapped = rows().nth(1)
    const said = await tapped.locator('.excerpt').textContent()
    await tapped.click()
    await messages().first().waitFor()
    expect(await messages().first().textContent()).toBe(said)
    expect(await dialog.boundingBox()).toEqual({ x: 0, y: 0, width: 360, height: 740 })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
  })

  test('never sends the key to the browser, and the browser complains of nothing', async () => {
    expect(received.some((text) => text.includes('"token":"ey'))).toBe(true)
    expect(received.some((text) => text.includes('conversationsChanged'))).toBe(true)
    expect(received.filter((text) => /parley_[0-9A-Za-z]/.test(text))).toEqual([])
    // But that it was offline.
    expect(complaints.filter((text) => !text.includes('ERR_INTERNET_DISCONNECTED'))).toEqual([])
  })

  test('ends with SIGINT, and leaves nothing behind', async () => {
    demo.signal('SIGINT')
    expect(await demo.ended).toBe(0)
    expect(demo.stderr).toBe('')
  })
})
