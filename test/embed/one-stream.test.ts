import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { canBrowse, launchBrowser } from '../support/browser.ts'
import { ALL_ELEMENTS, configuring } from './pages.ts'
import { type Customer, setUpStage } from './set-up.ts'
import { isStream, untilLoaded, type Visit, visit } from './visit.ts'

const stage = await setUpStage()
const { host } = stage

const LIVE = 'main > parley-conversation'
const APPEND = 'mutation ($input: AppendMessagesInput!) { appendMessages(input: $input) { created } }'
const LOG = 'mutation ($input: LogConversationInput!) { logConversation(input: $input) { conversation { id } } }'

/** As a browser does when another tab is in front. */
const setHidden = (page: Page, hidden: boolean) =>
  page.evaluate(`{
    Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true })
    Object.defineProperty(document, 'visibilityState', { value: '${hidden ? 'hidden' : 'visible'}', configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
  }`)

describe.skipIf(!canBrowse('How components follow changes'))('all live elements of a page', () => {
  let browser: Browser
  let customer: Customer
  beforeAll(async () => {
    browser = await launchBrowser()
    customer = await stage.newCustomer('amber', { count: 5 })
  })
  afterAll(() => browser?.close())

  const show = async () => {
    const { data } = await customer.ask('{ conversations(first: 1, filter: { statuses: [ACTIVE] }) { nodes { id } } }')
    const [{ id }] = data.conversations.nodes
    const script = configuring('/parley/', 'amber', `document.querySelector('${LIVE}').conversationId = '${id}'`)
    const visited = await visit(browser, host.page({ body: ALL_ELEMENTS, script }))
    await untilLoaded(visited.page)
    await vi.waitFor(() => expect(streams(visited).length).toBeGreaterThan(0))
    return visited
  }
  const append = async (content: string) => {
    const input = { by: { externalId: 'amber-external-0' }, messages: [{ chat: { role: 'USER', content } }] }
    expect((await customer.ask(APPEND, { input })).errors).toBeUndefined()
  }
  const expectShown = async (page: Page, texts: string[]) => {
    await page
      .locator(LIVE)
      .getByText(texts.at(-1) ?? '')
      .first()
      .waitFor()
    for (const text of texts) expect(await page.locator(LIVE).locator('ol > li', { hasText: text }).count()).toBe(1)
  }
  const streams = ({ requests }: Visit) => requests.filter(isStream)
  /** Streams that have not ended. */
  const openStreams = async (visited: Visit) => streams(visited).filter((request) => request.failure() === null)

  test('share one stream, and show what comes', async () => {
    const visited = await show()
    await append('said at once')
    await expectShown(visited.page, ['said at once'])
    await customer.ask(LOG, { input: { messages: [{ chat: { role: 'USER', content: 'a new conversation' } }] } })
    await visited.page.locator('main > parley-conversations').getByText('a new conversation').waitFor()
    expect(streams(visited)).toHaveLength(1)
    expect(visited.complaints).toEqual([])
  })

  test('give it back while nobody sees the page, and miss nothing of that time', async () => {
    const visited = await show()
    await setHidden(visited.page, true)
    await vi.waitFor(async () => expect(await openStreams(visited)).toEqual([]))
    for (const text of ['hidden one', 'hidden two', 'hidden three']) await append(text)
    await setHidden(visited.page, false)
    await expectShown(visited.page, ['hidden one', 'hidden two', 'hidden three'])
    expect(await openStreams(visited)).toHaveLength(1)
    await append('seen again')
    await expectShown(visited.page, ['hidden one', 'hidden two', 'hidden three', 'seen again'])
  })

  test('miss nothing while the network is away', async () => {
    const visited = await show()
    host.cut()
    await vi.waitFor(async () => expect(await openStreams(visited)).toEqual([]))
    for (const text of ['offline one', 'offline two']) await append(text)
    host.mend()
    await expectShown(visited.page, ['offline one', 'offline two'])
    await append('online')
    await expectShown(visited.page, ['offline one', 'offline two', 'online'])
    expect(await openStreams(visited)).toHaveLength(1)
  })

  test.each(['parley-dashboard', 'main > parley-conversations', LIVE])(
    'end it when the last of them leaves the page, even while it is about to change (%s)',
    async (last) => {
      const visited = await show()
      await visited.page.evaluate(`for (const element of document.querySelectorAll('main > *'))
        if (!element.matches('${last}')) element.remove()`)
      expect(await openStreams(visited)).toHaveLength(1)
      await visited.page.evaluate(`{
        const element = document.querySelector('${last}')
        element.requestUpdate()
        element.remove()
      }`)
      await vi.waitFor(async () => expect(await openStreams(visited)).toEqual([]))
    },
  )
})
