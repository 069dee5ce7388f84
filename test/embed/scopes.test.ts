import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canBrowse, launchBrowser } from '../support/browser.ts'
import { ALL_ELEMENTS, configuring } from './pages.ts'
import { setUpStage } from './set-up.ts'
import { deepText, ELEMENTS, operations, untilLoaded, type Visit, visit } from './visit.ts'

const stage = await setUpStage()
const { host, parley } = stage

/** Answers that refuse anything. */
const refusals = ({ received }: Visit) =>
  received.filter(({ url, text }) => (url.endsWith('/graphql') || url === 'stream') && text.includes('"errors"'))

describe.skipIf(!canBrowse('What components ask for with few scopes'))('a token', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser?.close())

  const show = async (name: string, scopes: string[], body: string) => {
    await stage.newCustomer(name, {}, { scopes })
    return visit(browser, host.page({ body, script: configuring(`${parley}/`, name) }))
  }

  test('for analytics only: the dashboard shows the numbers, hides the rest, and asks for nothing that is refused', async () => {
    const visited = await show('amber', ['ANALYTICS_READ'], '<parley-dashboard live compare></parley-dashboard>')
    const { page, requests, complaints } = visited
    await untilLoaded(page)
    await untilLoaded(page, 'parley-dashboard')
    const dashboard = page.locator('parley-dashboard')
    await dashboard.locator('parley-metrics[state=ready]').waitFor()
    await dashboard.locator('parley-series[state=ready]').waitFor()
    expect(await dashboard.locator('parley-conversations, parley-conversation').count()).toBe(0)
    await dashboard.getByLabel('Period').selectOption('last-7-days')
    await dashboard.locator('parley-series[state=ready]').waitFor()
    expect(new Set(operations(requests))).toEqual(new Set(['ParleyViewer', 'ParleySeries']))
    expect(refusals(visited)).toEqual([])
    expect(complaints).toEqual([])
    expect(await deepText(page)).not.toContain('question')
  })

  test('for analytics only: lists and transcripts say so by themselves, and send nothing', async () => {
    const visited = await show(
      'basil',
      ['ANALYTICS_READ'],
      '<parley-conversations live></parley-conversations><parley-conversation conversation-id="x" live></parley-conversation>',
    )
    await untilLoaded(visited.page, ELEMENTS, ['unauthorized'])
    expect(operations(visited.requests)).toEqual(['ParleyViewer'])
    expect(refusals(visited)).toEqual([])
    expect(visited.complaints).toEqual([])
  })

  test('for conversations only: the dashboard shows them without numbers', async () => {
    const visited = await show('cedar', ['CONVERSATIONS_READ'], '<parley-dashboard live></parley-dashboard>')
    const dashboard = visited.page.locator('parley-dashboard')
    await dashboard.locator('parley-conversations[state=ready]').waitFor()
    expect(await dashboard.locator('parley-metrics, parley-series').count()).toBe(0)
    expect(operations(visited.requests)).not.toContain('ParleySeries')
    expect(refusals(visited)).toEqual([])
    expect(visited.complaints).toEqual([])
  })

  test('that may send only the documents of the components is enough for all of them', async () => {
    const visited = await show('dill', ['ANALYTICS_READ', 'CONVERSATIONS_READ'], ALL_ELEMENTS)
    const { page, requests } = visited
    await untilLoaded(page, 'parley-dashboard, parley-series, parley-metrics, parley-conversations')
    await page.locator('body > main > parley-conversations').getByRole('option').first().click()
    const open = `document.querySelector('main > parley-conversation').conversationId = document.querySelector('main > parley-conversations').selected`
    await page.evaluate(open)
    await untilLoaded(page)
    const token = stage.server.as({ key: await tokenOf('dill') })
    expect((await token('{ viewer { name } }')).errors?.[0]?.extensions.code).toBe('DOCUMENT_NOT_TRUSTED')
    expect(new Set(operations(requests))).toEqual(
      new Set([
        'ParleyViewer',
        'ParleySeries',
        'ParleyFacets',
        'ParleyConversations',
        'ParleyConversationCount',
        'ParleyConversation',
        'ParleyChanges',
      ]),
    )
    expect(refusals(visited)).toEqual([])
    expect(visited.complaints).toEqual([])
  })
})

async function tokenOf(name: string): Promise<string> {
  const answer = await fetch(`${host.origin}/token/${name}`, { method: 'POST' })
  return ((await answer.json()) as { token: string }).token
}
