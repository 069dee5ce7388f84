import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { append, log, remove, update } from '../live/conversations.ts'
import { canBrowse, launchBrowser } from '../support/browser.ts'
import type { Ask } from '../support/server.ts'
import { AXE } from './axe.ts'
import { startProduct } from './page.ts'
import { openRecorded } from './recorded-page.ts'

const inBrowser = canBrowse('The list of conversations')
const product = await startProduct()

const START = Date.UTC(2026, 2, 1, 12)
const minutesAgo = (minutes: number) => new Date(START - minutes * 60_000).toISOString()

/** Conversations that began a minute after the other; "number 0" is the newest. */
async function logMany(ask: Ask, count: number): Promise<string[]> {
  const ids: string[] = []
  const document = `mutation ($inputs: [LogConversationInput!]!) {
    logConversations(input: { conversations: $inputs }) { results { conversation { id } } }
  }`
  const inputs = Array.from({ length: count }, (_, number) => ({
    status: 'COMPLETED',
    startedAt: minutesAgo(number),
    messages: [{ chat: { role: 'USER', content: `number ${number}`, timestamp: minutesAgo(number) } }],
  }))
  const { data, errors } = await ask(document, { inputs })
  if (errors) throw new Error(JSON.stringify(errors))
  for (const { conversation } of data.logConversations.results) ids.push(conversation.id)
  return ids
}

const rowsOf = (page: Page) => page.locator('[role=option]')
const excerptsOf = (page: Page) => page.locator('[role=option] .excerpt').allTextContents()

/** Runs in the page, with its list. */
const inList = <Value>(page: Page, script: string) =>
  page.evaluate<Value>(`{
    const element = document.querySelector('parley-conversations')
    const scroller = element.shadowRoot.querySelector('.scroller')
    ${script}
  }`)

/** The rows on screen, and where. */
const onScreen = (page: Page) =>
  inList<[string, number][]>(
    page,
    `const { top, bottom } = scroller.getBoundingClientRect();
    [...scroller.querySelectorAll('[role=option]')].flatMap((row) => {
      const box = row.getBoundingClientRect()
      return box.bottom <= top || box.top >= bottom ? [] : [[row.querySelector('.excerpt').textContent, Math.round(box.top - top)]]
    })`,
  )

/** All rows that a reader sees who scrolls to the end. */
async function scrollThrough(page: Page): Promise<string[]> {
  const seen: string[] = []
  for (let isOver = false; !isOver; ) {
    for (const [text] of await onScreen(page)) if (!seen.includes(text)) seen.push(text)
    isOver = await inList<boolean>(
      page,
      `const before = scroller.scrollTop
      scroller.scrollTop += 300
      scroller.scrollTop === before && scroller.querySelector('.end').textContent.startsWith('No more')`,
    )
    await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))')
  }
  return seen
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => `number ${from + at}`)

