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
const SHOWN = LINES.map((line) => ('chat' in line ? line.chat.content : line.tool.name))

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
    await page.locator('#list button').first().waitFor()
  }, 200_000)

  afterAll(() => browser?.close())

  test.runIf(process.platform === 'linux')('gives the import its key, but not as an argument', () => {
    expect(importing.length).toBeGreaterThan(0)
    expect(importing.filter((text) => text.includes('parley_'))).toEqual([])
  })

  test('shows the imported conversations, newest first, in pages', async () => {
    const rows = page.locator('#list button')
    await vi.waitFor(async () => expect(await rows.count()).toBe(12), 30_000)
    await page.locator('#more').click()
    await vi.waitFor(async () => expect(await rows.count()).toBeGreaterThan(12), 30_000)
    expect(await page.locator('#week li').count()).toBe(7)
    expect(await page.locator('#total').textContent()).toMatch(/^[1-9]\d* conversations in seven days$/)
  })

  test('shows a conversation that goes on, message by message', async () => {
    expect(await page.locator('#state').textContent()).toBe('live')
    const messages = page.locator('#transcript li')
    const before = await messages.count()
    await vi.waitFor(async () => expect(await messages.count()).toBeGreaterThanOrEqual(before + 3), 30_000)
    const texts = await messages.locator('p').allTextContents()
    expect(texts.slice(0, SHOWN.length)).toEqual(SHOWN.slice(0, texts.length))
  })

  test('keeps the list up to date with it', async () => {
    const facts = page.locator('#list button').first().locator('.facts')
    const count = async () => Number(/(\d+) messages$/.exec((await facts.textContent()) ?? '')?.[1])
    const before = await count()
    await vi.waitFor(async () => expect(await count()).toBeGreaterThan(before), 30_000)
  })

  test('fits a phone', async () => {
    const wide = page.viewportSize()
    await page.setViewportSize({ width: 360, height: 740 })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
    if (wide) await page.setViewportSize(wide)
  })

  test('goes on where it was when the connection breaks, and misses nothing', async () => {
    await page.context().setOffline(true)
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    await page.context().setOffline(false)
    await expectToGrow()
  })

  /** That the live conversation has grown, and holds every message once and in its place. */
  async function expectToGrow() {
    const messages = page.locator('#transcript li p')
    const before = await messages.count()
    await vi.waitFor(async () => expect(await messages.count()).toBeGreaterThanOrEqual(before + 2), 30_000)
    for (const [place, text] of (await messages.allTextContents()).entries())
      expect(text).toBe(SHOWN[place % SHOWN.length])
  }

  test('takes a connection that says nothing for dead, and goes on with another', async () => {
    const [before, tokens] = [streams().length, sessions().length]
    await page.clock.fastForward(31_000)
    await vi.waitFor(() => expect(streams().length).toBe(before + 2), 30_000)
    await expectToGrow()
    expect(sessions()).toHaveLength(tokens)
  })

  test('renews its token before it ends, and goes on with the new one', async () => {
    const [before, tokens] = [streams().length, sessions().length]
    await page.clock.fastForward(9 * 60_000)
    await vi.waitFor(() => expect(streams().length).toBeGreaterThanOrEqual(before + 2), 30_000)
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
    await vi.waitFor(() => expect(streams().length).toBe(before + 2), 30_000)
    await expectToGrow()
  })

  test('shows what was said as text, whatever it is', async () => {
    const marked = page.locator('#transcript li p', { hasText: '<b>quick</b>' })
    await marked.first().waitFor({ timeout: 30_000 })
    expect(await marked.first().textContent()).toBe('Thanks! I <3 your shop & its <b>quick</b> answers.')
    expect(await page.locator('#transcript p *').count()).toBe(0)
  })

  test('filters, and shows a transcript that is picked', async () => {
    await page.locator('#status').selectOption('COMPLETED')
    await vi.waitFor(async () => expect(await page.locator('.status.active').count()).toBe(0))
    const picked = page.locator('#list button').nth(2)
    const said = await picked.locator('.said').textContent()
    await picked.click()
    await vi.waitFor(async () => expect(await page.locator('#state').textContent()).toBe('completed'))
    expect(await page.locator('#transcript li').first().locator('p').textContent()).toBe(said)
  })

  test('never sends the key to the browser, and the browser complains of nothing', async () => {
    expect(received.some((text) => text.includes('"token":"ey'))).toBe(true)
    expect(received.some((text) => text.includes('messagesAppended'))).toBe(true)
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
