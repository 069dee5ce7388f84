import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canBrowse, launchBrowser } from '../support/browser.ts'
import { ALL_ELEMENTS, configuring } from './pages.ts'
import { setUpStage } from './set-up.ts'
import { DEEP, ELEMENTS, untilLoaded, visit } from './visit.ts'

const stage = await setUpStage()
const { host, parley } = stage

/** What no style of the page may change. */
const HOSTILE = `
  * { font: 40px serif !important; color: red !important; letter-spacing: 9px !important; word-spacing: 9px !important;
    text-transform: uppercase !important; line-height: 4 !important; direction: rtl !important; text-align: right !important;
    cursor: wait !important; text-indent: 50px !important; white-space: pre !important; list-style: square !important;
    fill: red !important; stroke: red !important; text-shadow: 2px 2px red !important; user-select: none !important;
    -webkit-text-fill-color: red !important }
  svg, p, select, dialog, ol, li, span { display: none !important }
  div, button, table, tr, td { display: inline !important; position: fixed !important; width: 3px !important; background: lime !important }
  .root, .card, .row, .chart, .legend, .visually-hidden { display: none !important }
  :root { font-size: 30px; --primary: lime; --text: lime; --spacing: 50px; --font-size: 50px;
    quotes: "x"; tab-size: 20; font-variant: small-caps; font-weight: 900 }`

/** Elements of the page's own, of which every computed style is compared. */
const OF_THE_HOST = `<section id="own"><h1>Title</h1><h2>Second</h2><p>Text <a href="#x">link</a> <code>code</code></p>
  <ul><li>One</li></ul><table><tr><th>Head</th><td>Cell</td></tr></table><button>Push</button><input value="x">
  <select><option>One</option></select><svg width="9" height="9"><path d="M0 0h9v9z"/></svg><dialog open>Dialog</dialog>
  <div class="root card row">Div</div><label>Label</label><textarea>Text</textarea><figure>Figure</figure></section>`

/** One line an element. Custom properties are the page's to set, and come in any order. */
const STYLES_OF = `const stylesOf = (element) => {
    const styles = getComputedStyle(element)
    return [...styles].filter((name) => !name.startsWith('--')).map((name) => name + ':' + styles.getPropertyValue(name)).join(';')
  }`

/** Every computed style of everything in the shadow roots, but what depends on when it is read. */
const componentStyles = (page: Page): Promise<string[]> =>
  page.evaluate(`{
    ${DEEP}; ${STYLES_OF};
    [...document.querySelectorAll('${ELEMENTS}')].flatMap(({ localName, shadowRoot }) => deep(shadowRoot).map((element) =>
      localName + ' ' + element.localName + '.' + element.getAttribute('class') + ';' + stylesOf(element)))
  }`)

const ownStyles = (page: Page): Promise<string[]> =>
  page.evaluate(`{ ${STYLES_OF};
    [...document.querySelectorAll('#own, #own *')].map((element) => element.outerHTML + ';' + stylesOf(element)) }`)

