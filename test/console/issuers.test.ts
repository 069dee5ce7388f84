import { exportJWK, generateKeyPair } from 'jose'
import type { Locator, Page } from 'playwright-core'
import { describe, expect, test, vi } from 'vitest'
import { newToken } from '../credentials/embed-tokens/tokens.ts'
import {
  AUDIENCE,
  type IssuerKey,
  judge,
  makeKey,
  newIssuerName,
  register,
  serveJwks,
  sign,
  storedIssuers,
} from '../credentials/token-issuers/issuer.ts'
import { canBrowse } from '../support/browser.ts'
import { expectNoComplaint, setUpConsole } from './stage.ts'

/** The console's page for token issuers. */

describe.runIf(canBrowse('The console'))('the page of token issuers', async () => {
  const stage = await setUpConsole()
  const { server } = stage
  const key = await makeKey('key-1')
  const tenant = await server.newTenant()

  const open = (options: Parameters<typeof stage.signIn>[0] = {}) => stage.signIn({ hash: '#issuers', ...options })
  const dialogOf = (page: Page) => page.getByRole('dialog')
  const rowOf = (page: Page, name: string) =>
    page.getByRole('table', { name: 'Token issuers' }).getByRole('row', { name })
  const announced = (page: Page) => page.locator('.announcement')

  async function fillTerms(dialog: Locator, issuer: string, keys: string) {
    await dialog.getByLabel('Name').fill('Our auth server')
    await dialog.getByLabel('Issuer (iss)').fill(issuer)
    await dialog.getByLabel('Audience (aud)').fill(AUDIENCE)
    await dialog.getByLabel('Keys', { exact: true }).selectOption('keys')
    await dialog.getByLabel('Public keys').fill(keys)
  }

  async function openRegister(page: Page) {
    await page.getByRole('button', { name: 'Register issuer' }).click()
    return dialogOf(page)
  }

  test('the empty page says what an issuer is for; one is registered with its keys, and a token of it is accepted', async () => {
    const seen = await open()
    const { page } = seen
    const issuer = newIssuerName()
    await page.getByText('You need one only if your own auth server signs the tokens').waitFor()
    const dialog = await openRegister(page)
    await fillTerms(dialog, issuer, JSON.stringify({ keys: [key.publicJwk] }))
    await expectNoComplaint(seen)
    await dialog.getByRole('button', { name: 'Register issuer' }).click()

    await dialog.getByRole('heading', { name: '“Our auth server” is registered' }).waitFor()
    const claims = JSON.parse((await dialog.getByLabel('Claims of a token').textContent()) ?? '')
    expect(claims).toEqual({
      ...{ iss: issuer, aud: AUDIENCE, iat: expect.any(Number), exp: claims.iat + 600 },
      ...{ tenant: 'the id of a tenant', scopes: ['ANALYTICS_READ', 'CONVERSATIONS_READ'] },
    })
    expect(Math.abs(claims.iat - Date.now() / 1_000)).toBeLessThan(60)
    await dialog.getByRole('button', { name: 'Test a token' }).click()
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('token')

    // The example is a token that is accepted, once it names a tenant.
    await page.getByLabel('Token', { exact: true }).fill(await sign(key, { ...claims, tenant: tenant.id, sub: 'ada' }))
    await page.getByRole('button', { name: 'Test token' }).click()
    await page.getByRole('heading', { name: 'A request with this token would be accepted now' }).waitFor()
    const facts = await page.locator('console-test-token dl').textContent()
    for (const fact of [tenant.id, 'Our auth server', 'registered', 'Read analytics', 'ada', 'Nothing: it can read'])
      expect(facts).toContain(fact)
    const row = await rowOf(page, issuer).textContent()
    for (const fact of [AUDIENCE, 'key-1 (EC, ES256)', 'tenant', 'Read conversations', 'Any', 'Never'])
      expect(row).toContain(fact)
    await expectNoComplaint(seen)
  }, 60_000)

  test.each<[string, () => Promise<string>, RegExp]>([
    ['an EC key', async () => JSON.stringify(await privateJwk('ES256')), /private key: it has “d”/],
    ['an RSA key in a set', async () => JSON.stringify({ keys: [await privateJwk('RS256')] }), /“d”, “p”, “q”/],
    ['a second key', async () => JSON.stringify([key.publicJwk, await privateJwk('EdDSA')]), /Key 2 is a private key/],
    ['a shared secret', async () => '{ "kty": "oct", "k": "c2VjcmV0" }', /shared secret/],
    ['PEM', async () => '-----BEGIN PRIVATE KEY-----\nMIIE\n', /private key, in PEM/],
  ])('%s that is private is refused before anything is sent', async (_what, make, problem) => {
    const { page, requests } = await open()
    const dialog = await openRegister(page)
    await fillTerms(dialog, newIssuerName(), await make())
    const before = requests.length
    await dialog.getByRole('button', { name: 'Register issuer' }).click()
    const field = dialog.getByRole('textbox', { name: 'Public keys', description: problem })
    await field.waitFor()
    expect(await field.evaluate((element) => element === document.activeElement)).toBe(true)
    expect(requests.length).toBe(before)
    await expect.poll(() => dialog.getByText('was not sent').count()).toBe(1)
  })

  test('keys that are no JSON, or no keys, are refused at their field, and so is what the server refuses', async () => {
    const { page } = await open()
    const dialog = await openRegister(page)
    for (const [text, problem] of [
      ['{', /not JSON/],
      ['[]', /contains no keys/],
      ['[1]', /not a JWK/],
      ['{ "x": 1 }', /no “kty”/],
      ['{ "kty": "EC", "crv": "P-256" }', /not a public key/],
    ] as const) {
      await fillTerms(dialog, newIssuerName(), text)
      await dialog.getByRole('button', { name: 'Register issuer' }).click()
      await dialog.getByRole('textbox', { name: 'Public keys', description: problem }).waitFor()
      await expect.poll(() => dialog.locator('[aria-invalid="true"]').count()).toBe(1)
    }
  })

  test('if the answer to a registration is lost, the list says whether it was done', async () => {
    const { page } = await open()
    const issuer = newIssuerName()
    const dialog = await openRegister(page)
    await fillTerms(dialog, issuer, JSON.stringify(key.publicJwk))
    // Lost on the way there.
    const isRegistering = ({ postData }: { postData: string | null }) => postData?.includes('ConsoleRegisterIssuer')
    let answers = false
    await page.route('**/graphql', async (route) => {
      if (!isRegistering({ postData: route.request().postData() })) return route.continue()
      if (answers) await route.fetch()
      await route.abort()
    })
    await dialog.getByRole('button', { name: 'Register issuer' }).click()
    await dialog.getByText('It is not in the list now').waitFor()
    expect(await storedIssuers(server)).not.toContainEqual(expect.stringContaining(issuer))
    // Lost on the way back.
    answers = true
    await dialog.getByRole('button', { name: 'Register issuer' }).click()
    await dialog.getByText('No response arrived, but the issuer is in the list').waitFor()
    await dialog.getByRole('button', { name: 'Close' }).click()
    await expect.poll(() => rowOf(page, issuer).count()).toBe(1)
    // It is known by now.
    expect(await announced(page).textContent()).not.toContain('may have been registered')
  })

  test('whoever stops deleting an issuer after a lost answer is told that it may be gone', async () => {
    const { issuer, name } = await newIssuer()
    const { page } = await open()
    await page.route('**/graphql', async (route) => {
      if (!route.request().postData()?.includes('ConsoleDeleteIssuer')) return route.continue()
      await route.fetch()
      await route.fulfill({ status: 504, body: 'Gateway timeout' })
    })
    await page.getByRole('button', { name: `Delete ${name}` }).click()
    await dialogOf(page).getByLabel('Type the name to confirm').fill(name)
    await dialogOf(page).getByRole('button', { name: 'Delete issuer' }).click()
    await dialogOf(page).getByText('No response arrived, so the issuer may have been deleted.').waitFor()
    await page.keyboard.press('Escape')
    await page.getByText(`No response arrived: the issuer “${name}” may have been deleted.`).waitFor()
    await expect.poll(() => rowOf(page, issuer).count()).toBe(0)
  })

  /** The issuer `name`, and a token of it. */
  async function newIssuer(input: object = {}) {
    const issuer = newIssuerName()
    await register(server, { issuer, name: `Name of ${issuer}`, keys: [key.publicJwk], ...input })
    const token = (claims: object = {}, header: object = {}, by: IssuerKey = key) =>
      sign(by, { iss: issuer, tenant: tenant.id, ...claims }, header)
    return { issuer, name: `Name of ${issuer}`, token }
  }

  test('an issuer is edited: only what was changed is sent', async () => {
    const { page, requests } = await open()
    const { issuer, name } = await newIssuer()
    const jwks = await serveJwks([key.publicJwk])
    await page.reload()
    await page.getByLabel('API key').fill(server.adminKey)
    await page.getByRole('button', { name: 'Sign in' }).click()
    const edit = async (change: (dialog: Locator) => Promise<unknown>) => {
      await page
        .getByRole('button', { name: 'Edit' })
        .and(page.getByRole('button', { name: issuer }))
        .click()
      await change(dialogOf(page))
      await dialogOf(page).getByRole('button', { name: 'Save' }).click()
      await dialogOf(page).waitFor({ state: 'detached' })
      const sent = requests.map((request) => request.postData() ?? '').findLast((data) => data.includes('UpdateIssuer'))
      const { id: _id, ...input } = sent ? JSON.parse(sent).variables.input : { id: null }
      return input
    }
    expect(await edit((dialog) => dialog.getByLabel('Name').waitFor())).toEqual({})
    expect(await announced(page).textContent()).toBe('Nothing was changed.')
    expect(await edit((dialog) => dialog.getByLabel('Audience (aud)').fill('another'))).toEqual({ audience: 'another' })
    expect(await announced(page).textContent()).toBe(`The issuer “${name}” was updated.`)
    expect(
      await edit(async (dialog) => {
        await dialog.getByLabel('Name').fill('')
        await dialog.getByLabel('Keys', { exact: true }).selectOption('url')
        await dialog.getByLabel('JWKS URL', { exact: true }).fill(jwks.url)
        await dialog.getByLabel('Read internals').uncheck()
        await dialog.getByLabel('Allowed documents').selectOption('COMPONENTS')
      }),
    ).toEqual({
      ...{ name: null, jwksUrl: jwks.url, scopes: ['ANALYTICS_READ', 'CONVERSATIONS_READ'], documents: 'COMPONENTS' },
    })
    await vi.waitFor(async () => expect(await rowOf(page, issuer).textContent()).toContain(jwks.url))
    await expect.poll(() => page.locator(`a[href*="${jwks.url}"]`).count()).toBe(0)
  })

  test('an issuer is deleted once its name is typed, knowing when it was last used; its tokens are refused', async () => {
    const { issuer, name, token } = await newIssuer()
    expect(await judge(server, await token())).toMatchObject({ kind: 'ISSUER_TOKEN' })
    const { page } = await open()
    await page.getByRole('button', { name: `Delete ${name}` }).click()
    const dialog = dialogOf(page)
    await dialog.getByText('All tokens of this issuer are refused from the next request on').waitFor()
    await dialog.getByText(`Pages with tokens signed as ${issuer}`).waitFor()
    await dialog.getByText(/last used|was ever used/).waitFor()
    const confirm = dialog.getByRole('button', { name: 'Delete issuer' })
    await expect.poll(() => confirm.isDisabled()).toBe(true)
    await dialog.getByLabel('Type the name to confirm').fill(name)
    // The first answer is lost: what is sent again finds nothing to delete.
    let losses = 0
    await page.route('**/graphql', async (route) => {
      if (losses > 0 || !route.request().postData()?.includes('DeleteIssuer')) return route.continue()
      losses += 1
      await route.fetch()
      await route.abort()
    })
    await confirm.click()
    await expect
      .poll(() => announced(page).textContent())
      .toBe(`The issuer “${name}” was deleted. Its tokens are refused.`)
    expect(losses).toBe(1)
    await expect.poll(() => rowOf(page, issuer).count()).toBe(0)
    expect(await judge(server, await token())).toMatchObject({ status: 401 })
  })

  test('a key that expires can only take away from an issuer: nothing else is drawn', async () => {
    const scopes = ['ADMIN', 'ANALYTICS_READ', 'CONVERSATIONS_READ']
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
    const { secret } = await server.newKey({ scopes, expiresAt })
    const { issuer, name } = await newIssuer({ documents: 'REGISTERED' })
    const { page } = await open({ key: secret })
    await page.getByText('so it can’t register an issuer: the issuer would outlive it').waitFor()
    await expect.poll(() => page.getByRole('button', { name: 'Register issuer' }).count()).toBe(0)
    await page.getByRole('button', { name: `Edit ${name}` }).click()
    const dialog = dialogOf(page)
    await dialog.getByText('that your key lacks: “Read internals”').waitFor()
    for (const label of ['Audience (aud)', 'Keys', 'Tenant claim', 'Read internals', 'Allowed documents'])
      await expect.poll(() => dialog.getByLabel(label).count()).toBe(0)
    await dialog.getByLabel('Read analytics').uncheck()
    await dialog.getByRole('button', { name: 'Save' }).click()
    await expect.poll(() => rowOf(page, issuer).locator('.badge').allTextContents()).toEqual(['Read conversations'])
  })

  test('a rotation that was not answered is not repeated by itself', async () => {
    const { page } = await stage.signIn({ hash: '#issuers' })
    let attempts = 0
    await page.route('**/graphql', async (route) => {
      if (!route.request().postData()?.includes('ConsoleRotateSigningKey')) return route.continue()
      attempts += 1
      await route.fetch()
      await route.abort('connectionreset')
    })
    await page.getByRole('button', { name: 'Rotate signing key' }).click()
    await dialogOf(page).getByRole('button', { name: 'Rotate signing key' }).click()
    await dialogOf(page).getByText('The request was not repeated automatically').waitFor()
    await expect.poll(() => dialogOf(page).getByRole('button', { name: 'Rotate again' }).isEnabled()).toBe(true)
    expect(attempts).toBe(1)
  })

  test('the signing key is rotated, and tokens of the previous one are still accepted', async () => {
    const { page } = await open()
    const token = await newToken(tenant.ask)
    await page.getByRole('button', { name: 'Rotate signing key' }).click()
    await dialogOf(page).getByText('accepted until they expire, so nobody is interrupted').waitFor()
    await dialogOf(page).getByRole('button', { name: 'Rotate signing key' }).click()
    await expect
      .poll(() => announced(page).textContent())
      .toMatch(/^New embed tokens are signed with the key [\w-]{43}\.$/)
    await page.getByLabel('Token', { exact: true }).fill(token)
    await page.getByRole('button', { name: 'Test token' }).click()
    await page.getByText('Parley itself: it is an embed token').waitFor()
    await page.getByRole('heading', { name: 'would be accepted now' }).waitFor()
  })

  test('without a secret for its keys, the dialog says how to set one', async () => {
    const { page } = await open()
    const message = 'This deployment lacks the setting SIGNING_KEY_SECRET, which the operation needs.'
    const answer = { data: null, errors: [{ message, extensions: { code: 'NOT_CONFIGURED' } }] }
    await page.route('**/graphql', (route) =>
      route.request().postData()?.includes('RotateSigningKey') ? route.fulfill({ json: answer }) : route.continue(),
    )
    await page.getByRole('button', { name: 'Rotate signing key' }).click()
    await dialogOf(page).getByRole('button', { name: 'Rotate signing key' }).click()
    await dialogOf(page).getByText('to 32 or more random characters').waitFor()
    expect(await dialogOf(page).getByRole('alert').textContent()).toContain('SIGNING_KEY_SECRET')
  })
})

async function privateJwk(alg: string) {
  const { privateKey } = await generateKeyPair(alg, { extractable: true })
  return { ...(await exportJWK(privateKey)), kid: 'private', alg }
}
