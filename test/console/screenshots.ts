import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { type ParleyProcess, runParley } from '../embed/parley-process.ts'
import { logShopData } from '../embed/shop-data.ts'
import { CHROMIUM } from '../support/chromium.ts'

/**
 * `node test/console/screenshots.ts FOLDER [PART OF A NAME]` makes a picture of each page and dialog of the console, in
 * light and dark, wide and narrow. For people who change how something looks: look at them before and after.
 */
interface Picture {
  hash?: string
  /** Brings the page into the state that is shown. */
  act?: (page: Page) => Promise<unknown>
  /** Whose console: `admin` has everything, `newcomer` an empty account, `tenant` a key of one tenant, `nobody` none. */
  who?: 'admin' | 'newcomer' | 'tenant' | 'nobody'
}

const click = (name: string | RegExp) => (page: Page) => page.getByRole('button', { name }).first().click()
const inDialog = (page: Page) => page.getByRole('dialog')

const PICTURES: Record<string, Picture> = {
  'sign-in': { who: 'nobody' },
  'sign-in-refused': {
    who: 'nobody',
    act: async (page) => {
      await page.getByLabel('API key').fill('parley_wrong')
      await click('Sign in')(page)
      await page.getByText('malformed').waitFor()
    },
  },
  'start-newcomer': { who: 'newcomer' },
  'keys-newcomer': { who: 'newcomer', hash: '#keys' },
  'tenants-newcomer': { who: 'newcomer', hash: '#tenants' },
  'issuers-newcomer': { who: 'newcomer', hash: '#issuers' },
  start: {},
  'start-tenant': { who: 'tenant' },
  keys: { hash: '#keys' },
  'keys-generate': { hash: '#keys', act: click('Generate key') },
  'keys-secret': {
    hash: '#keys',
    act: async (page) => {
      await click('Generate key')(page)
      await inDialog(page).getByLabel('Name').fill('Support back end')
      await inDialog(page).getByLabel('Tenant').fill('acme')
      await inDialog(page).getByRole('button', { name: 'Generate key' }).click()
      await inDialog(page).getByRole('heading', { name: 'Save the secret' }).waitFor()
    },
  },
  'keys-regenerate': { hash: '#keys', act: click('Regenerate Shop back end') },
  'keys-regenerate-at-once': {
    hash: '#keys',
    act: async (page) => {
      await click('Regenerate Shop back end')(page)
      await page.getByLabel('How long').selectOption('0')
    },
  },
  'keys-revoke': { hash: '#keys', act: click('Revoke Shop back end') },
  'keys-edit': { hash: '#keys', act: click('Edit Shop back end') },
  tenants: { hash: '#tenants' },
  'tenants-create': { hash: '#tenants', act: click('Create tenant') },
  tenant: { hash: '#tenants/acme' },
  'tenant-edit': { hash: '#tenants/acme', act: click(/^Edit/) },
  'tenant-revoke-tokens': { hash: '#tenants/acme', act: click(/^Revoke all tokens/) },
  'tenant-preview': {
    hash: '#tenants/acme',
    act: async (page) => {
      await click('Show preview')(page)
      await page.locator('parley-dashboard').waitFor()
      await page.waitForTimeout(3_000)
    },
  },
  'tenant-own': { who: 'tenant', hash: '#tenants' },
  issuers: { hash: '#issuers' },
  'issuers-register': { hash: '#issuers', act: click('Register issuer') },
  'issuers-refused': {
    hash: '#issuers',
    act: async (page) => {
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
      const token = `${part({ alg: 'RS256', kid: 'a' })}.${part({ iss: 'https://auth.acme.example', aud: 'other', tenant: 'acme', exp: 2e9 })}.c2ln`
      await page.getByRole('textbox', { name: 'Token' }).fill(token)
      await click('Test token')(page)
      await page.waitForTimeout(1_500)
    },
  },
  audit: { hash: '#audit' },
  limits: { hash: '#limits' },
}

const LOOKS = [
  { name: 'wide-light', viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  { name: 'wide-dark', viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
  { name: 'narrow-light', viewport: { width: 390, height: 844 }, colorScheme: 'light' },
  { name: 'narrow-dark', viewport: { width: 390, height: 844 }, colorScheme: 'dark' },
] as const

const [folder, only = ''] = process.argv.slice(2)
if (!folder) throw new Error('usage: node test/console/screenshots.ts FOLDER [PART OF A NAME]')
mkdirSync(folder, { recursive: true })
const [parley, empty] = await Promise.all([
  runParley('https://app.acme.example'),
  runParley('https://app.acme.example'),
])
const browser = await chromium.launch({
  executablePath: CHROMIUM,
  args: ['--no-sandbox'],
})
try {
  const tenantKey = await fill(parley)
  for (const [name, picture] of Object.entries(PICTURES).filter(([name]) => name.includes(only)))
    for (const look of LOOKS) await take(browser, name, picture, look, tenantKey)
} finally {
  await browser.close()
  await Promise.all([parley.stop(), empty.stop()])
}

/** An account with some customers. Returns a key of one of them. */
async function fill({ ask, adminKey, newTenant }: ParleyProcess): Promise<string> {
  const key = await newTenant('acme', 'Acme', 'Europe/Berlin')
  await newTenant('globex', 'Globex', 'America/New_York')
  await logShopData((document, variables) => ask(key, document, variables))
  const run = async (document: string) => {
    const { errors } = await ask(adminKey, document)
    if (errors) throw new Error(JSON.stringify(errors))
  }
  await run(
    `mutation { generateApiKey(input: { name: "Shop back end", note: "Runs the shop of Acme", tenantId: "acme", scopes: [CONVERSATIONS_WRITE, EMBED_TOKENS_CREATE, ANALYTICS_READ] }) { secret } }`,
  )
  await run(
    `mutation { updateTenant(input: { id: "acme", allowedOrigins: ["https://app.acme.example"] }) { tenant { id } } }`,
  )
  await run(
    `mutation { registerTokenIssuer(input: { name: "Acme sign-in", issuer: "https://auth.acme.example", audience: "parley", keys: [{ kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", kid: "2026" }] }) { tokenIssuer { id } } }`,
  )
  return key
}

async function take(
  inBrowser: Browser,
  name: string,
  { hash = '', act, who = 'admin' }: Picture,
  look: (typeof LOOKS)[number],
  tenantKey: string,
) {
  const context = await inBrowser.newContext({ ...look, locale: 'en-GB', timezoneId: 'Europe/Berlin' })
  try {
    const page = await context.newPage()
    page.setDefaultTimeout(10_000)
    const { origin, adminKey } = who === 'newcomer' ? empty : parley
    await page.goto(`${origin}/console${hash}`)
    if (who !== 'nobody') {
      await page.getByLabel('API key').fill(who === 'tenant' ? tenantKey : adminKey)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('heading', { level: 1 }).waitFor()
      await page
        .waitForFunction('document.querySelector("main [aria-busy=true]") === null', undefined, {})
        .catch(() => {})
    }
    await act?.(page)
    await page.waitForTimeout(400)
    await page.screenshot({
      path: join(folder ?? '', `${name}-${look.name}.png`),
      fullPage: !(await inDialog(page).count()),
    })
  } catch (error) {
    console.error(name, look.name, error instanceof Error ? error.message : error)
  } finally {
    await context.close()
  }
}