describe.skipIf(!canBrowse('What styles of pages do to the components'))('styles of the page', () => {
  let browser: Browser
  const script = configuring(`${parley}/`, 'amber')

  beforeAll(async () => {
    browser = await launchBrowser()
    await stage.newCustomer('amber')
  })
  afterAll(() => browser?.close())

  const show = async (style: string, elements = ALL_ELEMENTS) => {
    const url = host.page({ body: elements, script, style: `body { margin: 0 } ${style}` })
    const { page } = await visit(browser, url)
    await untilLoaded(page, ELEMENTS, ['ready', 'empty'])
    return page
  }

  /** Also what the dashboard has inside, and the counts, which come last. */
  const untilSettled = (page: Page) =>
    expect
      .poll(async () => [
        await page.locator('parley-conversations .count').allTextContents(),
        await page.locator('parley-dashboard').locator('[state=loading]').count(),
      ])
      .toEqual([['40 conversations', '40 conversations'], 0])

  test('change nothing in the components, whatever they are', async () => {
    const [plain, hostile] = [await show(''), await show(HOSTILE)]
    for (const page of [plain, hostile]) await untilSettled(page)
    const [expected, found] = [await componentStyles(plain), await componentStyles(hostile)]
    expect(expected.length).toBeGreaterThan(200)
    expect(found.length).toBe(expected.length)
    expect(differences(expected, found)).toEqual([])
    for (const name of ['parley-series', 'parley-metrics', 'parley-conversations']) {
      const [before, after] = [plain, hostile].map((page) => page.locator(`main > ${name}`).screenshot())
      expect((await after)?.equals((await before) ?? Buffer.from('')), name).toBe(true)
    }
  })

  test.each(['ltr', 'rtl'])('are enough for the components: no page gets wider, %s', async (direction) => {
    const page = await show('', `<div dir="${direction}">${ALL_ELEMENTS}</div>`)
    for (const width of [1280, 390, 320]) {
      await page.setViewportSize({ width, height: 800 })
      await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))')
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
    }
  })

  test('are not changed by the components, nor is anything else of the page', async () => {
    const url = host.page({ body: OF_THE_HOST + ALL_ELEMENTS, style: 'body { font: 17px serif } h1 { color: green }' })
    const { page } = await visit(browser, url)
    const state = `JSON.stringify([Object.keys(window).toSorted(), document.styleSheets.length, document.adoptedStyleSheets.length,
      document.head.innerHTML, document.documentElement.getAttributeNames(), document.body.getAttributeNames()])`
    const [before, stateBefore] = [await ownStyles(page), await page.evaluate<string>(state)]
    await page.evaluate(`import('${parley}/embed/v1.js').then(({ configure }) => {
      configure({ url: '${parley}/graphql', fetchToken: () => fetch('/token/amber', { method: 'POST' }).then((a) => a.json()) }) })`)
    await untilLoaded(page)
    expect(before.length).toBeGreaterThan(20)
    expect(differences(before, await ownStyles(page))).toEqual([])
    const [globals, ...rest] = JSON.parse(await page.evaluate(state))
    const [globalsBefore, ...restBefore] = JSON.parse(stateBefore)
    expect(rest).toEqual(restBefore)
    // By which Lit tells that a page has several versions of it, and what decorators would use.
    const ofLit = ['litElementVersions', 'litHtmlVersions', 'litPropertyMetadata', 'reactiveElementVersions']
    expect(globals.filter((name: string) => !ofLit.includes(name))).toEqual(globalsBefore)
  })

  test('hide the components with the part of the page that they are in', async () => {
    const page = await show('.tab { visibility: hidden }', `<div class="tab">${ALL_ELEMENTS}</div>`)
    expect(await page.getByText('Average duration').first().isVisible()).toBe(false)
    expect(await page.locator('[role=option]').first().isVisible()).toBe(false)
    await page.evaluate('document.querySelector(".tab").className = ""')
    expect(await page.getByText('Average duration').first().isVisible()).toBe(true)
  })

  test('cannot turn its direction, but its attributes can', async () => {
    const directionOf = async (body: string, style: string) => {
      const { page } = await visit(browser, host.page({ body, script, style }))
      await untilLoaded(page)
      return page.evaluate(
        `getComputedStyle(document.querySelector('parley-metrics').shadowRoot.querySelector('.root')).direction`,
      )
    }
    expect(await directionOf('<parley-metrics></parley-metrics>', '* { direction: rtl !important }')).toBe('ltr')
    expect(await directionOf('<div dir="rtl"><parley-metrics></parley-metrics></div>', '')).toBe('rtl')
  })

  test('say whether the page is light or dark, whatever the reader has set in the system', async () => {
    const page = await show('', '<div id="scheme"></div><parley-metrics></parley-metrics>')
    const coloursOf = async (colorScheme: 'light' | 'dark', style: string) => {
      await page.emulateMedia({ colorScheme })
      return page.evaluate(`{
        document.querySelector('#scheme').innerHTML = '<style>${style}</style>'
        const { shadowRoot } = document.querySelector('parley-metrics')
        ;[...shadowRoot.querySelectorAll('.root, .root *')].map((element) => {
          const { color, backgroundColor, fill, stroke, borderTopColor } = getComputedStyle(element)
          return [color, backgroundColor, fill, stroke, borderTopColor].join()
        }).join()
      }`)
    }
    const light = await coloursOf('light', '')
    const dark = await coloursOf('dark', ':root { color-scheme: light dark }')
    expect(dark).not.toBe(light)
    expect(await coloursOf('dark', '')).toBe(light)
    expect(await coloursOf('light', ':root { color-scheme: dark }')).toBe(dark)
    expect(await coloursOf('dark', ':root { color-scheme: light }')).toBe(light)
    expect(await coloursOf('light', 'main { color-scheme: dark }')).toBe(dark)
  })
})

/** What differs, element by element. */
const differences = (expected: string[], found: string[]) =>
  expected.flatMap((line, index) => {
    if (line === found[index]) return []
    const styles = new Set(found[index]?.split(';'))
    return [`${line.split(';')[0]}: no longer ${line.split(';').filter((style) => !styles.has(style))}`]
  })
