import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { VIEWER } from '../../src/embed/documents.ts'
import { logKnownData } from '../embed/known-data.ts'
import { deepText, operations, untilLoaded } from '../embed/visit.ts'
import { canBrowse } from '../support/browser.ts'
import { expectNoComplaint, setUpConsole } from './stage.ts'

describe.runIf(canBrowse('The preview'))('the preview', async () => {
  const stage = await setUpConsole()
  const { server } = stage
  const show = (page: Page) => page.getByRole('button', { name: 'Show preview' }).click()
  /** The last token that the page was given. */
  const tokenOf = (received: { text: string }[]): string => {
    const [answer] = received.filter(({ text }) => text.includes('createEmbedToken')).slice(-1)
    return JSON.parse(answer?.text ?? '{}').data.createEmbedToken.token
  }

  test('it shows the tenant’s dashboard with a token like those of its users, until somebody leaves', {
    timeout: 60_000,
  }, async () => {
    const [tenant, other] = [await server.newTenant(), await server.newTenant()]
    await logKnownData(tenant.ask, { count: 12, canary: 'mine' })
    await logKnownData(other.ask, { count: 5, canary: 'theirs' })
    const visited = await stage.signIn({ hash: `#tenants/${tenant.id}` })
    const { page, received } = visited
    await show(page)
    await untilLoaded(page, 'parley-dashboard')
    await page.getByText('mine title 0').waitFor()
    expect(await deepText(page, 'parley-dashboard')).not.toContain('theirs')
    await expectNoComplaint(visited)
    const { data } = await server.ask({ key: tokenOf(received) }, VIEWER)
    expect(data.viewer.scopes).toEqual(['ANALYTICS_READ', 'CONVERSATIONS_READ'])
    const { exp, iat } = claimsOf(tokenOf(received))
    expect(Number(exp) - Number(iat)).toBe(600)
    // Documents of its own are refused.
    const own = await server.ask({ key: tokenOf(received) }, '{ conversations(first: 1) { nodes { title } } }')
    expect(own.errors?.[0]?.extensions.code).toBe('DOCUMENT_NOT_TRUSTED')
    // It is live.
    await logKnownData(tenant.ask, { count: 1, canary: 'new' })
    await page.getByText('new title 0').waitFor()
    expect(server.changes.size).toBe(1)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await expect.poll(() => server.changes.size).toBe(0)
  })

  test('it asks for no more than the key may read, and is not offered to a key that may create no token', async () => {
    const tenant = await server.newTenant({ scopes: ['ANALYTICS_READ', 'INTERNALS_READ', 'EMBED_TOKENS_CREATE'] })
    const { page, requests } = await stage.signIn({ key: tenant.key, hash: '#tenants' })
    await show(page)
    await untilLoaded(page, 'parley-dashboard')
    const sent = requests
      .map((request) => request.postData() ?? '')
      .find((body) => body.includes('ConsolePreviewToken'))
    expect(JSON.parse(sent ?? '').variables.input.scopes).toEqual(['ANALYTICS_READ'])
    expect(operations(requests).some((name) => name.includes('Conversations'))).toBe(false)
    const reader = await server.newTenant({ scopes: ['ANALYTICS_READ', 'CONVERSATIONS_READ'] })
    const other = await stage.signIn({ key: reader.key, hash: '#tenants' })
    await other.page.getByRole('heading', { name: reader.id }).waitFor()
    await expect.poll(() => other.page.getByRole('button', { name: 'Show preview' }).count()).toBe(0)
  })

  test('its token ends before the key does, and a key that is about to end is told so', async () => {
    const tenant = await server.newTenant()
    const scopes = ['ANALYTICS_READ', 'EMBED_TOKENS_CREATE']
    const inMs = (ms: number) => new Date(Date.now() + ms).toISOString()
    const soon = await server.newKey({ scopes, tenantId: tenant.id, expiresAt: inMs(300_000) })
    const { page, received } = await stage.signIn({ key: soon.secret, hash: '#tenants' })
    await show(page)
    await untilLoaded(page, 'parley-dashboard')
    const { exp, iat } = claimsOf(tokenOf(received))
    expect(Number(exp) - Number(iat)).toBeGreaterThan(200)
    expect(Number(exp) - Number(iat)).toBeLessThan(300)
    const ending = await server.newKey({ scopes, tenantId: tenant.id, expiresAt: inMs(50_000) })
    const other = await stage.signIn({ key: ending.secret, hash: '#tenants' })
    await show(other.page)
    await other.page.getByText('Your key expires too soon').waitFor()
    await expect.poll(() => other.page.locator('parley-dashboard').count()).toBe(0)
  })

  test('a server that can create no tokens says what to set', async () => {
    const tenant = await server.newTenant()
    const { page } = await stage.signIn({ key: tenant.key, hash: '#tenants' })
    await page.route('**/graphql', (route) => {
      if (!route.request().postData()?.includes('ConsolePreviewToken')) return route.continue()
      const message = 'This deployment lacks the setting SIGNING_KEY_SECRET, which the operation needs.'
      return route.fulfill({ json: { data: null, errors: [{ message, extensions: { code: 'NOT_CONFIGURED' } }] } })
    })
    await show(page)
    await page.getByText('to 32 or more random characters').waitFor()
    await expect.poll(() => page.locator('parley-dashboard').count()).toBe(0)
    await page.unroute('**/graphql')
    await page.getByRole('button', { name: 'Try again' }).click()
    await untilLoaded(page, 'parley-dashboard')
  })
})

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
}
