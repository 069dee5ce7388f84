import { describe, expect, test } from 'vitest'
import { canBrowse } from '../support/browser.ts'
import { startTestServer } from '../support/server.ts'
import { enterKey, expectNoComplaint, goTo, kept, setUpConsole } from './stage.ts'

const MINUTE = 60_000

describe.runIf(canBrowse('Signing in to the console'))('signing in to the console', async () => {
  const stage = await setUpConsole()
  const limited = await setUpConsole({ rateLimits: { perMinute: 5, tenantPerMinute: 0 } })
  const { server } = stage
  const other = await startTestServer()

  test('a key that is refused is refused in words, and can be entered again', async () => {
    const revoked = await server.newKey({ scopes: ['ADMIN'] })
    await server.admin(`mutation { revokeApiKey(input: { id: "${revoked.id}" }) { apiKey { id } } }`)
    const visited = await stage.open()
    const { page } = visited
    const refusals = [
      ['', 'Paste a key.'],
      ['secret', 'This is neither a Parley API key nor a token.'],
      ['schlüssel', 'This is not an API key'],
      [other.adminKey, 'This API key is not valid.'],
      [`${server.adminKey}x`, 'This API key is malformed. Was it copied completely?'],
      [revoked.secret, 'This API key was revoked.'],
    ] as const
    for (const [key, problem] of refusals) {
      await enterKey(page, key)
      await page.getByRole('alert').getByText(problem).waitFor()
      expect(await page.evaluate('document.activeElement.id')).toBe('key')
    }
    for (const pasted of [
      ` ${server.adminKey}\n`,
      `\u200b"${server.adminKey}"\ufeff`,
      `Bearer ${server.adminKey}`,
      `'Authorization: Bearer ${server.adminKey}'`,
    ]) {
      await enterKey(page, pasted)
      await page.getByRole('heading', { level: 1, name: 'Get started' }).waitFor()
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.getByText('You are signed out.').waitFor()
    }
    await enterKey(page, server.adminKey)
    await page.getByRole('heading', { level: 1, name: 'Get started' }).waitFor()
    await expect(kept(visited)).resolves.not.toContain(server.adminKey)
  })

  test('a key that was typed is not there for whoever comes back to the page', async () => {
    const { page } = await stage.open()
    await page.getByLabel('API key').fill(server.adminKey)
    await page.evaluate(`dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))`)
    expect(await page.getByLabel('API key').inputValue()).toBe('')
  })

  test('a token is not a key', async () => {
    const tenant = await server.newTenant()
    const { data } = await tenant.ask('mutation { createEmbedToken { token } }')
    const { page } = await stage.open()
    await enterKey(page, data.createEmbedToken.token)
    await page.getByText('This is a token for a page.').waitFor()
    await expect.poll(() => page.getByRole('button', { name: 'Sign out' }).count()).toBe(0)
  })

  test('failed sign-ins are limited like any refused credential, and lock out nobody else', async () => {
    const { page } = await limited.open()
    for (let attempts = 0; attempts < 5; attempts += 1) {
      await enterKey(page, other.adminKey)
      await page.getByRole('alert').getByText('This API key is not valid.').waitFor()
    }
    await enterKey(page, other.adminKey)
    await page
      .getByRole('alert')
      .getByText(/Try again in \d+ seconds/)
      .waitFor()
    await enterKey(page, limited.server.adminKey)
    await page.getByRole('button', { name: 'Sign out' }).waitFor()
    await expect.poll(() => page.getByLabel('API key').count()).toBe(0)
  })

  test('a reload signs out, and so does coming back', async () => {
    const visited = await stage.signIn({ hash: '#keys' })
    const { page } = visited
    await page.getByRole('heading', { level: 1, name: 'API keys' }).waitFor()
    await page.reload()
    await page.getByLabel('API key').waitFor()
    expect(await page.getByLabel('API key').inputValue()).toBe('')
    await enterKey(page, server.adminKey)
    // Where they were before.
    await page.getByRole('heading', { level: 1, name: 'API keys' }).waitFor()
    await page.goto('about:blank')
    await page.goBack()
    await page.getByLabel('API key').waitFor()
    await expect(kept(visited)).resolves.not.toContain(server.adminKey)
    expect(JSON.stringify(server.logged)).not.toContain(server.adminKey)
  })

  test('after 15 minutes without activity somebody is signed out, and is warned before', async () => {
    const visited = await stage.signIn({ hash: '#keys', prepare: (page) => page.clock.install() })
    const { page } = visited
    await page.getByRole('row').nth(1).waitFor()
    const warning = page.getByRole('alertdialog', { name: 'Are you still there?' })
    await page.clock.runFor(13.9 * MINUTE)
    await expect.poll(() => warning.count()).toBe(0)
    await page.clock.runFor(0.2 * MINUTE)
    await warning.waitFor()
    await warning.getByRole('button', { name: 'Stay signed in' }).click()
    await page.clock.runFor(14 * MINUTE - 2_000)
    await expect.poll(() => warning.count()).toBe(0)
    await page.clock.runFor(MINUTE + 3_000)
    await page.getByText('You were signed out after 15 minutes without activity.').waitFor()
    const text = await page.evaluate<string>('document.documentElement.outerHTML')
    expect(text).not.toContain('First admin key')
    await expectNoComplaint(visited)
  })

  test('the warning can be used while a dialog is open, and a secret on the screen stays', async () => {
    const { page } = await stage.signIn({ hash: '#keys', prepare: (page) => page.clock.install() })
    await page.getByRole('button', { name: 'Generate key' }).click()
    await page.getByRole('dialog').getByLabel('Name').fill('While away')
    await page.getByRole('dialog').getByLabel('For').selectOption('account')
    await page.getByRole('dialog').getByRole('button', { name: 'Generate key' }).click()
    await page.getByRole('heading', { name: 'Save the secret' }).waitFor()
    await page.clock.runFor(14.2 * MINUTE)
    const warning = page.getByRole('alertdialog', { name: 'Are you still there?' })
    await warning.getByText('Save the secret on the screen first.').waitFor()
    await warning.getByRole('button', { name: 'Stay signed in' }).click()
    await warning.waitFor({ state: 'detached' })
    await page.clock.runFor(2 * MINUTE)
    expect(await page.getByRole('dialog').getByLabel('Secret', { exact: true }).inputValue()).toMatch(/^parley_/)
    await page.clock.runFor(14 * MINUTE)
    await page.getByText('A secret was not confirmed as saved').waitFor()
  })

  test('a clock that is set back keeps nobody signed in', async () => {
    const { page } = await stage.signIn({ prepare: (page) => page.clock.install() })
    await page.clock.runFor(5 * MINUTE)
    await page.clock.setSystemTime(Date.now() - 60 * MINUTE)
    await page.clock.runFor(10.2 * MINUTE)
    await page.getByText('You were signed out after 15 minutes without activity.').waitFor()
    await expect.poll(() => page.getByRole('button', { name: 'Sign out' }).count()).toBe(0)
  })

  test('a computer that slept for longer wakes up signed out', async () => {
    const { page } = await stage.signIn({ prepare: (page) => page.clock.install() })
    // No timer has run meanwhile.
    await page.clock.setSystemTime(Date.now() + 16 * MINUTE)
    await page.mouse.move(200, 200)
    await page.getByText('You were signed out after 15 minutes without activity.').waitFor()
    expect(await page.evaluate('document.activeElement.id')).toBe('key')
  })

  test('what the console asks by itself keeps nobody signed in', async () => {
    const { page, requests } = await stage.signIn({ hash: '#audit', prepare: (page) => page.clock.install() })
    await page.getByRole('heading', { level: 1, name: 'Audit log' }).waitFor()
    for (let minutes = 0; minutes < 16; minutes += 1) await page.clock.runFor(MINUTE)
    await page.getByText('You were signed out after 15 minutes').waitFor()
    const count = requests.length
    await page.clock.runFor(5 * MINUTE)
    expect(requests.length).toBe(count)
  })

  test('a key that is revoked elsewhere is signed out at the next step, and told why', async () => {
    const own = await server.newKey({ name: 'Brief', scopes: ['ADMIN'] })
    const { page } = await stage.signIn({ key: own.secret })
    // What the page itself requests has been answered.
    await page.getByText('The first steps', { exact: true }).waitFor()
    await server.admin(`mutation { revokeApiKey(input: { id: "${own.id}" }) { apiKey { id } } }`)
    await page.getByRole('link', { name: 'API keys' }).click()
    await page.getByText('your key is no longer accepted: This API key was revoked.').waitFor()
    await expect.poll(() => page.getByRole('button', { name: 'Sign out' }).count()).toBe(0)
  })

  test('a server that can’t be reached is said to be', async () => {
    const { page } = await stage.open()
    await page.route('**/graphql', (route) => route.abort())
    await enterKey(page, server.adminKey)
    await page.getByRole('alert').getByText('The server can’t be reached.').waitFor()
    await page.unroute('**/graphql')
    await page.route('**/graphql', (route) => route.fulfill({ status: 502, body: '<h1>Bad gateway</h1>' }))
    await enterKey(page, server.adminKey)
    await page.getByRole('alert').getByText('is not available right now').waitFor()
    await expect.poll(() => page.getByRole('button', { name: 'Sign out' }).count()).toBe(0)
  })

  test('each key sees the pages that it can do something on, and no others', async () => {
    const tenant = await server.newTenant()
    const reader = await server.newKey({ scopes: ['ANALYTICS_READ'] })
    const pagesOf = async (key: string) => {
      const { page } = await stage.signIn({ key, hash: '#keys' })
      const links = page.getByRole('navigation', { name: 'Pages' }).getByRole('link')
      return {
        heading: await page.getByRole('heading', { level: 1 }).textContent(),
        links: await links.allTextContents(),
      }
    }
    expect(await pagesOf(server.adminKey)).toEqual({
      heading: 'API keys',
      links: ['Get started', 'API keys', 'Tenants', 'Token issuers', 'Audit log', 'Limits and health'],
    })
    expect(await pagesOf(tenant.key)).toEqual({
      heading: 'Get started',
      links: ['Get started', 'Tenant', 'Limits and health'],
    })
    expect(await pagesOf(reader.secret)).toEqual({
      heading: 'Get started',
      links: ['Get started', 'Tenants', 'Limits and health'],
    })
  })

  test('the back button goes back through the pages', async () => {
    const { page } = await stage.signIn()
    await goTo(page, 'API keys')
    expect(await page.title()).toBe('API keys · Parley console')
    expect(await page.evaluate('document.activeElement.textContent')).toBe('API keys')
    await goTo(page, 'Limits and health')
    await page.goBack()
    await page.getByRole('heading', { level: 1, name: 'API keys' }).waitFor()
  })
})
