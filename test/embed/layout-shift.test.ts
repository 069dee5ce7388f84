import { readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canBrowse, launchBrowser } from '../support/browser.ts'
import { configuring } from './pages.ts'
import { setUpStage } from './set-up.ts'
import { ELEMENTS, untilLoaded, visit } from './visit.ts'

const stage = await setUpStage()
const { host, parley } = stage

/** Each followed by something that would move. The whole page is on the screen, because elsewhere no shift counts. */
const DASHBOARD = '<parley-dashboard compare></parley-dashboard><p>After the dashboard</p>'
const BODY = `
<parley-series compare></parley-series><p>After the series</p>
<parley-series group-by="CHANNEL"></parley-series><p>After the groups</p>
<parley-metrics compare></parley-metrics><p>After the metrics</p>
<parley-conversations live></parley-conversations><p>After the list</p>
<parley-conversation live conversation-id="$ID"></parley-conversation><p>After the transcript</p>
${DASHBOARD}`
const HEIGHT = 4_500

/** Notes what moves, and from where to where, in pixels from the top. */
const OBSERVE = `{
  window.shifts = []
  const top = (rect) => rect.width ? Math.round(rect.top) + '..' + Math.round(rect.bottom) : 'nowhere'
  const said = ({ node, previousRect, currentRect }) =>
    (node?.localName ?? node?.textContent?.trim()) + ' ' + (node?.className ?? '') + ' ' + top(previousRect) + ' -> ' + top(currentRect)
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput, sources } of list.getEntries())
      if (!hadRecentInput) shifts.push(value.toFixed(4) + ' ' + sources.map(said).join(', '))
  }).observe({ type: 'layout-shift', buffered: true })
}`

/** The rule that keeps room for a dashboard until its script has come. */
const [RESERVE = ''] =
  /parley-dashboard[^{}]*\{[^}]*min-height[^}]*\}/.exec(readFileSync('src/embed/README.md', 'utf8')) ?? []

/** Once everything is drawn, and the observer was told. */
const shiftsOf = (page: Page): Promise<string[]> =>
  page.evaluate(
    `new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => resolve(shifts)))))`,
  )

describe.skipIf(!canBrowse('Whether components move the page'))('a page does not move', () => {
  let browser: Browser
  let conversationId = ''
  beforeAll(async () => {
    browser = await launchBrowser()
    const amber = await stage.newCustomer('amber')
    conversationId = (await amber.ask('{ conversations(first: 1) { nodes { id } } }')).data.conversations.nodes[0].id
    await stage.newCustomer('nobody', { count: 0 })
  })
  afterAll(() => browser?.close())

  /** Elements that are put into a page once their script is there. */
  const show = async (customer: string, id: string, width: number) => {
    const script = configuring(
      `${parley}/`,
      customer,
      `document.querySelector('main').innerHTML = ${JSON.stringify(BODY.replace('$ID', id))}`,
    )
    return open(host.page({ body: '', script, style: 'body { margin: 8px; font: 16px sans-serif }' }), width, HEIGHT)
  }

  const open = async (url: string, width: number, height: number) => {
    const { page } = await visit(browser, url, {
      viewport: { width, height },
      prepare: (page) => page.addInitScript(OBSERVE),
    })
    return page
  }

  /** Also what is inside the dashboard. */
  const untilAllLoaded = async (page: Page) => {
    await untilLoaded(page)
    const parts = 'parley-metrics, parley-series, parley-conversations, parley-conversation'
    await expect
      .poll(() =>
        page.evaluate(`[...document.querySelector('parley-dashboard').shadowRoot.querySelectorAll('${parts}')]
        .filter(({ state }) => !['ready', 'empty'].includes(state)).length`),
      )
      .toBe(0)
  }

  describe.each([1280, 390])('%i pixels wide', (width) => {
    test('while it loads', async () => {
      const page = await show('amber', conversationId, width)
      await untilAllLoaded(page)
      expect(await shiftsOf(page)).toEqual([])
    })

    test('if there is nothing to show', async () => {
      const page = await show('nobody', '', width)
      await untilAllLoaded(page)
      expect(await shiftsOf(page)).toEqual([])
    })

    test('while an error is shown, and heals', async () => {
      const customer = `healing-${width}`
      const { tokens, ask } = await stage.newCustomer(customer, { count: 8 })
      const [{ id }] = (await ask('{ conversations(first: 1) { nodes { id } } }')).data.conversations.nodes
      tokens.refuse = 1
      const page = await show(customer, id, width)
      await untilLoaded(page, ELEMENTS, ['error'])
      await untilAllLoaded(page)
      expect(await shiftsOf(page)).toEqual([])
    })

    test('before and after the script has come, with room kept as the README says', async () => {
      expect(RESERVE).toContain('min-height')
      const style = `body { margin: 8px; font: 16px sans-serif } ${RESERVE}`
      const page = await open(
        host.page({ body: DASHBOARD, script: configuring(`${parley}/`, 'amber'), style }),
        width,
        900,
      )
      await untilAllLoaded(page)
      expect(await shiftsOf(page)).toEqual([])
    })
  })
})
