import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canBrowse, launchBrowser } from '../support/browser.ts'
import { ALL_ELEMENTS, configuring } from './pages.ts'
import { setUpStage, startHostServer } from './set-up.ts'
import { ELEMENTS, untilLoaded, visit } from './visit.ts'

const stage = await setUpStage()
const stranger = await startHostServer()

/** An origin that nothing listens on. */
async function deadOrigin() {
  const http = createServer()
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const { port } = http.address() as AddressInfo
  await new Promise((resolve) => http.close(resolve))
  return `http://127.0.0.1:${port}`
}

describe.skipIf(!canBrowse('What components say without a server'))('a component', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
    const { ask, name } = await stage.newCustomer('amber', { count: 3 })
    stranger.giveTokens(
      name,
      async () => (await ask('mutation { createEmbedToken { token expiresInSeconds } }')).data.createEmbedToken,
    )
  })
  afterAll(() => browser?.close())

  const alertsOf = async (url: string) => {
    const { page } = await visit(browser, url)
    await untilLoaded(page, ELEMENTS, ['error'])
    return { page, alerts: await page.getByRole('alert').allInnerTexts() }
  }

  test('says which origin is not allowed, if the server answers but not this page', async () => {
    const script = configuring(`${stage.parley}/`, 'amber')
    const { page, alerts } = await alertsOf(stranger.page({ body: ALL_ELEMENTS, script }))
    expect(alerts.length).toBeGreaterThanOrEqual(5)
    for (const text of alerts) {
      expect(text).toContain(`The origin ${stranger.origin} is not allowed`)
      expect(text).toContain('Code: UNREACHABLE')
    }
    expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(alerts.length)
  })

  test('says so of the server of its own session, too', async () => {
    const script = configuring(
      `${stage.parley}/`,
      null,
      'document.querySelector("parley-metrics").session = sessionFor("amber")',
    )
    const { alerts } = await alertsOf(stranger.page({ body: '<parley-metrics></parley-metrics>', script }))
    expect(alerts).toEqual([expect.stringContaining(`The origin ${stranger.origin} is not allowed`)])
  })

  test('says that the server can’t be reached, if it can’t', async () => {
    const dead = await deadOrigin()
    const script = `${configuring(`${stage.parley}/`, null)}
      configure({ url: '${dead}/graphql', fetchToken: tokensOf('amber') })`
    const { alerts } = await alertsOf(stage.host.page({ body: ALL_ELEMENTS, script }))
    expect(alerts.length).toBeGreaterThanOrEqual(5)
    for (const text of alerts) expect(text).toContain('The server can’t be reached.')
  })

  test.each([
    [502, '<h1>Bad Gateway</h1>'],
    [200, '<h1>Sign in</h1>'],
    [404, '{"error":"not found"}'],
    [200, ''],
  ])('blames no origin if a proxy answers %i %s in its place', async (status, body) => {
    const proxy = createServer(({ method }, response) => {
      const cors = { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' }
      response.writeHead(method === 'POST' ? status : 200, { ...cors, 'content-type': 'text/html' })
      response.end(body)
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    const { port } = proxy.address() as AddressInfo
    const script = `${configuring(`${stage.parley}/`, null)}
      configure({ url: 'http://127.0.0.1:${port}/graphql', fetchToken: async () => ({ token: 't', expiresInSeconds: 60 }) })`
    const { alerts } = await alertsOf(stage.host.page({ body: ALL_ELEMENTS, script }))
    proxy.closeAllConnections()
    proxy.close()
    expect(alerts.length).toBeGreaterThanOrEqual(5)
    for (const text of alerts) {
      expect(text).toContain(`answered ${status} without a GraphQL response`)
      expect(text).toContain('Code: UNAVAILABLE')
    }
  })

  test('heals by itself when its origin is allowed', async () => {
    const customer = await stage.newCustomer('basil', { count: 3 })
    const late = await startHostServer()
    late.giveTokens(
      'basil',
      async () =>
        (await customer.ask('mutation { createEmbedToken { token expiresInSeconds } }')).data.createEmbedToken,
    )
    const script = configuring(`${stage.parley}/`, 'basil')
    const { page } = await alertsOf(late.page({ body: '<parley-metrics></parley-metrics>', script }))
    const update = 'mutation ($input: UpdateTenantInput!) { updateTenant(input: $input) { tenant { id } } }'
    const { errors } = await stage.server.admin(update, {
      input: { id: customer.tenantId, allowedOrigins: [late.origin] },
    })
    expect(errors).toBeUndefined()
    await untilLoaded(page, 'parley-metrics')
  })
})
