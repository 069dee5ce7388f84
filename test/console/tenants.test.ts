import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { changesOf, DEFAULTS } from '../../src/console/tenants/settings.ts'
import { canBrowse } from '../support/browser.ts'
import { expectNoComplaint, goTo, setUpConsole } from './stage.ts'

const SETTINGS = `timeZone allowedOrigins enrichment { sentiment language tokenCount cost } redactsPersonalData
  redactsPhoneNumbers phoneRegion redactsIbans redactionPatterns { name pattern replacement } abandonAfterMinutes`
const TENANT = `query ($id: ID!) { tenant(id: $id) { name ${SETTINGS} } }`
const CREATE = 'mutation ($input: CreateTenantInput!) { createTenant(input: $input) { created } }'

test('of settings, only what differs is sent', () => {
  expect(changesOf(DEFAULTS, structuredClone(DEFAULTS))).toEqual({})
  const before = { ...DEFAULTS, phoneRegion: 'DE' }
  const enrichment = { ...DEFAULTS.enrichment, cost: false }
  const after = { ...before, enrichment, phoneRegion: null, abandonAfterMinutes: 30 }
  expect(changesOf(before, after)).toEqual({ enrichment: { cost: false }, phoneRegion: '', abandonAfterMinutes: 30 })
})

