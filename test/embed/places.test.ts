import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canBrowse, launchBrowser } from '../support/browser.ts'
import type { TestTenant } from '../support/server.ts'
import type { OpenOptions } from './page.ts'
import { startProduct } from './page.ts'
import { loaded, logConversations, RANGE, ZONE } from './series-data.ts'

/** Wherever a page puts an element, and whatever its reader prefers. */

const inBrowser = canBrowse('The places of elements')
const product = await startProduct()
const CHART = `<parley-series range="${RANGE}" interval="DAY" group-by="CHANNEL"></parley-series>`

describe.runIf(inBrowser)('an element', () => {
  let browser: Browser
  let tenant: TestTenant

  beforeAll(async () => {
    tenant = await product.server.newTenant({ timeZone: ZONE })
    await logConversations(tenant.ask)
    browser = await launchBrowser()
  }, 60_000)

  afterAll(() => browser?.close())

  const show = async (body: string, options: OpenOptions = {}) => {
    const page = await product.open(browser, tenant.ask, body, options)
    await loaded(page)
    return page
  }

  const widths = (page: Page) =>
    page.evaluate<number[]>(`[...document.querySelectorAll('parley-series')].map((one) => one.clientWidth)`)

  const overflows = (page: Page) =>
    page.evaluate<boolean>('document.documentElement.scrollWidth > document.documentElement.clientWidth')

  test.each(['display: inline-block', 'display: table-cell', 'display: flex; flex-flow: column; align-items: center'])(
    'can be seen where its parent is as wide as what is in it: %s',
    async (style) => {
      const page = await show(`<div class="parent">${CHART}</div>`, { style: `.parent { ${style} }` })
      expect((await widths(page))[0]).toBeGreaterThanOrEqual(200)
      expect(await page.locator('rect.bar').count()).toBeGreaterThan(0)
    },
  )

  test('takes the room that a row has', async () => {
    const style = '.row { display: flex; width: 1000px } nav { width: 200px }'
    const page = await show(`<div class="row"><nav>Menu</nav>${CHART}</div>`, { style })
    expect(await widths(page)).toEqual([800])
  })

  test('makes no column wider than its share, also on a phone', async () => {
    const style = '.grid { display: grid; grid-template-columns: repeat(3, 1fr) } .card { padding: 8px }'
    const body = `<div class="grid">${`<div class="card">${CHART}</div>`.repeat(3)}</div>`
    const page = await show(body, { style, viewport: { width: 932, height: 800 } })
    expect(await widths(page)).toEqual([284, 284, 284])
    const phone = await show(`<div class="card">${CHART}</div>`, { style, viewport: { width: 320, height: 800 } })
    expect(await overflows(phone)).toBe(false)
  })

  test('is drawn when it is shown, if it was hidden before', async () => {
    const page = await show(`<div hidden>${CHART}</div>${CHART.replace('range', 'hidden range')}`)
    expect(await widths(page)).toEqual([0, 0])
    await page.evaluate(`for (const one of document.querySelectorAll('[hidden]')) one.hidden = false`)
    await expect.poll(() => page.locator('parley-series:first-of-type rect.bar').count()).toBeGreaterThan(1)
    await expect.poll(() => page.locator('main > parley-series rect.bar').count()).toBeGreaterThan(1)
  })

  test('has the language of what is around it, also outside of the shadow root that it is in', async () => {
    const shadow = `<template shadowrootmode="open">${CHART}</template>`
    const page = await product.open(browser, tenant.ask, `<section lang="de"><div>${shadow}</div></section>`)
    await page.getByRole('img').or(page.locator('rect.bar')).first().waitFor()
    expect(await page.locator('text.tick', { hasText: '6. März' }).count()).toBe(1)
  })

  test('can be read in the colours that a reader has forced', async () => {
    const page = await show(CHART, { forcedColors: 'active', colorScheme: 'dark' })
    const computed = (selector: string, name: string) =>
      page
        .locator(selector)
        .first()
        .evaluate((one, property) => getComputedStyle(one).getPropertyValue(property), name)
    const text = await page.evaluate<string>('getComputedStyle(document.body).color')
    expect(await computed('text.tick', 'fill')).toBe(text)
    expect(await computed('.legend .swatch', 'background-color')).toBe(await computed('rect.bar', 'fill'))
  })

  test('moves nothing if the reader wants less motion', async () => {
    const transition = async (reducedMotion: 'reduce' | 'no-preference') => {
      const page = await show(CHART, { reducedMotion })
      const panels = page.locator('.panels')
      await panels.evaluate((one) => one.classList.add('is-stale'))
      return panels.evaluate((one) => getComputedStyle(one).transitionProperty)
    }
    expect(await transition('no-preference')).toBe('opacity')
    expect(await transition('reduce')).toBe('all')
  })
})
