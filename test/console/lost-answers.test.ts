import type { Page, Route } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { canBrowse } from '../support/browser.ts'
import { setUpConsole } from './stage.ts'

interface Step {
  hash: string
  button: string
  document: string
  fields: Readonly<Record<string, string>>
  /** What may have been done. */
  lost: string
}

describe.runIf(canBrowse('Lost answers in the console'))('lost answers in the console', async () => {
  const stage = await setUpConsole()
  const { server } = stage
  const dialog = (page: Page) => page.getByRole('dialog')

  /** Loses the answers of so many requests with the text, after the server has carried them out. */
  async function loseAnswers(page: Page, text: string, count: number, lose: (route: Route) => Promise<void>) {
    const seen: string[] = []
    await page.route('**/graphql', async (route) => {
      const body = route.request().postData() ?? ''
      if (!body.includes(text)) return route.continue()
      seen.push(JSON.parse(body).variables.input?.idempotencyKey ?? '')
      if (seen.length > count) return route.continue()
      await route.fetch()
      await lose(route)
    })
    return seen
  }
  const cutOff = (route: Route) => route.abort('connectionreset')
  const gatewayTimeout = (route: Route) => route.fulfill({ status: 504, body: 'Gateway timeout' })
  const keysNamed = async (name: string) => {
    const { data } = await server.admin('{ apiKeys(first: 100) { nodes { id name } } }')
    return data.apiKeys.nodes.filter((key: { name: string }) => key.name === name)
  }
  const accepts = async (key: string) => (await server.ask({ key }, '{ viewer { name } }')).errors === undefined

  test.for([
    ['cut off', cutOff],
    ['lost by a proxy', gatewayTimeout],
  ] as const)('a key whose answer was %s is generated once, and its secret is shown', async ([how, lose]) => {
    const { page } = await stage.signIn({ hash: '#keys' })
    const seen = await loseAnswers(page, 'ConsoleGenerateKey', 2, lose)
    await page.getByRole('button', { name: 'Generate key' }).click()
    await dialog(page).getByLabel('Name').fill(`Once, ${how}`)
    await dialog(page).getByLabel('For').selectOption('account')
    await dialog(page).getByLabel('Expires').selectOption('In 30 days')
    await dialog(page).getByRole('button', { name: 'Generate key' }).click()
    await dialog(page).getByRole('heading', { name: 'Save the secret' }).waitFor()
    expect(await accepts(await dialog(page).getByLabel('Secret', { exact: true }).inputValue())).toBe(true)
    expect(seen).toHaveLength(3)
    expect(new Set(seen).size).toBe(1)
    expect(seen[0]).toMatch(/^[0-9a-f]{64}$/)
    expect(await keysNamed(`Once, ${how}`)).toHaveLength(1)
    // Once it is saved, Escape is as good as “Done”.
    await dialog(page).getByLabel('I have saved the secret').check()
    await page.keyboard.press('Escape')
    await page.getByText(`The key “Once, ${how}” was generated.`).waitFor()
    await page.getByRole('row').getByText(`Once, ${how}`).waitFor()
  })

  test('if no attempt is answered, the same request can be sent again, and no other', async () => {
    const { page } = await stage.signIn({ hash: '#keys' })
    const seen = await loseAnswers(page, 'ConsoleGenerateKey', 4, cutOff)
    await page.getByRole('button', { name: 'Generate key' }).click()
    await dialog(page).getByLabel('Name').fill('Lost for long')
    await dialog(page).getByLabel('For').selectOption('account')
    await dialog(page).getByRole('button', { name: 'Generate key' }).click()
    // Until it is known what became of it, nothing takes the dialog away.
    await expect.poll(() => dialog(page).getByRole('button', { name: 'Cancel' }).isDisabled()).toBe(true)
    for (let presses = 0; presses < 3; presses += 1) await page.keyboard.press('Escape')
    await dialog(page).getByText('No response arrived, so it may have been done.').waitFor({ timeout: 30_000 })
    await expect.poll(() => dialog(page).getByLabel('Name').isDisabled()).toBe(true)
    await dialog(page).getByRole('button', { name: 'Try again' }).click()
    await dialog(page).getByRole('heading', { name: 'Save the secret' }).waitFor()
    expect(new Set(seen).size).toBe(1)
    expect(await keysNamed('Lost for long')).toHaveLength(1)
  })

  test('after some minutes it is not sent again, because that would end the secret in use', async () => {
    const { secret, id } = await server.newKey({ name: 'Lost for hours', scopes: ['ANALYTICS_READ'] })
    const { page } = await stage.signIn({ hash: '#keys', prepare: (page) => page.clock.install() })
    const seen = await loseAnswers(page, 'ConsoleRegenerateKey', 4, cutOff)
    await page.getByRole('button', { name: 'Regenerate Lost for hours' }).click()
    await dialog(page).getByRole('button', { name: 'Regenerate key' }).click()
    const attempts = async () => {
      await page.clock.runFor(10_000)
      return seen.length
    }
    await expect.poll(attempts, { timeout: 20_000 }).toBe(4)
    await dialog(page).getByText('No response arrived, so it may have been done.').waitFor()
    await page.clock.runFor(8 * 60_000)
    await dialog(page).getByRole('button', { name: 'Try again' }).click()
    await dialog(page).getByText('It can’t be repeated any more.').waitFor()
    await expect.poll(() => dialog(page).getByRole('button', { name: 'Try again' }).isDisabled()).toBe(true)
    expect(seen).toHaveLength(4)
    expect(await accepts(secret)).toBe(true)
    await dialog(page).getByRole('button', { name: 'Close' }).click()
    await page.getByText('may have a new secret that nobody knows').waitFor()
    await page.locator(`[data-key=${id}]`).getByText('Old secret').waitFor()
    // Whoever regenerates it all the same must know what ends.
    await page.getByRole('button', { name: 'Regenerate Lost for hours' }).click()
    await dialog(page).getByText('An even older secret is still accepted').waitFor()
    await expect.poll(() => dialog(page).getByRole('button', { name: 'Regenerate key' }).isDisabled()).toBe(true)
  })

  test('a refusal after a lost answer does not say that nothing was done', async () => {
    const { page } = await stage.signIn({ hash: '#keys' })
    const limited = { message: 'Too many requests.', extensions: { code: 'RATE_LIMITED', retryAfterSeconds: 40 } }
    await loseAnswers(page, 'ConsoleGenerateKey', 2, async (route) => {
      if (lost++ === 0) return route.abort('connectionreset')
      await route.fulfill({ status: 429, json: { errors: [limited] } })
    })
    let lost = 0
    await page.getByRole('button', { name: 'Generate key' }).click()
    await dialog(page).getByLabel('Name').fill('Lost, then limited')
    await dialog(page).getByLabel('For').selectOption('account')
    await dialog(page).getByRole('button', { name: 'Generate key' }).click()
    await dialog(page).getByText('No response arrived, so it may have been done.').waitFor()
    await dialog(page).getByText('Try again in 40 seconds').waitFor()
    await dialog(page).getByRole('button', { name: 'Try again' }).click()
    await dialog(page).getByRole('heading', { name: 'Save the secret' }).waitFor()
    expect(await keysNamed('Lost, then limited')).toHaveLength(1)
  })

  test('a gateway that gives up with an error of its own is no refusal', async () => {
    const { page } = await stage.signIn({ hash: '#keys' })
    await loseAnswers(page, 'ConsoleGenerateKey', 1, (route) =>
      route.fulfill({ status: 504, json: { errors: [{ message: 'Request timed out' }] } }),
    )
    await page.getByRole('button', { name: 'Generate key' }).click()
    await dialog(page).getByLabel('Name').fill('Timed out')
    await dialog(page).getByLabel('For').selectOption('account')
    await dialog(page).getByRole('button', { name: 'Generate key' }).click()
    await dialog(page).getByRole('heading', { name: 'Save the secret' }).waitFor()
    expect(await keysNamed('Timed out')).toHaveLength(1)
  })

  test('another input is another step, with an idempotency key of its own', async () => {
    const { page } = await stage.signIn({ hash: '#keys' })
    const seen = await loseAnswers(page, 'ConsoleGenerateKey', 0, cutOff)
    await page.getByRole('button', { name: 'Generate key' }).click()
    await dialog(page).getByLabel('Name').fill('Another')
    await dialog(page).getByLabel('Tenant').fill('nobody-here')
    await dialog(page).getByRole('button', { name: 'Generate key' }).click()
    await dialog(page).getByRole('alert').waitFor()
    await dialog(page).getByLabel('For').selectOption('account')
    await dialog(page).getByRole('button', { name: 'Generate key' }).click()
    await dialog(page).getByRole('heading', { name: 'Save the secret' }).waitFor()
    expect(new Set(seen).size).toBe(2)
  })

  test('a regenerated key keeps its overlap when the answer is lost, also one’s own', async () => {
    const own = await server.newKey({ name: 'Own, lost', scopes: ['ADMIN'] })
    const { page } = await stage.signIn({ hash: '#keys', key: own.secret })
    const seen = await loseAnswers(page, 'ConsoleRegenerateKey', 1, cutOff)
    await page.getByRole('button', { name: 'Regenerate Own, lost' }).click()
    await dialog(page).getByRole('button', { name: 'Regenerate key' }).click()
    await dialog(page).getByRole('heading', { name: 'Save the secret' }).waitFor()
    const secret = await dialog(page).getByLabel('Secret', { exact: true }).inputValue()
    expect([await accepts(own.secret), await accepts(secret)]).toEqual([true, true])
    expect(seen[0]).toBe(seen[1])
    const { data } = await server.admin(
      `{ auditEvents(first: 5, filter: { actions: [API_KEY_REGENERATED], actorIds: ["${own.id}"] }) { nodes { details } } }`,
    )
    expect(
      data.auditEvents.nodes.map(({ details }: { details: { repeated?: boolean } }) => details.repeated ?? false),
    ).toEqual([true, false])
  })

  test('a key whose end was not answered has ended, and is said to have', async () => {
    const { secret } = await server.newKey({ name: 'Ends unheard', scopes: ['ANALYTICS_READ'] })
    const { page } = await stage.signIn({ hash: '#keys' })
    await loseAnswers(page, 'ConsoleRevokeKey', 1, cutOff)
    await page.getByRole('button', { name: 'Revoke Ends unheard' }).click()
    await dialog(page).getByLabel('Type the name to confirm').fill('Ends unheard')
    await dialog(page).getByRole('button', { name: 'Revoke key' }).click()
    await page.getByText('The key “Ends unheard” was revoked.').waitFor()
    expect(await accepts(secret)).toBe(false)
  })

  test('changes of a key that were not answered are not sent again by themselves, and the list shows them', async () => {
    const { id } = await server.newKey({ name: 'Edited unheard', scopes: ['ANALYTICS_READ'] })
    const { page } = await stage.signIn({ hash: `#keys/key/${id}` })
    const seen = await loseAnswers(page, 'ConsoleUpdateKey', 1, cutOff)
    await page.getByRole('button', { name: 'Edit Edited unheard' }).click()
    await dialog(page).getByLabel('Note').fill('Changed unheard')
    await dialog(page).getByRole('button', { name: 'Save' }).click()
    await dialog(page).getByText('They were not sent again automatically').waitFor()
    expect(seen).toHaveLength(1)
    await dialog(page).getByRole('button', { name: 'Close' }).click()
    await page.getByText('The key “Edited unheard” may have been updated: no response arrived.').waitFor()
    await page.getByRole('row').getByText('Changed unheard').waitFor()
  })

  test('saving a key without a change sends nothing', async () => {
    const { id } = await server.newKey({ name: 'Left as it is', scopes: ['ANALYTICS_READ'] })
    const { page } = await stage.signIn({ hash: `#keys/key/${id}` })
    const seen = await loseAnswers(page, 'ConsoleUpdateKey', 1, cutOff)
    await page.getByRole('button', { name: 'Edit Left as it is' }).click()
    await dialog(page).getByLabel('Note').waitFor()
    await dialog(page).getByRole('button', { name: 'Save' }).click()
    await page.getByText('Nothing was changed.').waitFor()
    expect(seen).toEqual([])
  })

  const tenant = await server.newTenant()

  test.for<Step>([
    {
      hash: '#tenants',
      button: 'Create tenant',
      document: 'ConsoleCreateTenant',
      fields: { Id: 'unheard', Name: 'Unheard' },
      lost: 'the tenant may have been created',
    },
    {
      hash: `#tenants/${tenant.id}`,
      button: 'Revoke all tokens',
      document: 'ConsoleRevokeTokens',
      fields: { [`Type the id to confirm: ${tenant.id}`]: tenant.id },
      lost: `the tokens of “${tenant.id}” may have been revoked`,
    },
    {
      hash: '#issuers',
      button: 'Rotate signing key',
      document: 'ConsoleRotateSigningKey',
      fields: {},
      lost: 'the signing key may have been rotated',
    },
  ])('whoever closes “$button” after a lost answer is told what may have been done', async (step) => {
    const { page } = await stage.signIn({ hash: step.hash })
    await loseAnswers(page, step.document, 9, gatewayTimeout)
    await page.getByRole('button', { name: step.button }).click()
    for (const [label, value] of Object.entries(step.fields))
      await dialog(page).getByLabel(label, { exact: true }).fill(value)
    await dialog(page).getByRole('button', { name: step.button }).click()
    await dialog(page).getByText('No response arrived, so').waitFor()
    await page.keyboard.press('Escape')
    await page.getByText(`No response arrived: ${step.lost}.`).waitFor()
    await expect.poll(() => dialog(page).count()).toBe(0)
  })
})
