import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { nameText, typedForm, visible } from '../../src/console/parts/name.ts'
import { canBrowse } from '../support/browser.ts'
import { setUpConsole } from './stage.ts'

describe('the text of a name', () => {
  test.for([
    ['Prod', 'Prod'],
    ['My key 2', 'My key 2'],
    ['My  key', 'My ‹U+0020›key'],
    [' key', '‹U+0020›key'],
    ['key ', 'key‹U+0020›'],
    ['My\u00A0key', 'My‹U+00A0›key'],
    ['My\tkey\n', 'My‹U+0009›key‹U+000A›'],
    ['Pro\u200Bd', 'Pro‹U+200B›d'],
    ['\u202Edorp', '‹U+202E›dorp'],
    ['\u3164', '‹U+3164›'],
    ['Team 👨‍👩‍👧 ❤️', 'Team 👨‍👩‍👧 ❤️'],
    ['👍\u200Dx', '👍‹U+200D›x'],
    // Joiners that can be seen, because the letters beside them would join otherwise.
    ['می\u200Cخواهم', 'می\u200Cخواهم'],
    ['क्\u200Dष', 'क्\u200Dष'],
    // After or before a letter that never joins there, beside another joiner, before another script and at the end, nobody sees them.
    ['دا\u200Cد', 'دا‹U+200C›د'],
    ['دا\u064E\u200Cد', 'دا\u064E‹U+200C›د'],
    ['ب\u200Cء', 'ب‹U+200C›ء'],
    ['क्\u200Da', 'क्‹U+200D›a'],
    ['می\u200C\u200Cخ', 'می‹U+200C›‹U+200C›خ'],
    ['می\u200C', 'می‹U+200C›'],
    ['a\u200Cb', 'a‹U+200C›b'],
  ] as const)('%j is shown as %j', ([name, shown]) => {
    expect(visible(name)).toBe(shown)
  })

  test('a name from right to left does not reorder the sentence around it', () => {
    expect(nameText('שלום!')).toBe('\u2068שלום!\u2069')
    expect(nameText('Prod!')).toBe('Prod!')
  })

  test.for([
    ['  My\u00A0 \tkey\n', 'My key'],
    ['Pro\u200B\u202Ed\uFEFF', 'Prod'],
    ['Cafe\u0301', 'Café'],
    ['\u200B\u202E\u3164\u2800 ', ''],
  ] as const)('%j is typed as %j', ([name, typed]) => {
    expect(typedForm(name)).toBe(typed)
  })
})

describe.runIf(canBrowse('Names in the console'))('names in the console', async () => {
  const stage = await setUpConsole()
  const { server } = stage
  const dialog = (page: Page) => page.getByRole('dialog')

  test('a name with hidden characters looks different, and typing what is seen confirms', async () => {
    const tenant = await server.newTenant()
    await server.newKey({ name: 'Pay\u202Eroll  back\u200Bend', scopes: ['ANALYTICS_READ'], tenantId: tenant.id })
    const { page } = await stage.signIn({ hash: '#keys' })
    const shown = 'Pay‹U+202E›roll ‹U+0020›back‹U+200B›end'
    await page.getByRole('row').filter({ hasText: shown }).waitFor()
    await expect.poll(() => page.getByRole('table').locator('bdi', { hasText: shown }).count()).toBe(1)
    await page.getByRole('button', { name: `Revoke ${shown}` }).click()
    await dialog(page)
      .getByRole('heading', { name: `Revoke “${shown}”` })
      .waitFor()
    const field = dialog(page).getByLabel(`Type the name to confirm: ${shown}`)
    const revoke = dialog(page).getByRole('button', { name: 'Revoke key' })
    await dialog(page).getByText('Never used.').waitFor()
    await field.fill('Payroll back')
    await expect.poll(() => revoke.isDisabled()).toBe(true)
    for (const typed of [shown, 'Payroll backend']) {
      await field.fill('')
      await expect.poll(() => revoke.isDisabled()).toBe(true)
      await field.fill(typed)
      await expect.poll(() => revoke.isEnabled()).toBe(true)
    }
    await revoke.click()
    await page.getByRole('status').getByText(`The key “${shown}” was revoked.`).waitFor()
    await page.evaluate('location.hash = "#audit"')
    await page.getByRole('row').filter({ hasText: 'Revoked API key' }).waitFor()
    expect(await page.locator('main').textContent()).not.toMatch(/[\u202E\u200B]/)
  })

  test('a key whose name cannot be typed is revoked by its id', async () => {
    const { id } = await server.newKey({ name: 'x', scopes: ['ANALYTICS_READ'] })
    // Older versions may have stored such a name.
    const { page } = await stage.open({ hash: '#keys' })
    await page.route('**/graphql', async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, body: (await response.text()).replaceAll('"name":"x"', '"name":"\u2800"') })
    })
    await page.getByLabel('API key').fill(server.adminKey)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('button', { name: 'Revoke ‹U+2800›' }).click()
    await dialog(page).getByText('Never used.').waitFor()
    await dialog(page).getByLabel(`Type the id to confirm: ${id}`).fill(id)
    await expect.poll(() => dialog(page).getByRole('button', { name: 'Revoke key' }).isEnabled()).toBe(true)
  })

  test('two keys of the same name can be told apart', async () => {
    const tenant = await server.newTenant()
    await server.newKey({ name: 'Twin', scopes: ['ANALYTICS_READ'], tenantId: tenant.id })
    await server.newKey({ name: 'Twin', scopes: ['ANALYTICS_READ'] })
    const { page } = await stage.signIn({ hash: '#keys' })
    await page.getByRole('row').filter({ hasText: 'Twin' }).first().waitFor()
    for (const [cell, sentence] of [
      [tenant.id, `Twin, a key of the tenant ${tenant.id}:`],
      ['Account', 'Twin, a key of the account:'],
    ] as const) {
      const row = page.getByRole('row').filter({ hasText: 'Twin' }).filter({ hasText: cell })
      for (const label of ['Edit', 'Regenerate', 'Revoke']) {
        const button = row.getByRole('button', { name: `${label} Twin` })
        const ids = (await button.getAttribute('aria-describedby'))?.split(' ') ?? []
        const description = await Promise.all(ids.map((id) => page.locator(`[id="${id}"]`).textContent()))
        expect(description[0]).toBe(cell)
        await button.click()
        await dialog(page)
          .getByText(sentence)
          .getByText(description[1] ?? '?')
          .waitFor()
        await page.keyboard.press('Escape')
        await dialog(page).waitFor({ state: 'detached' })
      }
    }
  })
})
