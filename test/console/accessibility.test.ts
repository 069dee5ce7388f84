import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { canBrowse } from '../support/browser.ts'
import { axeFindings, setUpConsole } from './stage.ts'

const LOOKS = [
  { name: 'wide, light', viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  { name: 'wide, dark', viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
  { name: '390 px wide, light', viewport: { width: 390, height: 844 }, colorScheme: 'light' },
  { name: '390 px wide, dark', viewport: { width: 390, height: 844 }, colorScheme: 'dark' },
] as const

const WIDTHS = [320, 390, 640, 820, 1000, 1150, 1280]

/** A name that nobody has thought of: long, and with nowhere to break it. */
const LONG = `Ω${'Donaudampfschifffahrtsgesellschaft'.repeat(6)}`

/** Dialogs by the page and the button that opens them. */
const DIALOGS = [
  ['#keys', 'Generate key'],
  ['#keys', `Edit ${LONG}`],
  ['#keys', `Regenerate ${LONG}`],
  ['#keys', `Revoke ${LONG}`],
  ['#tenants', 'Create tenant'],
  ['#issuers', 'Register issuer'],
  ['#issuers', `Edit ${LONG}`],
  ['#issuers', `Delete ${LONG}`],
] as const

describe.runIf(canBrowse('Accessibility of the console'))('the console', async () => {
  const stage = await setUpConsole()
  const { server } = stage
  const tenant = await server.newTenant()
  await server.newKey({ name: LONG, scopes: ['ANALYTICS_READ'], tenantId: tenant.id })
  await server.admin(`mutation { updateTenant(input: { id: "${tenant.id}", name: "${LONG}" }) { tenant { id } } }`)

  await server.admin(`mutation { registerTokenIssuer(input: { issuer: "https://auth.example.com", audience: "parley",
    jwksUrl: "https://auth.example.com/jwks.json", scopes: [ANALYTICS_READ], name: "${LONG}" }) { tokenIssuer { id } } }`)

  const PAGES = ['', '#keys', '#tenants', `#tenants/${tenant.id}`, '#issuers', '#audit', '#limits']

  /** Waits until nothing on the page is loading. */
  async function untilLoaded(page: Page) {
    await expect.poll(() => page.locator('main [aria-busy=true]').count(), { timeout: 15_000 }).toBe(0)
  }

  const overflow = (page: Page) =>
    page.evaluate<string[]>(`(() => {
      const room = document.documentElement.clientWidth
      if (document.documentElement.scrollWidth <= room) return []
      return [...document.querySelectorAll('body *')].filter((element) => element.getBoundingClientRect().right > room + 1)
        .map((element) => element.outerHTML.slice(0, 120))
    })()`)

  test.for(LOOKS)(
    'has nothing that axe finds, and fits: $name',
    { timeout: 120_000 },
    async ({ viewport, colorScheme }) => {
      const visited = await stage.open({ viewport, colorScheme })
      const { page } = visited
      expect(await axeFindings(page)).toEqual([])
      await page.getByLabel('API key').fill(server.adminKey)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('heading', { level: 1, name: 'Get started' }).waitFor()
      for (const hash of PAGES) {
        await page.evaluate(`location.hash = ${JSON.stringify(hash)}`)
        await page.getByRole('heading', { level: 1 }).waitFor()
        await untilLoaded(page)
        expect([hash, await axeFindings(page), await overflow(page)]).toEqual([hash, [], []])
      }
      for (const [hash, button] of DIALOGS) {
        await page.evaluate(`location.hash = ${JSON.stringify(hash)}`)
        await page.getByRole('button', { name: button, exact: true }).click()
        await page.getByRole('dialog').waitFor()
        await expect.poll(() => page.locator('dialog [aria-busy=true]').count()).toBe(0)
        expect([button, await axeFindings(page), await overflow(page)]).toEqual([button, [], []])
        await page.keyboard.press('Escape')
        await page.getByRole('dialog').waitFor({ state: 'detached' })
      }
      expect(visited.complaints).toEqual([])
    },
  )

  test('fits every width, each page and dialog', { timeout: 120_000 }, async () => {
    const { page } = await stage.signIn()
    const tooWide: unknown[] = []
    const look = async (what: string) => {
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 800 })
        const found = await overflow(page)
        if (found.length > 0) tooWide.push([what, width, found.slice(0, 2)])
      }
    }
    for (const hash of PAGES) {
      await page.evaluate(`location.hash = ${JSON.stringify(hash)}`)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await untilLoaded(page)
      await look(hash)
    }
    for (const [hash, button] of DIALOGS) {
      await page.evaluate(`location.hash = ${JSON.stringify(hash)}`)
      await page.getByRole('button', { name: button, exact: true }).click()
      await page.getByRole('dialog').waitFor()
      await expect.poll(() => page.locator('dialog [aria-busy=true]').count()).toBe(0)
      await look(button)
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
    }
    expect(tooWide).toEqual([])
  })

  test('a refused field stands out, and in forced colours so does the main button', async () => {
    const { page } = await stage.signIn({ hash: '#tenants' })
    await page.getByRole('button', { name: 'Create tenant' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Id', { exact: true }).fill('two words')
    await dialog.getByLabel('Name', { exact: true }).fill('A tenant')
    await dialog.getByRole('button', { name: 'Create tenant' }).click()
    await dialog.getByRole('alert').waitFor()
    const colour = (selector: string) =>
      page.evaluate<string>(`getComputedStyle(document.querySelector('dialog ${selector}')).borderTopColor`)
    expect(await colour('#id')).not.toBe(await colour('#name'))
    await page.emulateMedia({ forcedColors: 'active' })
    const border = (selector: string) =>
      page.evaluate<number>(`parseFloat(getComputedStyle(document.querySelector('dialog ${selector}')).borderTopWidth)`)
    expect(await border('#id')).toBeGreaterThan(await border('#name'))
    expect(await border('button.primary')).toBeGreaterThan(await border('button[type=button]'))
  })

  test('on a low screen, the buttons of a dialog never cover the field with the focus', async () => {
    const { page } = await stage.signIn({ hash: '#tenants', viewport: { width: 640, height: 400 } })
    await page.getByRole('button', { name: 'Create tenant' }).click()
    await page.getByRole('dialog').getByText('Settings', { exact: true }).click()
    const covered: string[] = []
    for (let presses = 0; presses < 20; presses += 1) {
      await page.keyboard.press('Tab')
      const found = await page.evaluate<string | null>(`(() => {
        const focused = document.activeElement
        const buttons = document.querySelector('dialog form > .buttons')
        if (!focused.parentElement?.closest('dialog') || buttons.contains(focused)) return null
        return focused.getBoundingClientRect().bottom > buttons.getBoundingClientRect().top ? focused.outerHTML.slice(0, 120) : null
      })()`)
      if (found !== null) covered.push(found)
    }
    expect(covered).toEqual([])
  })

  test('a dialog takes the focus, keeps it, and gives it back', async () => {
    const { page } = await stage.signIn({ hash: '#keys' })
    const opener = page.getByRole('button', { name: 'Generate key' })
    await opener.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    const isInside = () =>
      page.evaluate<boolean>(
        'document.activeElement.closest("dialog") !== null || document.activeElement === document.body',
      )
    for (let presses = 0; presses < 30; presses += 1) {
      await page.keyboard.press('Tab')
      expect(await isInside()).toBe(true)
    }
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(await page.evaluate('document.activeElement.textContent.trim()')).toBe('Generate key')
  })

  test('a key is revoked with the keyboard only', async () => {
    const { secret } = await server.newKey({ name: 'By keyboard', scopes: ['ANALYTICS_READ'] })
    const { page } = await stage.signIn()
    const press = (key: string) => page.keyboard.press(key)
    const focused = () =>
      page.evaluate<string>(
        'document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent.trim()',
      )
    const tabTo = async (name: string) => {
      for (let presses = 0; presses < 80 && (await focused()) !== name; presses += 1) await press('Tab')
      expect(await focused()).toBe(name)
    }
    // From the heading, backwards to the navigation.
    for (let presses = 0; presses < 20 && (await focused()) !== 'API keys'; presses += 1) await press('Shift+Tab')
    await press('Enter')
    await page.getByRole('button', { name: 'Revoke By keyboard' }).waitFor()
    await tabTo('Revoke By keyboard')
    await press('Enter')
    await page.getByRole('dialog').getByText('Never used.').waitFor()
    for (
      let presses = 0;
      presses < 5 && (await page.evaluate('document.activeElement.id')) !== 'confirm-name';
      presses += 1
    )
      await press('Tab')
    await page.keyboard.type('By keyboard')
    await press('Enter')
    await page.getByText('The key “By keyboard” was revoked.').waitFor()
    expect((await server.ask({ key: secret }, '{ viewer { name } }')).errors).toBeDefined()
  })
})