describe.skipIf(!inBrowser)('the list of conversations', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser?.close())

  const open = (ask: Ask, attributes = '', options = {}) =>
    openRecorded(product, browser, ask, `<parley-conversations ${attributes}></parley-conversations>`, options)

  test('shows what each is about, newest first, in the time zone of the tenant', async () => {
    const { ask } = await product.server.newTenant({ timeZone: 'America/New_York' })
    const said = (content: string, role = 'USER', more = {}) => ({ chat: { role, content, ...more } })
    const agent = { externalId: 'Order bot' }
    await log(ask, { startedAt: '2020-01-01T02:30:00Z', channel: 'EMAIL', messages: [] })
    await log(ask, {
      startedAt: '2020-01-02T02:30:00Z',
      status: 'FAILED',
      channel: 'CHAT',
      messages: [
        said('Welcome!', 'ASSISTANT', { agent }),
        said('Where is\n my <b>order</b>?', 'USER', { sentiment: -1 }),
      ],
    })
    await log(ask, { startedAt: '2020-01-03T02:30:00Z', title: 'Refund', messages: [said('Hello')] })
    const { page } = await open(ask)
    const rows = rowsOf(page)
    await rows.nth(2).waitFor()
    const texts = (await rows.allTextContents()).map((text) => text.replaceAll(/\s+/g, ' ').trim())
    expect(texts).toEqual([
      'Refund Active 1 message 2 Jan 2020 21:30',
      'Where is my <b>order</b>? ChatOrder bot Failed 2 messages Negative 1 Jan 2020 21:30',
      'No messages yet Email Active 0 messages 31 Dec 2019 21:30',
    ])
    await page.getByText('3 conversations').waitFor()
  })

  test('loads pages as one scrolls, never one twice, and skips none, whatever comes and goes meanwhile', async () => {
    const { ask } = await product.server.newTenant()
    const ids = await logMany(ask, 70)
    const { page, sent, hold } = await open(ask, 'page-size="20"')
    await rowsOf(page).first().waitFor()
    const release = await hold('ParleyConversations')
    // Where page numbers or offsets would shift by one, and then by another.
    await logMany(ask, 1)
    await remove(ask, ids[5] ?? '')
    await release()
    const seen = await scrollThrough(page)
    expect(seen).toEqual(numbers(0, 70))
    const cursors = sent.filter(({ name }) => name === 'ParleyConversations').map(({ variables }) => variables['after'])
    expect(cursors).toHaveLength(4)
    expect(new Set(cursors).size).toBe(4)
  })

  test('draws only the rows near the screen, and says where each is in the whole', async () => {
    const { ask } = await product.server.newTenant()
    await logMany(ask, 150)
    const { page } = await open(ask, 'page-size="100"')
    await page.getByText('150 conversations').waitFor()
    expect(await rowsOf(page).first().getAttribute('aria-setsize')).toBe('150')
    await scrollThrough(page)
    expect(await rowsOf(page).count()).toBeLessThan(40)
    const last = rowsOf(page).last()
    expect(await last.getAttribute('aria-posinset')).toBe('150')
    expect(await last.textContent()).toContain('number 149')
    await inList(page, 'scroller.scrollTop = 0')
    await rowsOf(page).first().getByText('number 0').waitFor()
    expect(await rowsOf(page).count()).toBeLessThan(40)
  })

  test('is walked by the keyboard, and says what is chosen', async () => {
    const { ask } = await product.server.newTenant()
    const ids = await logMany(ask, 60)
    const { page } = await open(ask)
    await rowsOf(page).first().waitFor()
    await page.evaluate(`addEventListener('parley-select', ({ detail }) => { window.chosen = detail })`)
    const active = () =>
      inList<string | null>(
        page,
        `const id = scroller.querySelector('[role=listbox]').getAttribute('aria-activedescendant');
        id && element.shadowRoot.getElementById(id).querySelector('.excerpt').textContent`,
      )
    const press = async (key: string) => {
      await page.keyboard.press(key)
      await page.evaluate('new Promise(requestAnimationFrame)')
      const at = await active()
      expect((await onScreen(page)).map(([text]) => text)).toContain(at)
      return at
    }
    expect(await press('Tab')).toBe('number 0')
    expect(await press('ArrowDown')).toBe('number 1')
    expect(await press('PageDown')).toBe('number 8')
    expect(await press('PageUp')).toBe('number 1')
    expect(await press('ArrowUp')).toBe('number 0')
    expect(await press('ArrowUp')).toBe('number 0')
    expect(await press('End')).toBe('number 29')
    await page.locator('[role=option]', { hasText: 'number 30' }).waitFor()
    expect(await press('ArrowDown')).toBe('number 30')
    await press('Enter')
    const chosen = await page.evaluate<{ conversationId: string; conversation: { id: string } }>('window.chosen')
    expect(chosen).toMatchObject({ conversationId: ids[30], conversation: { id: ids[30], messageCount: 1 } })
    expect(await page.locator('[aria-selected=true] .excerpt').allTextContents()).toEqual(['number 30'])
    expect(await inList(page, 'element.selected')).toBe(ids[30])
    expect(await press('Home')).toBe('number 0')
  })

  test.each(['light', 'dark'] as const)('has nothing that axe finds, in %s', async (colorScheme) => {
    const { ask } = await product.server.newTenant()
    const empty = await product.server.newTenant()
    for (const status of ['ACTIVE', 'COMPLETED', 'FAILED', 'ABANDONED', 'QUEUED', 'RINGING'])
      await log(ask, { status, channel: 'CHAT', messages: [{ chat: { role: 'USER', content: 'Hi', sentiment: -1 } }] })
    const style = 'body { background: Canvas; color: CanvasText }'
    const states: [Ask, string, string][] = [
      [ask, '', '[aria-selected=true]'],
      [empty.ask, '', 'p.message'],
      [ask, 'range="nonsense"', '[role=alert]'],
    ]
    for (const [asking, attributes, shown] of states) {
      const { page } = await open(asking, attributes, { colorScheme, style })
      if (shown.startsWith('[aria')) await rowsOf(page).first().click()
      await page.locator(shown).waitFor()
      await page.addScriptTag({ content: AXE })
      const { violations } = await page.evaluate<{ violations: { id: string }[] }>(
        'axe.run(document.querySelector("main"))',
      )
      expect(violations.map((one) => JSON.stringify(one).slice(0, 600))).toEqual([])
    }
  })

  test('has the same height while it loads, with rows, without any, and without access', async () => {
    const { ask } = await product.server.newTenant()
    await logMany(ask, 2)
    const empty = await product.server.newTenant()
    const heightOf = async (asking: Ask, shown: string, options = {}) => {
      const { page } = await open(asking, '', options)
      await page.locator(shown).waitFor()
      return (await page.locator('parley-conversations').boundingBox())?.height
    }
    const heights = [
      await heightOf(ask, '[role=option] >> nth=1'),
      await heightOf(empty.ask, 'p.message'),
      await heightOf(ask, '[role=alert]', { scopes: ['ANALYTICS_READ'] }),
    ]
    const loading = await product.open(browser, ask, '<parley-conversations></parley-conversations>', {
      isConfigured: false,
    })
    await loading.locator('.waiting').first().waitFor()
    heights.push((await loading.locator('parley-conversations').boundingBox())?.height)
    expect(new Set(heights).size, heights.join()).toBe(1)
  })

  test('asks for no list with a token that may not read conversations, and the browser complains of nothing', async () => {
    const { ask } = await product.server.newTenant()
    const { page, sent, complaints } = await open(ask, 'live', { scopes: ['ANALYTICS_READ'] })
    await page.locator('[role=alert]').waitFor()
    expect(await page.locator('parley-conversations').getAttribute('state')).toBe('unauthorized')
    expect(sent.map(({ name }) => name)).toEqual(['ParleyViewer'])
    expect(complaints).toEqual([])
  })

  test('sends nothing for attributes that are wrong, and says which', async () => {
    const { ask } = await product.server.newTenant()
    for (const [name, value] of [
      ['order', 'COST;'],
      ['page-size', '101'],
      ['range', 'yesterday'],
    ]) {
      const { page, sent } = await open(ask, `${name}="${value}"`)
      await page.getByText(`The attribute ${name} is invalid: ${value}`).waitFor()
      expect(sent).toEqual([])
    }
  })

  test('filters, searches and sorts', async () => {
    const { ask } = await product.server.newTenant()
    const said = (content: string, count: number) =>
      Array.from({ length: count }, () => ({ chat: { role: 'USER', content } }))
    await log(ask, { channel: 'EMAIL', startedAt: minutesAgo(3), messages: said('red shoes', 1) })
    await log(ask, { channel: 'EMAIL', startedAt: minutesAgo(2), messages: said('blue shoes', 3) })
    await log(ask, { channel: 'EMAIL', startedAt: minutesAgo(1), messages: said('green shoes', 2) })
    await log(ask, { channel: 'CHAT', startedAt: minutesAgo(1), messages: said('shoes', 1) })
    await log(ask, { channel: 'EMAIL', startedAt: minutesAgo(1), messages: said('hat', 1) })
    await log(ask, { channel: 'EMAIL', startedAt: '2019-01-01T00:00:00Z', messages: said('old shoes', 1) })
    const { page } = await open(
      ask,
      `search="shoes" range="2026-01-01/2026-12-31" order="MESSAGE_COUNT ASC" filter='{"channels":["EMAIL"]}'`,
    )
    await page.getByText('3 conversations').waitFor()
    expect(await excerptsOf(page)).toEqual(['red shoes', 'green shoes', 'blue shoes'])
    await inList(page, `element.order = 'MESSAGE_COUNT'`)
    await expect.poll(() => excerptsOf(page)).toEqual(['blue shoes', 'green shoes', 'red shoes'])
  })

  test('exports the rows that are loaded with their filter, as no formula', async () => {
    const { ask } = await product.server.newTenant()
    const id = await log(ask, {
      startedAt: '2026-01-01T00:00:00Z',
      title: '=1+1',
      channel: 'CHAT',
      messages: [{ chat: { role: 'USER', content: 'Say "hi", please', sentiment: 0 } }],
    })
    const { page } = await open(ask, `filter='{"channels":["CHAT"]}'`)
    await rowsOf(page).first().waitFor()
    const [header, row] = (await inList<string>(page, 'element.exportCsv()')).split('\r\n')
    expect(header).toBe(
      'id,externalId,status,channel,title,startedAt,durationMs,messageCount,sentimentLabel,endUserId,agents,excerpt,filter',
    )
    expect(row).toBe(`${id},,ACTIVE,CHAT,'=1+1,2026-01-01T00:00:00.000Z,,1,NEUTRAL,,,'=1+1,"{""channels"":[""CHAT""]}"`)
  })

  test('says that more could not be loaded, and loads it when asked', async () => {
    const { ask } = await product.server.newTenant()
    await logMany(ask, 50)
    const { page } = await open(ask, 'page-size="20"')
    await rowsOf(page).first().waitFor()
    await page.route('**/graphql', (route) => route.abort())
    await inList(page, 'scroller.scrollTop = 1e6')
    await page.getByText('Couldn’t load more.').waitFor()
    await page.unroute('**/graphql')
    await page.getByRole('button', { name: 'Try again' }).click()
    expect(await scrollThrough(page)).toContain('number 49')
  })

  test('sends only what is compiled', async () => {
    const { ask } = await product.server.newTenant()
    const id = await log(ask)
    const before = new Map(product.server.fallbacks.counts)
    const { page, hasSent } = await openRecorded(
      product,
      browser,
      ask,
      `<parley-conversations></parley-conversations><parley-conversation conversation-id="${id}"></parley-conversation>`,
    )
    await rowsOf(page).first().waitFor()
    await page.locator('.chat').waitFor()
    await hasSent('ParleyConversationCount', 1)
    expect(product.server.fallbacks.counts).toEqual(before)
  })

  describe('that is live', () => {
    const following = async (ask: Ask, attributes = '') => {
      const opened = await open(ask, `live ${attributes}`)
      await rowsOf(opened.page).first().waitFor()
      await opened.hasSent('ParleyChanges', 1)
      // What it catches up with when the stream begins.
      await opened.hasSent('ParleyConversations', 2)
      await opened.page.clock.fastForward(2_000)
      return opened
    }

    test('shows what is new at the top', async () => {
      const { ask } = await product.server.newTenant()
      await logMany(ask, 3)
      const { page } = await following(ask)
      await log(ask, { messages: [{ chat: { role: 'USER', content: 'I am new' } }] })
      await expect.poll(() => excerptsOf(page)).toEqual(['I am new', ...numbers(0, 3)])
      await page.clock.fastForward(10_000)
      await page.getByText('4 conversations').waitFor()
    })

    test('moves nothing that is read, but says how many are new', async () => {
      const { ask } = await product.server.newTenant()
      const ids = await logMany(ask, 60)
      const { page } = await following(ask)
      await inList(page, 'scroller.scrollTop = 1010')
      await expect.poll(async () => (await onScreen(page))[0]?.[0]).toMatch(/number 1[45]/)
      const before = await onScreen(page)
      for (const content of ['new 1', 'new 2']) await log(ask, { messages: [{ chat: { role: 'USER', content } }] })
      await remove(ask, ids[2] ?? '')
      await expect
        .poll(async () => {
          await page.clock.fastForward(2_000)
          return page.locator('.fresh').allTextContents()
        })
        .toEqual(['2 new'])
      expect(await onScreen(page)).toEqual(before)
      await page.locator('.fresh').click()
      await expect
        .poll(async () => (await onScreen(page)).slice(0, 5).map(([text]) => text))
        .toEqual(['new 2', 'new 1', 'number 0', 'number 1', 'number 3'])
      expect(await page.locator('.fresh').count()).toBe(0)
    })

    test('shows nothing new that the filter does not match, and takes out what no longer matches', async () => {
      const { ask } = await product.server.newTenant()
      const id = await log(ask, { channel: 'CHAT', messages: [{ chat: { role: 'USER', content: 'stays a while' } }] })
      await log(ask, { channel: 'CHAT', messages: [{ chat: { role: 'USER', content: 'stays' } }] })
      const { page } = await following(ask, `filter='{"channels":["CHAT"]}'`)
      await log(ask, { channel: 'EMAIL', messages: [{ chat: { role: 'USER', content: 'by mail' } }] })
      await update(ask, id, { channel: 'EMAIL' })
      await expect
        .poll(async () => {
          await page.clock.fastForward(2_000)
          return excerptsOf(page)
        })
        .toEqual(['stays'])
    })

    test('loads what changes again if it is on screen, many changes at once, and what is not when it is scrolled to', async () => {
      const { ask } = await product.server.newTenant()
      const ids = await logMany(ask, 60)
      const { page, sent } = await following(ask, 'page-size="20"')
      const count = () => sent.filter(({ name }) => name === 'ParleyConversations').length
      await scrollThrough(page)
      const before = count()
      for (const title of ['a', 'b', 'c', 'd']) await update(ask, ids[1] ?? '', { title })
      for (const title of ['e', 'f', 'g', 'h']) await update(ask, ids[58] ?? '', { title })
      await expect
        .poll(async () => {
          await page.clock.fastForward(2_000)
          return (await onScreen(page)).map(([text]) => text)
        })
        .toContain('h')
      expect(count() - before).toBeLessThan(6)
      const settled = count()
      await inList(page, 'scroller.scrollTop = 0')
      await page.clock.fastForward(2_000)
      await expect.poll(async () => (await onScreen(page))[1]?.[0]).toBe('d')
      expect(count()).toBe(settled + 1)
    })

    test('takes out what is deleted', async () => {
      const { ask } = await product.server.newTenant()
      const ids = await logMany(ask, 3)
      const { page, sent } = await following(ask)
      const queries = () => sent.filter(({ name }) => name === 'ParleyConversations').length
      const before = queries()
      await remove(ask, ids[1] ?? '')
      await expect.poll(() => excerptsOf(page)).toEqual(['number 0', 'number 2'])
      // The change says all there is to know.
      expect(queries()).toBe(before)
    })

    test('is filled by the first conversation there is, and empty without the last', async () => {
      const { ask } = await product.server.newTenant()
      const { page, hasSent } = await open(ask, 'live')
      await page.getByText('No conversations').waitFor()
      await hasSent('ParleyChanges', 1)
      // What it catches up with when the stream begins.
      await hasSent('ParleyConversations', 2)
      await page.clock.fastForward(2_000)
      const id = await log(ask, { messages: [{ chat: { role: 'USER', content: 'the first' } }] })
      const settle = async () => {
        await page.clock.fastForward(2_000)
        return excerptsOf(page)
      }
      await expect.poll(settle).toEqual(['the first'])
      await remove(ask, id)
      await expect.poll(settle).toEqual([])
      await page.getByText('No conversations').waitFor()
    })

    test('misses nothing that happens before its stream begins', async () => {
      const { ask } = await product.server.newTenant()
      const ids = await logMany(ask, 2)
      const { page, hold } = await open(ask, '')
      const release = await hold('ParleyChanges')
      await rowsOf(page).first().waitFor()
      await inList(page, 'element.live = true')
      await log(ask, { messages: [{ chat: { role: 'USER', content: 'early' } }] })
      await update(ask, ids[1] ?? '', { title: 'changed' })
      await release()
      await expect
        .poll(async () => {
          await page.clock.fastForward(2_000)
          return excerptsOf(page)
        })
        .toEqual(['early', 'number 0', 'changed'])
    })

    test('has one stream for all elements of a page', async () => {
      const { ask } = await product.server.newTenant()
      const id = await log(ask)
      const { page, sent } = await openRecorded(
        product,
        browser,
        ask,
        `<parley-conversations live></parley-conversations><parley-conversations live></parley-conversations>
        <parley-conversation live conversation-id="${id}"></parley-conversation>`,
      )
      await page.locator('.chat').waitFor()
      await append(ask, id, ['How are you?'])
      await page.locator('.chat', { hasText: 'How are you?' }).waitFor()
      await expect
        .poll(async () => {
          await page.clock.fastForward(2_000)
          return page.locator('[role=option] .messages').allTextContents()
        })
        .toEqual(['2 messages', '2 messages'])
      expect(sent.filter(({ name }) => name === 'ParleyChanges')).toHaveLength(1)
    })
  })
})
