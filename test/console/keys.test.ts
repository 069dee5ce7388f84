import type { Page } from 'playwright-core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { pass } from '../embed/visit.ts'
import { canBrowse } from '../support/browser.ts'
import { expectNoComplaint, goTo, kept, setUpConsole } from './stage.ts'

const LIVE_KEY = '{ viewer { name } }'
const CREATE_TOKEN = 'mutation { createEmbedToken { token } }'

describe.runIf(canBrowse('Keys in the console'))('keys in the console', async () => {
  const stage = await setUpConsole()
  const { server } = stage

  const dialog = (page: Page) => page.getByRole('dialog')
  const row = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name })
  const secretOf = (page: Page) => dialog(page).getByLabel('Secret', { exact: true }).inputValue()
  const confirmSaved = async (page: Page) => {
    await dialog(page).getByLabel('I have saved the secret').check()
    await dialog(page).getByRole('button', { name: 'Done' }).click()
  }
  const accepts = async (secret: string) => {
    const { errors } = await server.ask({ key: secret }, LIVE_KEY)
    return errors === undefined
  }

  test('a key is generated, regenerated with an overlap and revoked, and no secret is kept anywhere', async () => {
    const tenant = await server.newTenant()
    const visited = await stage.signIn()
    const { page } = visited
    await goTo(page, 'API keys')
    await page.getByRole('button', { name: 'Generate key' }).click()
    await dialog(page).getByLabel('Name').fill('Support back end')
    await dialog(page).getByLabel('Tenant').fill(tenant.id)
    await dialog(page).getByLabel('Expires').selectOption('In 90 days')
    await dialog(page).getByRole('button', { name: 'Generate key' }).click()
    await dialog(page).getByRole('heading', { name: 'Save the secret of “Support back end”' }).waitFor()
    const first = await secretOf(page)
    expect(await accepts(first)).toBe(true)
    await expectNoComplaint(visited)
    await confirmSaved(page)
    await page.getByRole('status').getByText('The key “Support back end” was generated.').waitFor()
    expect(await row(page, 'Support back end').textContent()).toContain(tenant.id)

    // A page that is open with a token of the key.
    const { data } = await server.ask({ key: first }, CREATE_TOKEN)
    const token = data.createEmbedToken.token
    await page.getByRole('button', { name: 'Regenerate Support back end' }).click()
    await dialog(page).getByText('Live embed tokens: 1. All end with the old secret.').waitFor()
    await dialog(page)
      .getByText(/^Last used less than a minute ago/)
      .waitFor()
    await dialog(page).getByLabel('How long the old secret').selectOption('1 hour')
    await dialog(page).getByRole('button', { name: 'Regenerate key' }).click()
    await dialog(page).getByText('The old secret is accepted for 00:59:').waitFor()
    const second = await secretOf(page)
    await confirmSaved(page)
    expect([await accepts(first), await accepts(second), await accepts(token)]).toEqual([true, true, true])
    await row(page, 'Support back end').getByText('Old secret ends in 00:59:').waitFor()
    server.clock.now = new Date(Date.now() + 3_601_000)
    onTestFinished(() => {
      server.clock.now = null
    })
    expect([await accepts(first), await accepts(second), await accepts(token)]).toEqual([false, true, false])
    server.clock.now = null

    await page.getByRole('button', { name: 'Revoke Support back end' }).click()
    const revoke = dialog(page).getByRole('button', { name: 'Revoke key' })
    await dialog(page).getByText('Live embed tokens: 1. All end at once.').waitFor()
    await expect.poll(() => revoke.isDisabled()).toBe(true)
    await dialog(page).getByLabel('Type the name to confirm').fill('Support')
    await expect.poll(() => revoke.isDisabled()).toBe(true)
    await dialog(page).getByLabel('Type the name to confirm').fill('Support back end')
    await revoke.click()
    await page.getByRole('status').getByText('The key “Support back end” was revoked.').waitFor()
    expect([await accepts(second), await accepts(token)]).toEqual([false, false])
    await row(page, 'Support back end').waitFor({ state: 'detached' })
    await page.getByLabel('Status').selectOption('Revoked')
    await row(page, 'Support back end').waitFor()

    const everywhere = `${await kept(visited)} ${JSON.stringify(server.logged)}`
    for (const secret of [first, second, server.adminKey]) expect(everywhere).not.toContain(secret)
    await expectNoComplaint(visited)
  })

  test('the dialog with a secret stays until somebody says that it is saved', async () => {
    const { page } = await stage.signIn({ hash: '#keys' })
    await page.getByRole('button', { name: 'Generate key' }).click()
    await dialog(page).getByLabel('Name').fill('Stays')
    await dialog(page).getByLabel('For').selectOption('account')
    await dialog(page).getByRole('button', { name: 'Generate key' }).click()
    await dialog(page).getByRole('heading', { name: 'Save the secret' }).waitFor()
    const secret = await secretOf(page)
    for (let presses = 0; presses < 4; presses += 1) await page.keyboard.press('Escape')
    await expect.poll(() => dialog(page).getByRole('button', { name: 'Done' }).isDisabled()).toBe(true)
    // Another page behind it does not take it away either.
    await page.evaluate('location.hash = "#limits"')
    await page.getByRole('heading', { level: 1, name: 'Limits and health', includeHidden: true }).waitFor()
    expect(await secretOf(page)).toBe(secret)
    await dialog(page).getByLabel('I have saved the secret').check()
    await page.keyboard.press('Escape')
    await dialog(page).waitFor({ state: 'detached' })
    expect(await page.evaluate('document.documentElement.outerHTML')).not.toContain(secret)
  })

  test('what is refused is said at the field that it is about', async () => {
    const { page } = await stage.signIn({ hash: '#keys' })
    await page.getByRole('button', { name: 'Generate key' }).click()
    const name = dialog(page).getByLabel('Name')
    await name.fill('x'.repeat(257))
    await dialog(page).getByLabel('Tenant').fill('acme')
    await dialog(page).getByRole('button', { name: 'Generate key' }).click()
    await dialog(page).getByRole('alert').waitFor()
    expect(await name.getAttribute('aria-invalid')).toBe('true')
    expect(await page.evaluate('document.activeElement.id')).toBe('name')
    await name.fill('Nobody')
    await dialog(page).getByLabel('Tenant').fill('nobody-here')
    await dialog(page).getByRole('button', { name: 'Generate key' }).click()
    await dialog(page).locator('#tenantId-problem').waitFor()
    expect(await dialog(page).getByLabel('Tenant').getAttribute('aria-invalid')).toBe('true')
    expect(await name.getAttribute('aria-invalid')).toBe('false')
  })

  test('a key is changed, and only in what was changed', async () => {
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString()
    const { id } = await server.newKey({ name: 'Changes', scopes: ['ANALYTICS_READ'], expiresAt })
    const { page } = await stage.signIn({ hash: '#keys' })
    await page.getByRole('button', { name: 'Edit Changes' }).click()
    await dialog(page).getByLabel('Name').fill('Changed')
    await dialog(page).getByLabel('Delete conversations').check()
    await dialog(page).getByLabel('Networks').fill('203.0.113.0/24\n2001:db8::/32')
    await dialog(page).getByLabel('Note').fill('Of the support team')
    await dialog(page).getByRole('button', { name: 'Save' }).click()
    await page.getByText('The key “Changed” was updated.').waitFor()
    const { data } = await server.admin(
      `{ apiKey(id: "${id}") { name note scopes allowedNetworks expiresAt requestsPerMinute } }`,
    )
    expect(data.apiKey).toEqual({
      name: 'Changed',
      note: 'Of the support team',
      scopes: ['ANALYTICS_READ', 'CONVERSATIONS_ERASE'],
      allowedNetworks: ['203.0.113.0/24', '2001:db8::/32'],
      expiresAt,
      requestsPerMinute: null,
    })
  })

  test('what a field can’t read is not taken for empty', async () => {
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString()
    const { id } = await server.newKey({ name: 'Keeps', scopes: ['ANALYTICS_READ'], expiresAt, requestsPerMinute: 50 })
    const { page, requests } = await stage.signIn({ hash: '#keys' })
    await page.getByRole('button', { name: 'Generate key' }).click()
    await dialog(page).getByLabel('Name').fill('No date')
    await dialog(page).getByLabel('For').selectOption('account')
    await dialog(page).getByLabel('Expires').selectOption('On a date')
    await dialog(page).getByRole('button', { name: 'Generate key' }).click()
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('expiresAt')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Edit Keeps' }).click()
    // Half a date.
    await dialog(page).getByLabel('Expires').focus()
    await page.keyboard.press('Delete')
    await dialog(page).getByRole('button', { name: 'Save' }).click()
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('expiresAt')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Edit Keeps' }).click()
    await dialog(page).getByLabel('Requests per minute').focus()
    await page.keyboard.press('End')
    await page.keyboard.type('-')
    await dialog(page).getByRole('button', { name: 'Save' }).click()
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('requestsPerMinute')
    const sent = requests.filter((request) => /ConsoleGenerateKey|ConsoleUpdateKey/.test(request.postData() ?? ''))
    expect(sent).toEqual([])
    const { data } = await server.admin(`{ apiKey(id: "${id}") { expiresAt requestsPerMinute } }`)
    expect(data.apiKey).toEqual({ expiresAt, requestsPerMinute: 50 })
  })

  test('what somebody else has changed since the list was loaded stays as it is', async () => {
    const { id } = await server.newKey({ name: 'Shared', scopes: ['ANALYTICS_READ', 'CONVERSATIONS_READ'] })
    const { page } = await stage.signIn({ hash: '#keys' })
    await page.getByRole('button', { name: 'Edit Shared' }).waitFor()
    const tightened = { scopes: ['ANALYTICS_READ'], allowedNetworks: ['203.0.113.0/24'], requestsPerMinute: 5 }
    await server.admin('mutation ($input: UpdateApiKeyInput!) { updateApiKey(input: $input) { apiKey { id } } }', {
      input: { id, ...tightened },
    })
    await page.getByRole('button', { name: 'Edit Shared' }).click()
    await dialog(page).getByLabel('Note').fill('Mine')
    await dialog(page).getByRole('button', { name: 'Save' }).click()
    await page.getByText('The key “Shared” was updated.').waitFor()
    const { data } = await server.admin(`{ apiKey(id: "${id}") { note scopes allowedNetworks requestsPerMinute } }`)
    expect(data.apiKey).toEqual({ note: 'Mine', ...tightened })
  })

  test('if somebody else regenerates the key meanwhile, what would end is said before it ends', async () => {
    const { id, secret } = await server.newKey({ name: 'Contested', scopes: ['ANALYTICS_READ'] })
    const { page } = await stage.signIn({ hash: '#keys' })
    await page.getByRole('button', { name: 'Regenerate Contested' }).click()
    await dialog(page).getByText('Never used.').waitFor()
    await server.admin(`mutation { regenerateApiKey(input: { id: "${id}", overlapSeconds: 3600 }) { apiKey { id } } }`)
    await dialog(page).getByRole('button', { name: 'Regenerate key' }).click()
    await dialog(page).getByText('This key was regenerated while this was open.').waitFor()
    await dialog(page).getByText('An even older secret is still accepted').waitFor()
    expect(await accepts(secret)).toBe(true)
    await dialog(page).getByLabel('Type the name to confirm').fill('Contested')
    await dialog(page).getByRole('button', { name: 'Regenerate key' }).click()
    await dialog(page).getByRole('heading', { name: 'Save the secret' }).waitFor()
    expect(await accepts(secret)).toBe(false)
  })

  test('regenerating says how many tokens end at once, and how many with the old secret', async () => {
    const tenant = await server.newTenant()
    const createToken = (key: string) => server.ask({ key }, CREATE_TOKEN)
    const regenerate = async () => {
      const input = { id: tenant.keyId, overlapSeconds: 3600 }
      const regenerate =
        'mutation ($input: RegenerateApiKeyInput!) { regenerateApiKey(input: $input) { secret apiKey { name } } }'
      return (await server.admin(regenerate, { input })).data.regenerateApiKey
    }
    await createToken(tenant.key)
    const { secret, apiKey } = await regenerate()
    const { page } = await stage.signIn({ hash: `#keys/key/${tenant.keyId}` })
    const says = async (text: string) => {
      await page.getByRole('button', { name: `Regenerate ${apiKey.name}` }).click()
      expect((await dialog(page).getByText('Live embed tokens').textContent())?.trim()).toBe(text)
      await dialog(page).getByRole('button', { name: 'Cancel' }).click()
    }
    await says('Live embed tokens: 1. All end at once, with the even older secret.')
    await createToken(secret)
    await createToken(secret)
    await says('Live embed tokens: 3. 1 ends at once, with the even older secret; 2 end with the old secret.')
    await regenerate()
    await says('Live embed tokens: 2. All end at once, with the even older secret.')
  })

  test('whoever is signed in with a previous secret can’t end it', async () => {
    const own = await server.newKey({ name: 'Outdated', scopes: ['ADMIN'] })
    const { page } = await stage.signIn({ hash: '#keys', key: own.secret })
    await server.admin(
      `mutation { regenerateApiKey(input: { id: "${own.id}", overlapSeconds: 3600 }) { apiKey { id } } }`,
    )
    await page.getByRole('button', { name: 'Regenerate Outdated' }).click()
    await dialog(page).getByText('Sign in with the current secret first.').waitFor()
    await expect.poll(() => dialog(page).getByRole('button', { name: 'Regenerate key' }).isDisabled()).toBe(true)
    expect(await accepts(own.secret)).toBe(true)
  })

  test('a key that may only administer generates keys of the account', async () => {
    const own = await server.newKey({ name: 'Only admin', scopes: ['ADMIN'] })
    const { page } = await stage.signIn({ hash: '#keys', key: own.secret })
    await page.getByRole('button', { name: 'Generate key' }).click()
    await dialog(page).getByText('Your own key has no scope that the key of a tenant can have.').waitFor()
    await expect.poll(() => dialog(page).getByLabel('For').getByRole('option').count()).toBe(1)
    await expect.poll(() => dialog(page).getByLabel('Tenant', { exact: true }).count()).toBe(0)
  })

  test('of a key that is stronger than one’s own, only the end is offered', async () => {
    const own = await server.newKey({ name: 'Administrator', scopes: ['ADMIN', 'ANALYTICS_READ'] })
    await server.newKey({ name: 'Eraser', scopes: ['CONVERSATIONS_ERASE'] })
    await server.newKey({ name: 'Reader', scopes: ['ANALYTICS_READ'] })
    const { page } = await stage.signIn({ hash: '#keys', key: own.secret })
    const offered = (name: string) => row(page, name).getByRole('button').allInnerTexts()
    await row(page, 'Reader').waitFor()
    expect(await offered('Eraser')).toEqual(['Revoke'])
    expect(await offered('Reader')).toEqual(['Edit', 'Regenerate', 'Revoke'])
    await page.getByRole('button', { name: 'Generate key' }).click()
    await expect.poll(() => dialog(page).getByRole('group', { name: 'Scopes' }).getByRole('checkbox').count()).toBe(1)
    await dialog(page).getByLabel('For').selectOption('account')
    await dialog(page).getByLabel('Administer').waitFor()
  })

  test('whoever regenerates their own key goes on with the new secret', async () => {
    const own = await server.newKey({ name: 'Mine', scopes: ['ADMIN'] })
    const { page } = await stage.signIn({ hash: '#keys', key: own.secret })
    await page.getByRole('button', { name: 'Regenerate Mine' }).click()
    await dialog(page).getByText('This page will continue with the new secret.').waitFor()
    expect(await dialog(page).getByLabel('How long the old secret').textContent()).not.toContain('at once')
    await dialog(page).getByLabel('How long the old secret').selectOption('10 minutes')
    await dialog(page).getByRole('button', { name: 'Regenerate key' }).click()
    await dialog(page).getByRole('heading', { name: 'Save the secret' }).waitFor()
    await confirmSaved(page)
    server.clock.now = new Date(Date.now() + 601_000)
    onTestFinished(() => {
      server.clock.now = null
    })
    expect(await accepts(own.secret)).toBe(false)
    await page.getByLabel('Status').selectOption('All')
    await row(page, 'Mine').first().waitFor()
    await expect.poll(() => page.getByRole('button', { name: 'Sign out' }).count()).toBe(1)
  })

  test('whoever revokes their own key is signed out', async () => {
    const own = await server.newKey({ name: 'Goodbye', scopes: ['ADMIN'] })
    const { page } = await stage.signIn({ hash: '#keys', key: own.secret })
    await page.getByRole('button', { name: 'Revoke Goodbye' }).click()
    await dialog(page).getByText('You will be signed out.').waitFor()
    await dialog(page).getByLabel('Type the name to confirm').fill('Goodbye')
    await dialog(page).getByRole('button', { name: 'Revoke key' }).click()
    await page.getByText('The key “Goodbye” was revoked.').waitFor()
    await page.getByLabel('API key').waitFor()
    expect(await accepts(own.secret)).toBe(false)
  })

  test('the last key of an administrator can’t be revoked, and the console says why', async () => {
    const { page } = await stage.signIn({ hash: '#keys' })
    const { data } = await server.admin(
      '{ apiKeys(first: 100, filter: { statuses: [ACTIVE] }) { nodes { id scopes } } viewer { credentialId name } }',
    )
    for (const { id, scopes } of data.apiKeys.nodes) {
      if (!scopes.includes('ADMIN') || id === data.viewer.credentialId) continue
      await server.admin(`mutation { revokeApiKey(input: { id: "${id}" }) { apiKey { id } } }`)
    }
    await page.getByRole('button', { name: `Revoke ${data.viewer.name}` }).click()
    await dialog(page).getByLabel('Type the name to confirm').fill(data.viewer.name)
    await dialog(page).getByRole('button', { name: 'Revoke key' }).click()
    await dialog(page).getByText('This is the last active account key with ADMIN.').waitFor()
    expect(await accepts(server.adminKey)).toBe(true)
  })

  test('keys are filtered by tenant, and a tenant without a key is told what to do', async () => {
    const tenant = await server.newTenant()
    await server.admin('mutation { createTenant(input: { id: "keyless", name: "Keyless" }) { created } }')
    const { page } = await stage.signIn({ hash: '#keys' })
    await page.getByLabel('Tenant').fill(tenant.id)
    await page.getByText('1 of 1 key').waitFor()
    await page.getByLabel('Tenant').fill('keyless')
    await page.getByRole('button', { name: 'Generate its first key' }).click()
    expect(await dialog(page).getByLabel('Tenant').inputValue()).toBe('keyless')
  })

  test('all countdowns tick together, whenever they appeared', async () => {
    const REGENERATE = 'mutation ($input: RegenerateApiKeyInput!) { regenerateApiKey(input: $input) { apiKey { id } } }'
    const tenant = await server.newTenant()
    const addOverlap = async (name: string) => {
      const { id } = await server.newKey({ name, tenantId: tenant.id, scopes: ['ANALYTICS_READ'] })
      await server.admin(REGENERATE, { input: { id, overlapSeconds: 3_600 } })
    }
    await addOverlap('Early')
    const visited = await stage.signIn({ hash: `#keys/tenant/${tenant.id}`, prepare: (page) => page.clock.install() })
    const { page } = visited
    await row(page, 'Early').getByRole('timer').waitFor()
    await page.clock.pauseAt(Date.now() + 60_000)
    await addOverlap('Late')
    await pass(visited, 400)
    await page.getByLabel('Status').selectOption('All')
    await row(page, 'Late').getByRole('timer').waitFor()
    await page.evaluate(`{
      globalThis.ticks = []
      new MutationObserver(() => ticks.push(performance.now())).observe(document.querySelector('tbody'), { characterData: true, subtree: true })
    }`)
    await pass(visited, 3_000)
    expect(await page.evaluate<number>('ticks.length')).toBe(3)
    expect(await page.evaluate<number>('new Set(ticks).size')).toBe(3)
  })
})