describe.runIf(canBrowse('Tenants in the console'))('tenants in the console', async () => {
  const stage = await setUpConsole()
  const { server } = stage
  const dialog = (page: Page) => page.getByRole('dialog')
  const status = (page: Page, text: string) => page.getByRole('status').getByText(text).waitFor()
  const tenantOf = async (id: string) => (await server.admin(TENANT, { id })).data.tenant

  /** Opens the dialog and enters what every tenant has. */
  const enter = async (page: Page, id: string, name: string) => {
    await page.getByRole('button', { name: 'Create tenant' }).click()
    await dialog(page).getByLabel('Id', { exact: true }).fill(id)
    await dialog(page).getByLabel('Name', { exact: true }).fill(name)
  }
  const submit = (page: Page) => dialog(page).getByRole('button', { name: 'Create tenant' }).click()

  test('the first tenant has the server’s own defaults if nothing else is said', async () => {
    const visited = await stage.signIn({ hash: '#tenants', viewport: { width: 390, height: 844 } })
    const { page } = visited
    await page.getByText('A tenant is a customer of your product.').waitFor()
    await expectNoComplaint(visited)
    await page.getByRole('button', { name: 'Create the first tenant' }).click()
    await dialog(page).getByLabel('Id', { exact: true }).fill('plain')
    await dialog(page).getByLabel('Name', { exact: true }).fill('Plain')
    await submit(page)
    await status(page, 'The tenant “plain” was created.')
    await page.getByRole('heading', { name: 'Plain' }).waitFor()
    expect(await tenantOf('plain')).toEqual({ name: 'Plain', ...DEFAULTS })
    await server.admin(CREATE, { input: { id: 'unsaid', name: 'Unsaid' } })
    expect(await tenantOf('unsaid')).toEqual({ name: 'Unsaid', ...DEFAULTS })
    await expectNoComplaint(visited)
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
  })

  test('everything that a tenant can be set to can be entered, and what is refused is said at its field', async () => {
    const { page } = await stage.signIn({ hash: '#tenants' })
    await enter(page, 'set', 'Set')
    await dialog(page).getByText('Settings', { exact: true }).click()
    await dialog(page).getByLabel('Time zone').fill('Europe/Berlin')
    await dialog(page).getByLabel('Allowed origins').fill('https://app.example.com\nhttps://two.example.com')
    await dialog(page).getByLabel('Token count').uncheck()
    await dialog(page).getByLabel('Phone numbers', { exact: true }).check()
    await dialog(page).getByLabel('Country of phone numbers').fill('DE')
    await dialog(page).getByRole('button', { name: 'Add pattern' }).click()
    await dialog(page).getByLabel('Name of pattern 1').fill('customer')
    await dialog(page).getByLabel('Regular expression 1').fill('CUST-[0-9')
    await dialog(page).getByLabel('Minutes until idle conversations').fill('45')
    await submit(page)
    const pattern = dialog(page).getByLabel('Regular expression 1')
    await expect.poll(() => pattern.getAttribute('aria-invalid')).toBe('true')
    expect(await pattern.evaluate('document.activeElement.labels[0].textContent')).toContain('Regular expression 1')
    await pattern.fill('CUST-[0-9]{6}')
    await submit(page)
    await status(page, 'The tenant “set” was created.')
    expect(await tenantOf('set')).toEqual({
      name: 'Set',
      ...DEFAULTS,
      timeZone: 'Europe/Berlin',
      allowedOrigins: ['https://app.example.com', 'https://two.example.com'],
      enrichment: { ...DEFAULTS.enrichment, tokenCount: false },
      redactsPhoneNumbers: true,
      phoneRegion: 'DE',
      redactionPatterns: [{ name: 'customer', pattern: 'CUST-[0-9]{6}', replacement: '[customer]' }],
      abandonAfterMinutes: 45,
    })
  })

  test('a tenant that exists is not said to be created, and one with another name is refused at the id', async () => {
    await server.admin(CREATE, { input: { id: 'there', name: 'There' } })
    const { page } = await stage.signIn({ hash: '#tenants' })
    await enter(page, 'there', 'Elsewhere')
    await submit(page)
    await dialog(page).getByText('a tenant "there" exists with a different name').first().waitFor()
    expect(await dialog(page).getByLabel('Id', { exact: true }).getAttribute('aria-invalid')).toBe('true')
    await dialog(page).getByLabel('Name', { exact: true }).fill('There')
    await submit(page)
    await status(page, 'The tenant “there” already exists; nothing was changed.')
  })

  test('a tenant whose creation was not answered is said to be created', async () => {
    const { page } = await stage.signIn({ hash: '#tenants' })
    let attempts = 0
    await page.route('**/graphql', async (route) => {
      if (!route.request().postData()?.includes('ConsoleCreateTenant')) return route.continue()
      attempts += 1
      if (attempts > 1) return route.continue()
      await route.fetch()
      await route.abort('connectionreset')
    })
    await enter(page, 'lost', 'Lost')
    await submit(page)
    await status(page, 'The tenant “lost” was created.')
    expect(attempts).toBe(2)
  })

  test('editing sends only what was changed, so that nobody else’s change is undone', async () => {
    await server.admin(CREATE, { input: { id: 'edited', name: 'Edited', redactsIbans: true, phoneRegion: 'DE' } })
    const visited = await stage.signIn({ hash: '#tenants/edited' })
    const { page, requests } = visited
    await page.getByRole('button', { name: 'Edit settings' }).click()
    await expectNoComplaint(visited)
    await server.admin('mutation { updateTenant(input: { id: "edited", timeZone: "Asia/Tokyo" }) { tenant { id } } }')
    await dialog(page).getByLabel('Allowed origins').fill('https://app.example.com')
    await dialog(page).getByLabel('Sentiment').uncheck()
    await dialog(page).getByLabel('Country of phone numbers').fill('')
    await dialog(page).getByRole('button', { name: 'Save' }).click()
    await status(page, 'The tenant “Edited” was updated.')
    const sent = requests
      .map((request) => request.postData() ?? '')
      .find((body) => body.includes('ConsoleUpdateTenant'))
    expect(JSON.parse(sent ?? '').variables.input).toEqual({
      ...{ id: 'edited', allowedOrigins: ['https://app.example.com'] },
      ...{ enrichment: { sentiment: false }, phoneRegion: '' },
    })
    await page.getByText('Asia/Tokyo').waitFor()
    expect(await tenantOf('edited')).toMatchObject({ timeZone: 'Asia/Tokyo', redactsIbans: true, phoneRegion: null })
  })

  test('all tokens of a tenant are revoked once somebody has seen how many, and typed its id', async () => {
    const tenant = await server.newTenant()
    const { data } = await tenant.ask('mutation { createEmbedToken { token } }')
    const visited = await stage.signIn({ hash: `#tenants/${tenant.id}` })
    const { page } = visited
    await page.getByRole('button', { name: 'Revoke all tokens' }).click()
    await dialog(page).getByText('1 live embed token will end at once.').waitFor()
    const revoke = dialog(page).getByRole('button', { name: 'Revoke all tokens' })
    await expect.poll(() => revoke.isDisabled()).toBe(true)
    await expectNoComplaint(visited)
    await dialog(page).getByLabel('Type the id to confirm').fill(tenant.id)
    await revoke.click()
    await status(page, `All tokens of “${tenant.id}” that were issued until now were revoked`)
    await status(page, 'When they were last counted, there was 1 live embed token.')
    expect((await server.ask({ key: data.createEmbedToken.token }, '{ viewer { name } }')).status).toBe(401)
  })

  test('a revocation that was not answered is not sent again by itself', async () => {
    const tenant = await server.newTenant()
    const { page } = await stage.signIn({ hash: `#tenants/${tenant.id}` })
    let attempts = 0
    await page.route('**/graphql', async (route) => {
      if (!route.request().postData()?.includes('ConsoleRevokeTokens')) return route.continue()
      attempts += 1
      await route.fetch()
      await route.abort('connectionreset')
    })
    await page.getByRole('button', { name: 'Revoke all tokens' }).click()
    await dialog(page).getByLabel('Type the id to confirm').fill(tenant.id)
    await dialog(page).getByRole('button', { name: 'Revoke all tokens' }).click()
    await dialog(page).getByText('The request was not repeated automatically').waitFor()
    await expect.poll(() => dialog(page).getByRole('button', { name: 'Revoke again' }).isEnabled()).toBe(true)
    expect(attempts).toBe(1)
  })

  test('settings whose change was not answered are not sent again by itself', async () => {
    const tenant = await server.newTenant()
    const { page } = await stage.signIn({ hash: `#tenants/${tenant.id}` })
    let attempts = 0
    await page.route('**/graphql', async (route) => {
      if (!route.request().postData()?.includes('ConsoleUpdateTenant')) return route.continue()
      attempts += 1
      await route.fetch()
      await route.abort('connectionreset')
    })
    await page.getByRole('button', { name: 'Edit settings' }).click()
    await dialog(page).getByLabel('Time zone').fill('Europe/Berlin')
    await dialog(page).getByRole('button', { name: 'Save' }).click()
    await dialog(page).getByText('They were not sent again automatically').waitFor()
    await expect.poll(() => dialog(page).getByRole('button', { name: 'Save again' }).isEnabled()).toBe(true)
    expect(attempts).toBe(1)
    await dialog(page).getByRole('button', { name: 'Close' }).click()
    await page.getByText('Europe/Berlin').waitFor()
  })

  test.for([
    ['ANALYTICS_READ', 0],
    ['CONVERSATIONS_WRITE', 1],
  ] as const)('a key of the account with only %s opens a tenant by its id', async ([scope, snippets]) => {
    const tenant = await server.newTenant()
    const { secret } = await server.newKey({ scopes: [scope] })
    const visited = await stage.signIn({ key: secret })
    const { page } = visited
    await page.getByLabel('Go to tenant').fill(tenant.id)
    await page.getByRole('button', { name: 'Go', exact: true }).click()
    await page.getByRole('heading', { level: 1, name: tenant.id }).waitFor()
    await page.getByText('Time zone').waitFor()
    await expect.poll(() => page.getByRole('heading', { name: 'Log a conversation' }).count()).toBe(snippets)
    await expect.poll(() => page.getByRole('heading', { name: 'Embed' }).count()).toBe(0)
    await expectNoComplaint(visited)
  })

  test('the page of a tenant is called by the tenant’s name', async () => {
    const tenant = await server.newTenant()
    await server.admin(`mutation { updateTenant(input: { id: "${tenant.id}", name: "Named" }) { tenant { id } } }`)
    const { page } = await stage.signIn({ hash: `#tenants/${tenant.id}` })
    await page.getByRole('heading', { level: 1, name: 'Named', exact: true }).waitFor()
    expect(await page.title()).toBe('Named · Parley console')
    await page.getByRole('button', { name: 'Edit settings' }).click()
    await dialog(page).getByLabel('Name', { exact: true }).fill('Renamed')
    await dialog(page).getByRole('button', { name: 'Save' }).click()
    await page.getByRole('heading', { level: 1, name: 'Renamed', exact: true }).waitFor()
    await goTo(page, 'Tenants')
  })

  test('an id of any characters is found, shown as text and never as markup', async () => {
    const id = `<b>o'hara</b>/50%#1?&"`
    await server.admin(CREATE, { input: { id, name: '<img src=x onerror=alert(1)>' } })
    const visited = await stage.signIn({ hash: '#tenants' })
    const { page } = visited
    await page.getByRole('link', { name: id }).click()
    await page.getByRole('heading', { name: '<img src=x onerror=alert(1)>' }).waitFor()
    await goTo(page, 'Tenants')
    await page.getByLabel('Go to tenant').fill(id)
    await page.getByRole('button', { name: 'Go', exact: true }).click()
    await page.getByRole('heading', { name: '<img src=x onerror=alert(1)>' }).waitFor()
    await page.getByRole('link', { name: 'Keys of this tenant' }).click()
    await page.getByText('has no active key').waitFor()
    expect(await page.getByLabel('Tenant', { exact: true }).inputValue()).toBe(id)
    await expect.poll(() => page.locator('main img, main b').count()).toBe(0)
    expect(visited.complaints).toEqual([])
  })

  test('a key of the account that may not administer asks for an id, and sees no settings to change', async () => {
    const tenant = await server.newTenant()
    const { secret } = await server.newKey({ scopes: ['EMBED_TOKENS_CREATE'] })
    const visited = await stage.signIn({ key: secret, hash: '#tenants' })
    const { page, requests } = visited
    await page.getByLabel('Go to tenant').fill('nobody')
    await page.getByRole('button', { name: 'Go', exact: true }).click()
    await page.getByText('There is no tenant with the id nobody.').waitFor()
    await page.getByRole('link', { name: 'Other tenants' }).click()
    await page.getByLabel('Go to tenant').fill(tenant.id)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: tenant.id }).waitFor()
    await page.getByText('ask an administrator to add it').waitFor()
    const buttons = await page.getByRole('main').getByRole('button').allTextContents()
    expect(buttons.filter((text) => !text.includes('Copy')).map((text) => text.trim())).toEqual(['Revoke all tokens'])
    expect(requests.some((request) => request.postData()?.includes('ConsoleTenants'))).toBe(false)
    await expectNoComplaint(visited)
  })

  test('a key of a tenant sees its own tenant, whatever the address names', async () => {
    const [own, other] = [await server.newTenant(), await server.newTenant()]
    const visited = await stage.signIn({ key: own.key, hash: `#tenants/${other.id}` })
    await visited.page.getByRole('heading', { level: 1, name: own.id }).waitFor()
    expect(await visited.page.evaluate('location.hash')).toBe(`#tenants/${own.id}`)
    expect(await visited.page.content()).not.toContain('Edit settings')
    await expectNoComplaint(visited)
  })
})
