import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { append, log, remove, update } from '../live/conversations.ts'
import { canBrowse, launchBrowser } from '../support/browser.ts'
import type { Ask } from '../support/server.ts'
import { AXE } from './axe.ts'
import { startProduct } from './page.ts'
import { openRecorded } from './recorded-page.ts'

const inBrowser = canBrowse('The transcript of a conversation')
const product = await startProduct()
const SCOPES = ['CONVERSATIONS_READ', 'INTERNALS_READ']

const chat = (content: string, role = 'USER', more = {}) => ({ chat: { role, content, ...more } })
const lines = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => `line ${from + at}`)

const contentsOf = (page: Page) => page.locator('.chat .content').allTextContents()

/** Runs in the page, with its transcript. */
const inTranscript = <Value>(page: Page, script: string) =>
  page.evaluate<Value>(`{
    const element = document.querySelector('parley-conversation')
    const entries = element.shadowRoot.querySelector('.entries')
    ;${script}
  }`)

const isAtEnd = 'entries.scrollHeight - entries.scrollTop - entries.clientHeight < 2'

/** Where an entry is on the screen. */
const topOf = (page: Page, text: string) =>
  page
    .locator('.chat', { hasText: text })
    .first()
    .boundingBox()
    .then((box) => Math.round(box?.y ?? Number.NaN))

