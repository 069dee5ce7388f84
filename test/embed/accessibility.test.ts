import type { AxeResults } from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canBrowse, launchBrowser } from '../support/browser.ts'
import { AXE } from './axe.ts'
import { ALL_ELEMENTS, configuring } from './pages.ts'
import { setUpStage } from './set-up.ts'
import { ELEMENTS, untilLoaded, visit } from './visit.ts'

const stage = await setUpStage()
const { host, parley } = stage

/** Every rule there is, also the ones for best practice and the experimental ones. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE)
  const results = await page.evaluate<AxeResults>(`axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag2aaa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice', 'experimental'],
    rules: { 'color-contrast-enhanced': { enabled: false } },
  })`)
  return results.violations.flatMap(({ id, help, nodes }) =>
    nodes.map(
      ({ target, html, failureSummary }) => `${id}: ${help}\n${target.flat().join(' ')}\n${html}\n${failureSummary}`,
    ),
  )
}

describe.skipIf(!canBrowse('The accessibility of the components'))('axe finds nothing', () => {
  let browser: Browser
  let conversationId = ''
  beforeAll(async () => {
    browser = await launchBrowser()
    const amber = await stage.newCustomer('amber')
    conversationId = (await amber.ask('{ conversations(first: 1) { nodes { id } } }')).data.conversations.nodes[0].id
    await stage.newCustomer('nobody', { count: 0 })
    await stage.newCustomer('numbers', {}, { scopes: ['ANALYTICS_READ'] })
    await stage.newCustomer('texts', {}, { scopes: ['CONVERSATIONS_READ'] })
    host.giveTokens('refused', () => Promise.reject(new Error('signed out')))
    host.giveTokens('waiting', () => new Promise(() => {}))
  })
  afterAll(() => browser?.close())

  const show = async (
    customer: string,
    states: string[],
    colorScheme: 'light' | 'dark',
    width: number,
    body = ALL_ELEMENTS,
  ) => {
    const script = configuring(
      `${parley}/`,
      customer,
      `for (const element of document.querySelectorAll('main > parley-conversation')) element.conversationId = '${conversationId}'`,
    )
    const style = ':root { color-scheme: light dark; background: Canvas }'
    const { page } = await visit(browser, host.page({ body: `<h1>A product</h1>${body}`, script, style }), {
      colorScheme,
      viewport: { width, height: 900 },
    })
    await untilLoaded(page, ELEMENTS, states)
    return page
  }

  describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
    test.each([1280, 390])('of what is loaded, %i pixels wide', async (width) => {
      expect(await violations(await show('amber', ['ready'], colorScheme, width))).toEqual([])
    })

    test.each([
      ['empty', 'nobody', ['empty', 'ready', 'error']],
      ['error', 'refused', ['error']],
      ['loading', 'waiting', ['loading']],
      ['unauthorized, for conversations', 'numbers', ['unauthorized', 'ready']],
      ['unauthorized, for numbers', 'texts', ['unauthorized', 'ready', 'empty']],
    ])('in the state %s', async (_name, customer, states) => {
      expect(await violations(await show(customer, states, colorScheme, 1280))).toEqual([])
    })

    test('with a point of the chart and its tooltip', async () => {
      const page = await show(
        'amber',
        ['ready'],
        colorScheme,
        1280,
        '<parley-series compare group-by="CHANNEL"></parley-series>',
      )
      await page.keyboard.press('Tab')
      for (const key of ['ArrowRight', 'ArrowRight', 'ArrowLeft', 'End']) await page.keyboard.press(key)
      expect(await violations(page)).toEqual([])
    })

    test('with a conversation that covers a phone', async () => {
      const page = await show('amber', ['ready'], colorScheme, 390, '<parley-dashboard></parley-dashboard>')
      await page.locator('parley-conversations').getByRole('option').first().click()
      await page.locator('parley-dashboard').getByRole('dialog').getByText('amber answer').first().waitFor()
      expect(await violations(page)).toEqual([])
    })
  })
})
