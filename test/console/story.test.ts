import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { Page } from 'playwright-core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { canBrowse } from '../support/browser.ts'
import { expectNoComplaint, goTo, kept, setUpConsole } from './stage.ts'

/** Opens a dialog by its button, and returns it. */
async function openDialog(page: Page, button: string) {
  await page.getByRole('button', { name: button, exact: true }).click()
  return page.getByRole('dialog')
}

describe.runIf(canBrowse('A day of an administrator'))('a day of an administrator', async () => {
  const stage = await setUpConsole()
  const { server } = stage
  const accepts = async (key: string) => (await server.ask({ key }, '{ viewer { name } }')).errors === undefined

  /** The secret that the dialog shows, once it is said to be saved. */
  async function saveSecret(page: Page) {
    const dialog = page.getByRole('dialog')
    const secret = await dialog.getByLabel('Secret', { exact: true }).inputValue()
    await dialog.getByLabel('I have saved the secret').check()
    await dialog.getByRole('button', { name: 'Done' }).click()
    return secret
  }

  test('a tenant, its key and an issuer come and go without a terminal, and the audit log has it all', {
    timeout: 120_000,
  }, async () => {
    const visited = await stage.signIn()
    const { page } = visited

    await goTo(page, 'Tenants')
    const tenant = await openDialog(page, 'Create tenant')
    await tenant.getByLabel('Id', { exact: true }).fill('initech')
    await tenant.getByLabel('Name', { exact: true }).fill('Initech')
    await tenant.getByRole('button', { name: 'Create tenant' }).click()
    await page.getByRole('heading', { name: 'Initech' }).waitFor()

    await goTo(page, 'API keys')
    const generate = await openDialog(page, 'Generate key')
    await generate.getByLabel('Name').fill('Initech back end')
    await generate.getByLabel('Tenant').fill('initech')
    await generate.getByRole('button', { name: 'Generate key' }).click()
    const first = await saveSecret(page)

    const regenerate = await openDialog(page, 'Regenerate Initech back end')
    await regenerate.getByLabel('How long the old secret').selectOption('10 minutes')
    await regenerate.getByRole('button', { name: 'Regenerate' }).click()
    const second = await saveSecret(page)
    expect([await accepts(first), await accepts(second)]).toEqual([true, true])
    server.clock.now = new Date(Date.now() + 601_000)
    onTestFinished(() => {
      server.clock.now = null
    })
    expect([await accepts(first), await accepts(second)]).toEqual([false, true])
    server.clock.now = null

    const revoke = await openDialog(page, 'Revoke Initech back end')
    await revoke.getByLabel('Type the name to confirm').fill('Initech back end')
    await revoke.getByRole('button', { name: 'Revoke key' }).click()
    await page.getByText('The key “Initech back end” was revoked.').waitFor()
    expect(await accepts(second)).toBe(false)

    await goTo(page, 'Token issuers')
    const { publicKey, privateKey } = await generateKeyPair('ES256')
    const register = await openDialog(page, 'Register issuer')
    await register.getByLabel('Name').fill('Initech sign-in')
    await register.getByLabel('Issuer (iss)').fill('https://auth.initech.example')
    await register.getByLabel('Audience (aud)').fill('parley')
    await register.getByLabel('Keys', { exact: true }).selectOption('keys')
    await register.getByLabel('Public keys').fill(JSON.stringify(await exportJWK(publicKey)))
    await register.getByRole('button', { name: 'Register issuer' }).click()
    await register.getByRole('button', { name: 'Test a token' }).click()
    const token = await new SignJWT({ tenant: 'initech' })
      .setProtectedHeader({ alg: 'ES256' })
      .setIssuer('https://auth.initech.example')
      .setAudience('somebody-else')
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(privateKey)
    await page.getByLabel('Token', { exact: true }).fill(token)
    await page.getByRole('button', { name: 'Test token' }).click()
    await page.getByText('aud', { exact: true }).first().waitFor()
    await page.getByText('somebody-else').first().waitFor()

    await goTo(page, 'Audit log')
    const log = page.getByRole('table', { name: 'Audit log' })
    for (const text of [
      'Created tenant',
      'Generated API key',
      'Regenerated API key',
      'Revoked API key',
      'Registered token issuer',
    ])
      await log.getByText(text, { exact: false }).first().waitFor()

    const everywhere = `${await kept(visited)} ${JSON.stringify(server.logged)}`
    for (const secret of [first, second, server.adminKey, token]) expect(everywhere).not.toContain(secret)
    await expectNoComplaint(visited)
  })
})
