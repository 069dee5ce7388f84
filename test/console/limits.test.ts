import { isObjectType } from 'graphql'
import type { Page } from 'playwright-core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { formatLimit, LIMIT_NAMES, POLICY_TEXTS } from '../../src/console/limits/limit-texts.ts'
import { schema } from '../../src/schema/schema.ts'
import { operations, pass, type Visit } from '../embed/visit.ts'
import { canBrowse } from '../support/browser.ts'
import { setHidden } from './audit-stage.ts'
import { expectNoComplaint, goTo, setUpConsole } from './stage.ts'

const POLL_MS = 10_000
/** Shown by themselves, and not in the table. */
const APART = ['embed', 'rateLimits']

test('every rate limit has a text', () => {
  const type = schema.getType('RatePolicy')
  const values = type && 'getValues' in type ? type.getValues().map(({ name }) => name) : []
  expect(Object.keys(POLICY_TEXTS).toSorted()).toEqual(values.toSorted())
})

test.each([
  [102_400, '100 KB (102,400 bytes)'],
  [10_485_760, '10 MB (10,485,760 bytes)'],
  [1_500_000, '1.4 MB (1,500,000 bytes)'],
  [1_000, '1,000 bytes'],
])('%i bytes are %s', (value, text) => expect(formatLimit('maxBodyBytes', value)).toBe(text))

