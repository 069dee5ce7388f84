import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { ParleyRequestError } from '../../src/client/errors.ts'
import { explain } from '../../src/console/parts/notice.ts'
import { canBrowse } from '../support/browser.ts'
import { axeFindings, setUpConsole } from './stage.ts'

test('what is forbidden is said by the server only', () => {
  expect(explain(new ParleyRequestError('This is the last key.', 'FORBIDDEN'))).toBe('This is the last key.')
})

describe.runIf(canBrowse('Refused input in the console'))('refused input in the console', async () => {
  const stage = await setUpConsole()
  const { server } = stage
  const dialog = (page: Page) => page.getByRole('dialog')
  const focused = (page: Page) => page.evaluate<string>('document.activeElement.id')

  test('a field is named in words, and the reason is said once', async () => {
    const tenant = await server.newTenant()
    const { page } = await stage.signIn({ hash: `#tenants/${tenant.id}` })
    await page.getByRole('button', { name: 'Edit settings' }).click()
    const refused = async () => {
      await dialog(page).getByRole('button', { name: 'Save' }).click()
      await dialog(page).getByRole('alert').getByText('Not done: see the field above.').waitFor()
      expect((await dialog(page).allInnerTexts())[0]).not.toContain('input.')
      return dialog(page).locator('.problem').allInnerTexts()
    }
    await dialog(page).getByLabel('Time zone').fill('Nowhere')
    expect(await refused()).toEqual([expect.stringMatching(/^["A-Z]/)])
    expect(await focused(page)).toBe('timeZone')
    expect((await dialog(page).getByRole('alert').allInnerTexts())[0]).toMatch(
      /^Not done: see the field above\.\s+Code: BAD_USER_INPUT$/,
    )
    expect(await axeFindings(page)).toEqual([])

    await dialog(page).getByLabel('Time zone').fill('UTC')
    await dialog(page).getByLabel('Allowed origins').fill('https://app.example.com\nnonsense')
    expect(await refused()).toEqual([expect.stringMatching(/^Line 2: ["A-Z]/)])

    await dialog(page).getByLabel('Allowed origins').fill('')
    await dialog(page).getByRole('button', { name: 'Add pattern' }).click()
    await dialog(page).getByLabel('Name of pattern 1').fill('broken')
    await dialog(page).getByLabel('Regular expression 1').fill('(')
    expect(await refused()).toEqual([expect.stringMatching(/^["A-Z]/)])
  })

  test('a refused list of checkboxes gets the focus', async () => {
    await server.newKey({ name: 'Scopes', scopes: ['ANALYTICS_READ'] })
    const { page } = await stage.signIn({ hash: '#keys' })
    await page.getByRole('button', { name: 'Edit Scopes' }).click()
    await dialog(page).getByLabel('Read analytics').uncheck()
    await dialog(page).getByRole('button', { name: 'Save' }).click()
    await dialog(page).getByRole('alert').waitFor()
    await expect.poll(() => focused(page)).toBe('scopes-ANALYTICS_READ')
    expect(await axeFindings(page)).toEqual([])
  })
})