describe.skipIf(!inBrowser)('the transcript of a conversation', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser?.close())

  const open = (ask: Ask, id: string, attributes = '', options = {}) =>
    openRecorded(
      product,
      browser,
      ask,
      `<parley-conversation conversation-id="${id}" ${attributes}></parley-conversation>`,
      options,
    )

  /** Opens it, and waits until it follows what is added. */
  const follow = async (ask: Ask, id: string) => {
    const opened = await open(ask, id, 'live')
    await opened.page.locator('.chat').first().waitFor()
    await opened.hasSent('ParleyChanges', 1)
    // What it catches up with when the stream begins.
    await opened.hasSent('ParleyConversation', 3)
    await opened.page.clock.fastForward(1_000)
    return opened
  }

  test('shows who said what and when, with tool calls, events and files, by the days of the time zone', async () => {
    const { ask } = await product.server.newTenant({ timeZone: 'America/New_York' })
    const id = await log(ask, {
      title: 'Order 1001',
      externalId: 'ticket-7',
      channel: 'CHAT',
      startedAt: '2026-03-09T03:00:00Z',
      messages: [
        chat('Be brief.', 'SYSTEM', { timestamp: '2026-03-09T03:00:00Z' }),
        chat('Hello', 'USER', { authorName: 'Ada', timestamp: '2026-03-09T03:59:00Z', sentiment: 0.9, rating: -1 }),
        { tool: { name: 'find_order', input: { order: 1001 }, output: 'shipped', durationMs: 320, error: 'late' } },
        chat('Here.', 'ASSISTANT', {
          agent: { externalId: 'Order bot' },
          timestamp: '2026-03-09T04:01:00Z',
          attachments: [{ url: 'https://files.example/a/label.png', mediaType: 'image/png' }],
        }),
        { event: { name: 'handover', payload: { to: 'Mia' }, timestamp: '2026-03-09T04:02:00Z' } },
        chat('Hi', 'HUMAN_AGENT', { authorName: 'Mia', timestamp: '2026-03-09T04:03:00Z' }),
      ],
    })
    const { page } = await open(ask, id, '', { scopes: SCOPES })
    await page.locator('.chat').first().waitFor()
    const texts = await page.locator('.entries ol > li').allTextContents()
    expect(texts.map((text) => text.replaceAll(/[\s,]+/g, ' ').trim())).toEqual([
      'Sunday 8 March 2026',
      'System prompt 23:00 Be brief.',
      'Ada Customer 23:59 Hello Positive Rated bad',
      'Tool call find_order Failed 320 ms 23:59',
      'Monday 9 March 2026',
      'Order bot Assistant 0:01 Here. label.png image/png',
      'handover 0:02',
      'Mia Human agent 0:03 Hi',
    ])
    const facts = await page.locator('header li').allTextContents()
    expect(facts.slice(0, 4)).toEqual(['8 Mar 2026, 23:00', '6 messages', 'Chat', 'Order bot'])
    expect(await page.locator('h2').textContent()).toBe('Order 1001')
    await page.locator('summary').first().click()
    await expect.poll(() => page.locator('pre').allTextContents()).toEqual(['{\n  "order": 1001\n}', 'shipped', 'late'])
    const link = page.getByRole('link', { name: 'label.png' })
    expect(await link.getAttribute('rel')).toBe('noopener noreferrer')
    const sides = async (role: string) => (await page.locator(`.${role} .content`).boundingBox())?.x ?? 0
    expect(await sides('user')).toBeLessThan(await sides('assistant'))
  })

  test('shows whatever was written as text, and lets nothing of it run or break the page', async () => {
    const { ask } = await product.server.newTenant()
    const hostile = [
      '<img src=x onerror="window.hacked = 1"><svg onload="window.hacked = 1">',
      '</script><script>window.hacked = 1</script>',
      'javascript:window.hacked=1 ${window.hacked = 1} {{7*7}} <!-- -->',
      '\u202Eevil\u2066 bidi',
      '👩‍👩‍👧‍👦 e\u0301 \u200B\uFEFF',
      'x'.repeat(100_000),
    ]
    const nested = { '<b>': ['y'.repeat(20_000), { deep: { er: null } }] }
    const id = await log(ask, {
      title: hostile[0],
      messages: [
        ...hostile.map((content) => chat(content, 'USER', { authorName: '<u>\u202Ename' })),
        { tool: { name: '<i>tool</i>', input: nested, output: hostile[1] } },
        { event: { name: '<i>event</i>', payload: nested } },
      ],
    })
    const { page, complaints } = await open(ask, id, '', { scopes: SCOPES, viewport: { width: 390, height: 800 } })
    await page.locator('.chat').first().waitFor()
    for (const summary of await page.locator('summary').all()) await summary.click()
    await expect.poll(() => page.locator('pre').count()).toBe(3)
    expect(await contentsOf(page)).toEqual(hostile)
    expect(await page.locator('pre').first().textContent()).toBe(JSON.stringify(nested, null, 2))
    expect(await page.locator('.content *, pre *, h2 *, article :is(img, script, u, i, b, svg)').count()).toBe(0)
    expect(await page.evaluate('window.hacked')).toBeUndefined()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390)
    const isInside = (boxes: string) => `${boxes}.every((box) => box.scrollWidth <= box.clientWidth)`
    expect(await inTranscript(page, isInside("[entries, ...entries.querySelectorAll('pre')]"))).toBe(true)
    // Text that is written from right to left by force ends with its own box.
    expect(await page.locator('.user .role').first().textContent()).toBe('Customer')
    expect(complaints).toEqual([])
  })

  test('links files only by https', async () => {
    const { ask } = await product.server.newTenant()
    const id = await log(ask, {
      messages: [chat('Look', 'USER', { attachments: [{ url: 'https://files.example/a.png', name: 'a.png' }] })],
    })
    const { page } = await openRecorded(product, browser, ask, '<parley-conversation></parley-conversation>')
    // As an older server, or one in between, could answer.
    await page.route('**/graphql', async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, body: (await response.text()).replace('https://files', 'javascript://files') })
    })
    await inTranscript(page, `element.conversationId = ${JSON.stringify(id)}`)
    await page.locator('.attachments', { hasText: 'a.png' }).waitFor()
    expect(await page.locator('a').count()).toBe(0)
    await page.unrouteAll({ behavior: 'ignoreErrors' })
  })

  test('shows the end first, and what is before without moving what is read', async () => {
    const { ask } = await product.server.newTenant()
    const id = await log(ask, { messages: lines(0, 120).map((line) => chat(line)) })
    const { page } = await open(ask, id)
    await page.locator('.chat').first().waitFor()
    expect(await contentsOf(page)).toEqual(lines(70, 120))
    expect(await inTranscript(page, isAtEnd)).toBe(true)
    const earlier = page.getByRole('button', { name: 'Earlier messages' })
    for (const from of [20, 0]) {
      const first = (await contentsOf(page))[0] ?? ''
      await inTranscript(page, 'entries.scrollTop = 0')
      const before = await topOf(page, first)
      await earlier.click()
      await expect.poll(() => contentsOf(page)).toEqual(lines(from, 120))
      // The button and the line of the day are above it now.
      expect(Math.abs((await topOf(page, first)) - before)).toBeLessThanOrEqual(1)
    }
    expect(await earlier.count()).toBe(0)
  })

  test('says that a conversation does not exist, and when one is deleted', async () => {
    const { ask } = await product.server.newTenant()
    const id = await log(ask)
    const { page } = await follow(ask, id)
    await remove(ask, id)
    await page.getByText('This conversation doesn’t exist or was deleted.').waitFor()
    const element = page.locator('parley-conversation')
    expect(await element.getAttribute('state')).toBe('empty')
    await inTranscript(page, `element.conversationId = 'conv_00000000000000000000000000'`)
    await page.getByText('This conversation doesn’t exist or was deleted.').waitFor()
    await inTranscript(page, 'element.conversationId = null')
    await page.getByText('Select a conversation.').waitFor()
  })

  test('adds what is said in order, nothing twice and nothing lost, whatever comes while it loads', async () => {
    const { ask } = await product.server.newTenant()
    const id = await log(ask, { messages: [chat('line 0')] })
    const { page, hold } = await follow(ask, id)
    const release = await hold('ParleyConversation')
    await append(ask, id, ['line 1'])
    await page.waitForRequest((request) => request.postData()?.includes('ParleyConversation(') ?? false)
    for (const line of lines(2, 70)) await append(ask, id, [line])
    await release()
    await expect
      .poll(async () => {
        await page.clock.fastForward(500)
        return contentsOf(page)
      })
      .toEqual(lines(0, 70))
  })

  test('misses nothing that is said before its stream begins', async () => {
    const { ask } = await product.server.newTenant()
    const id = await log(ask, { messages: [chat('line 0')] })
    const { page, hold, hasSent } = await open(ask, id)
    await page.locator('.chat').first().waitFor()
    const release = await hold('ParleyChanges')
    await inTranscript(page, 'element.live = true')
    // What it catches up with as soon as it is live. More than a page of it is said later.
    await hasSent('ParleyConversation', 3)
    await append(ask, id, lines(1, 120))
    await release()
    await expect
      .poll(async () => {
        await page.clock.fastForward(500)
        return contentsOf(page)
      })
      .toEqual(lines(0, 120))
  })

  test('follows the end if the reader is there, and else says that there is something new', async () => {
    const { ask } = await product.server.newTenant()
    const id = await log(ask, { messages: lines(0, 30).map((line) => chat(line)) })
    const { page } = await follow(ask, id)
    await append(ask, id, ['line 30'])
    await expect.poll(async () => (await contentsOf(page)).at(-1)).toBe('line 30')
    expect(await inTranscript(page, isAtEnd)).toBe(true)
    await inTranscript(page, 'entries.scrollTop = 400')
    const before = await topOf(page, 'line 10')
    await page.clock.fastForward(500)
    await append(ask, id, ['line 31'])
    const button = page.getByRole('button', { name: 'New messages' })
    await button.waitFor()
    expect(await topOf(page, 'line 10')).toBe(before)
    await button.click()
    await expect.poll(() => inTranscript(page, isAtEnd)).toBe(true)
    expect(await button.count()).toBe(0)
  })

  test('tells a screen reader what is new, and not the whole transcript', async () => {
    const { ask } = await product.server.newTenant()
    const id = await log(ask, { messages: [chat('old')] })
    const { page } = await follow(ask, id)
    const spoken = () => page.locator('article [role=status]').allTextContents()
    expect(await spoken()).toEqual([''])
    await append(ask, id, [chat('new', 'HUMAN_AGENT', { authorName: 'Mia' })])
    await expect.poll(spoken).toEqual(['Mia: new'])
  })

  test('shows what changes in it: a rating, a status', async () => {
    const { ask } = await product.server.newTenant()
    const id = await log(ask, { messages: [chat('Thanks', 'USER', { externalId: 'm1' })] })
    const { page } = await follow(ask, id)
    const document = `mutation ($input: UpdateMessagesInput!) { updateMessages(input: $input) { conversation { id } } }`
    const rated = await ask(document, {
      input: { by: { id }, messages: [{ by: { externalId: 'm1' }, rating: 1 }] },
    })
    if (rated.errors) throw new Error(JSON.stringify(rated.errors))
    await page.getByText('Rated good').waitFor()
    await page.clock.fastForward(500)
    await update(ask, id, { title: 'All is well' })
    await page.getByRole('heading', { name: 'All is well' }).waitFor()
    expect(await contentsOf(page)).toEqual(['Thanks'])
  })

  test('never shows one conversation with the id of another', async () => {
    const { ask } = await product.server.newTenant()
    const [first, second] = [
      await log(ask, { messages: [chat('of the first')] }),
      await log(ask, { messages: [chat('of the second')] }),
    ]
    const { page, hold } = await follow(ask, first)
    const release = await hold('ParleyConversation')
    await append(ask, first, ['late'])
    await page.waitForRequest((request) => request.postData()?.includes('ParleyConversation(') ?? false)
    await inTranscript(page, `element.conversationId = ${JSON.stringify(second)}`)
    await page.locator('.entries.waiting').waitFor()
    expect(await page.locator('.chat').count()).toBe(0)
    await release()
    await page.locator('.chat').first().waitFor()
    expect(await contentsOf(page)).toEqual(['of the second'])
    await append(ask, first, ['of the first again'])
    await append(ask, second, ['of the second again'])
    await expect
      .poll(async () => {
        await page.clock.fastForward(500)
        return contentsOf(page)
      })
      .toEqual(['of the second', 'of the second again'])
  })

  test('loads, and goes on, after it was moved', async () => {
    const { ask } = await product.server.newTenant()
    const id = await log(ask, { messages: [chat('line 0')] })
    const { page, hold, complaints } = await openRecorded(
      product,
      browser,
      ask,
      '<parley-conversation live></parley-conversation><section></section>',
    )
    const release = await hold('ParleyConversation')
    await inTranscript(page, `element.conversationId = ${JSON.stringify(id)}`)
    await page.waitForRequest((request) => request.postData()?.includes('ParleyConversation(') ?? false)
    await page.evaluate(`document.querySelector('section').append(document.querySelector('parley-conversation'))`)
    await release()
    await page.locator('.chat').first().waitFor()
    await append(ask, id, ['line 1'])
    await expect
      .poll(async () => {
        await page.clock.fastForward(500)
        return contentsOf(page)
      })
      .toEqual(lines(0, 2))
    expect(complaints).toEqual([])
  })

  test('asks for nothing with a token that may not read conversations', async () => {
    const { ask } = await product.server.newTenant()
    const { page, sent, complaints } = await open(ask, await log(ask), 'live', { scopes: ['ANALYTICS_READ'] })
    await page.locator('[role=alert]').waitFor()
    expect(await page.locator('parley-conversation').getAttribute('state')).toBe('unauthorized')
    expect(sent.map(({ name }) => name)).toEqual(['ParleyViewer'])
    expect(complaints).toEqual([])
  })

  test('has the same height while it loads, with a transcript, and without', async () => {
    const { ask } = await product.server.newTenant()
    const id = await log(ask, { title: 'A title', externalId: 'x', channel: 'CHAT', outcome: 'BOT_HANDLED' })
    for (const width of [1280, 700, 390]) {
      const options = { viewport: { width, height: 800 } }
      const heightOf = async (page: Page, shown: string) => {
        await page.locator(shown).first().waitFor()
        return (await page.locator('parley-conversation').boundingBox())?.height
      }
      const body = '<parley-conversation></parley-conversation>'
      const heights = [
        await heightOf((await open(ask, id, '', options)).page, '.chat'),
        await heightOf((await openRecorded(product, browser, ask, body, options)).page, 'p.message'),
        await heightOf(await product.open(browser, ask, body, { ...options, isConfigured: false }), '.waiting'),
      ]
      expect(new Set(heights).size, `${width}: ${heights.join()}`).toBe(1)
    }
  })

  test.each(['light', 'dark'] as const)('has nothing that axe finds, in %s', async (colorScheme) => {
    const { ask } = await product.server.newTenant()
    const id = await log(ask, {
      title: 'Order 1001',
      status: 'FAILED',
      messages: [
        chat('Be brief.', 'SYSTEM'),
        ...lines(0, 60).map((line) => chat(line)),
        chat('Hello', 'USER', { authorName: 'Ada', sentiment: -0.9, rating: 1 }),
        { tool: { name: 'find_order', input: { order: 1001 }, error: 'late' } },
        chat('Here.', 'ASSISTANT', { attachments: [{ url: 'https://files.example/a.png' }] }),
        { event: { name: 'handover', payload: { to: 'Mia' } } },
        chat('Hi', 'HUMAN_AGENT', { authorName: 'Mia' }),
      ],
    })
    const style = 'body { background: Canvas; color: CanvasText }'
    const { page } = await open(ask, id, '', { colorScheme, style, scopes: SCOPES })
    await page.locator('.chat').first().waitFor()
    for (const summary of await page.locator('summary').all()) await summary.click()
    await expect.poll(() => page.locator('pre').count()).toBe(3)
    // Each can be scrolled by the keyboard.
    for (const name of ['Input', 'handover']) expect(await page.getByRole('region', { name }).count()).toBe(1)
    await page.addScriptTag({ content: AXE })
    const { violations } = await page.evaluate<{ violations: object[] }>('axe.run(document.querySelector("main"))')
    expect(violations.map((one) => JSON.stringify(one).slice(0, 600))).toEqual([])
  })
})