describe.runIf(canBrowse('Limits and health'))('limits and health', async () => {
  const stage = await setUpConsole({ rateLimits: { perMinute: 200, tenantPerMinute: 0 } })
  const { server } = stage

  const polls = ({ requests }: Visit) => operations(requests).filter((name) => name === 'ConsoleLimits').length
  const fact = (page: Page, name: string) => page.locator(`dt:text-is("${name}") + dd`)
  const open = async (key?: string) => {
    const visited = await stage.signIn({
      hash: '#limits',
      ...(key ? { key } : {}),
      prepare: (page) => page.clock.install(),
    })
    // The jump would end what is under way.
    await visited.page.getByRole('table', { name: 'Limits' }).waitFor()
    await visited.page.clock.pauseAt(Date.now() + 60_000)
    await pass(visited, 0)
    return visited
  }

  test('shows every limit of the server, with its value', async () => {
    const type = schema.getType('Limits')
    const names = isObjectType(type) ? Object.keys(type.getFields()).filter((name) => !APART.includes(name)) : []
    expect(names.toSorted()).toEqual(LIMIT_NAMES.toSorted())
    const { data } = await server.admin(`{ limits { ${names.join(' ')} embed { version } } }`)
    const visited = await open()
    const { page } = visited
    const rows = await page.getByRole('row').allInnerTexts()
    const shown = rows.map((text) => text.split(/\s+/)).map(([name = '']) => name)
    expect(shown.slice(1).toSorted()).toEqual(names.toSorted())
    for (const name of names) {
      expect(rows.find((text) => text.startsWith(name))).toContain(data.limits[name].toLocaleString('en'))
    }
    await fact(page, 'Version').getByText(data.limits.embed.version, { exact: true }).waitFor()
    // axe waits by timers.
    await page.clock.resume()
    await expectNoComplaint(visited)
    await page.setViewportSize({ width: 390, height: 844 })
    await page.emulateMedia({ colorScheme: 'dark' })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390)
    await expectNoComplaint(visited)
  })

  test('asks whether the server runs and is ready, without a credential', async () => {
    const visited = await open()
    const { page, requests } = visited
    // On a busy machine, the first check may be too slow; the next comes by the page's clock.
    const states = async () => {
      await pass(visited, POLL_MS)
      return [await fact(page, 'Process').textContent(), await fact(page, 'Requests').textContent()]
    }
    await expect
      .poll(states, { timeout: 15_000 })
      .toEqual([expect.stringMatching('Running'), expect.stringMatching('Ready')])
    const asked = requests.filter((request) => /\/(health|ready)$/.test(new URL(request.url()).pathname))
    expect(asked.length).toBeGreaterThanOrEqual(2)
    for (const request of asked) {
      const headers = JSON.stringify(await request.allHeaders())
      expect(headers).not.toContain('authorization')
      expect(headers).not.toContain(server.adminKey)
    }
    await page.route('**/ready', (route) => route.fulfill({ status: 503 }))
    await pass(visited, POLL_MS)
    await fact(page, 'Requests').getByText('Not ready').waitFor()
    await fact(page, 'Process').getByText('Running').waitFor()
    await page.route('**/health', (route) => route.fulfill({ status: 404, contentType: 'text/html', body: 'Nothing' }))
    await pass(visited, POLL_MS)
    await fact(page, 'Process').getByText('Something else answered with status 404').waitFor()
    await page.unroute('**/ready')
    await page.unroute('**/health')
    await pass(visited, POLL_MS)
    await fact(page, 'Requests').getByText('Ready', { exact: true }).waitFor()
  })

  test('keeps what it knows while the server can’t be reached', async () => {
    const visited = await open()
    const { page } = visited
    await page.route(/\/(graphql|health|ready)$/, (route) => route.abort())
    await pass(visited, POLL_MS)
    await fact(page, 'Process').getByText('Can’t be reached').waitFor()
    await page.getByRole('alert').getByText('The server can’t be reached.').waitFor()
    expect(await page.getByRole('table', { name: 'Limits' }).isVisible()).toBe(true)
    await page.unroute(/\/(graphql|health|ready)$/)
    await page.getByRole('button', { name: 'Try again' }).click()
    await pass(visited, POLL_MS)
    await fact(page, 'Process').getByText('Running').waitFor()
    await expect.poll(() => page.getByRole('alert').count()).toBe(0)
  })

  test('shows how many requests are left in this minute', async () => {
    const { secret } = await server.newKey({ scopes: ['ADMIN'], name: 'Limited', requestsPerMinute: 50 })
    // The minute of the server must not end meanwhile.
    server.clock.now = new Date('2030-01-01T12:00:20Z')
    onTestFinished(() => {
      server.clock.now = null
    })
    const visited = await open(secret)
    const { page } = visited
    const ofKey = page.getByLabel('Requests of this key, for all tenants together')
    const left = async () => Number(await ofKey.getAttribute('value'))
    const before = await left()
    expect(before).toBeLessThan(50)
    await page.getByText(`${before} of 50 left, resets in 40 s`).waitFor()
    await page.getByText(/of 200 left/).waitFor()
    for (let count = 0; count < 5; count += 1) await server.ask({ key: secret }, '{ viewer { name } }')
    await pass(visited, POLL_MS)
    expect(await left()).toBeLessThanOrEqual(before - 6)
  })

  test('asks every 10 seconds, but not while the page is hidden or another is open', async () => {
    const visited = await open()
    const { page } = visited
    const checked = await fact(page, 'Last checked').textContent()
    let asked = polls(visited)
    for (let step = 0; step < 3; step += 1) await pass(visited, POLL_MS)
    expect(polls(visited) - asked).toBe(3)
    expect(await fact(page, 'Last checked').textContent()).not.toBe(checked)
    await setHidden(page, true)
    asked = polls(visited)
    await pass(visited, 5 * POLL_MS)
    expect(polls(visited)).toBe(asked)
    await setHidden(page, false)
    await expect.poll(() => polls(visited)).toBe(asked + 1)
    await goTo(page, 'API keys')
    await pass(visited, 5 * POLL_MS)
    expect(polls(visited)).toBe(asked + 1)
  })

  test('says what the key is and may do, also to a key of a tenant', async () => {
    const tenant = await server.newTenant()
    const { secret, id } = await server.newKey({
      name: 'Night shift',
      tenantId: tenant.id,
      scopes: ['ANALYTICS_READ'],
      expiresAt: new Date(Date.now() + 70 * 86_400_000).toISOString(),
    })
    const { page } = await open(secret)
    await fact(page, 'Name').getByText('Night shift').waitFor()
    await fact(page, 'Id').getByText(id).waitFor()
    await fact(page, 'Kind').getByText('Tenant key').waitFor()
    await fact(page, 'Tenant').getByText(tenant.id, { exact: true }).first().waitFor()
    await expect.poll(() => fact(page, 'Scopes').getByRole('listitem').allTextContents()).toEqual(['Read analytics'])
    await fact(page, 'Expires').getByText('in 2 months').waitFor()
  })
})
