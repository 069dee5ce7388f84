import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { canBrowse, launchBrowser } from '../support/browser.ts'
import { configuring } from './pages.ts'
import { setUpStage } from './set-up.ts'
import { operations, pass, untilLoaded, untilQuiet, visit } from './visit.ts'

const stage = await setUpStage()
const { host, parley, server } = stage
const script = (customer: string) => configuring(`${parley}/`, customer)

const BODY = `<parley-dashboard live></parley-dashboard><parley-conversations live></parley-conversations>`

/** Notes each time that an element shows that it loads. */
const NOTE_LOADING = `{
  window.flashes = []
  const note = ({ target, attributeName }) => {
    const value = target.getAttribute(attributeName)
    if (value === 'loading' || value === 'true') flashes.push(target.localName + ' ' + attributeName)
  }
  const observer = new MutationObserver((changes) => changes.forEach(note))
  const watch = (root) => {
    observer.observe(root, { subtree: true, attributes: true, attributeFilter: ['state', 'aria-busy'] })
    for (const { shadowRoot } of root.querySelectorAll('*')) if (shadowRoot) watch(shadowRoot)
  }
  watch(document)
}`

/** Keeps the nodes of the elements, to find out whether they are still there. */
const KEEP_NODES = `window.kept = (() => {
  const nodes = (root) => [...root.querySelectorAll('*')].flatMap((node) => [node, ...(node.shadowRoot ? nodes(node.shadowRoot) : [])])
  return nodes(document.body)
})()`

const state = (page: Page, selector: string) => page.locator(selector).first().getAttribute('state')

describe.skipIf(!canBrowse('How components renew their tokens'))('the token of a page', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser?.close())

  test('is renewed every half of its 60 seconds, and what the reader sees and has chosen stays as it is', async () => {
    const { tokens } = await stage.newCustomer('amber', {}, { expiresInSeconds: 60 })
    const visited = await visit(browser, host.page({ body: BODY, script: script('amber') }), {
      prepare: (page) => page.clock.install(),
    })
    const { page, requests, complaints } = visited
    const channel = page.locator('parley-dashboard').getByLabel('Channel', { exact: true })
    await untilLoaded(page)
    await channel.selectOption('EMAIL')
    await untilQuiet(visited)
    await page.evaluate(KEEP_NODES)
    await page.evaluate(NOTE_LOADING)
    const before = { calls: tokens.calls, sent: requests.length, shown: await page.screenshot() }
    const start = Date.now()
    onTestFinished(() => {
      server.clock.now = null
    })
    for (let seconds = 5; seconds <= 180; seconds += 5) {
      server.clock.now = new Date(start + seconds * 1_000)
      await pass(visited, 5_000)
    }
    await vi.waitFor(() => expect(tokens.calls - before.calls).toBeGreaterThanOrEqual(3), 10_000)
    expect(tokens.calls - before.calls).toBeLessThanOrEqual(6)
    expect(tokens.mostAtOnce).toBe(1)
    // Two that are made at the same second of the server's clock are equal.
    expect(new Set(tokens.given).size).toBeGreaterThanOrEqual(4)
    const sent = operations(requests.slice(before.sent))
    expect(new Set(sent)).toEqual(new Set(['ParleyChanges']))
    expect(await page.evaluate('flashes')).toEqual([])
    expect(await page.evaluate('kept.filter((node) => !node.isConnected).map((node) => node.localName)')).toEqual([])
    expect(await channel.inputValue()).toBe('EMAIL')
    expect(await page.evaluate('document.querySelector("parley-dashboard").filter')).toEqual({ channels: ['EMAIL'] })
    expect((await page.screenshot()).equals(before.shown)).toBe(true)
    expect(complaints).toEqual([])
  })

  test('that really expires is renewed in time', async () => {
    const { ask, tenantId, tokens } = await stage.newCustomer('basil')
    const sign = await newIssuer(tenantId)
    const issued: string[] = []
    let atOnce = 0
    host.giveTokens('basil', async () => {
      atOnce += 1
      expect(atOnce).toBe(1)
      const token = await sign(3)
      issued.push(token)
      atOnce -= 1
      return { token, expiresInSeconds: 3 }
    })
    const { page, requests, complaints } = await visit(browser, host.page({ body: BODY, script: script('basil') }))
    await untilLoaded(page)
    await page.evaluate(NOTE_LOADING)
    // The list catches up with what happened before the stream began; from then on, renewals are all that happens.
    let [queries, renewals] = [0, 0]
    await vi.waitFor(() => {
      const asked = operations(requests).filter((name) => name !== 'ParleyChanges').length
      if (asked > queries) [queries, renewals] = [asked, issued.length]
      expect(issued.length - renewals).toBeGreaterThanOrEqual(4)
    }, 30_000)
    // The numbers catch up as well, which is no flash: what is shown stays.
    expect(await page.evaluate("flashes.filter((flash) => flash.endsWith(' state'))")).toEqual([])
    expect(complaints).toEqual([])
    expect(tokens.calls).toBe(0)
    // And it is still live.
    await ask(LOG, { input: { title: 'Later', messages: [{ chat: { role: 'USER', content: 'The newest' } }] } })
    await page.locator('parley-conversations').last().getByText('Later').first().waitFor()
  }, 60_000)

  test('that five calls in a row refuse is reported by its code, and the page heals by itself', async () => {
    const { tokens } = await stage.newCustomer('cedar')
    tokens.refuse = 5
    const visited = await visit(browser, host.page({ body: BODY, script: script('cedar') }), {
      prepare: async (page) => {
        await page.clock.install()
        await page.addInitScript(`window.codes = []
          document.addEventListener('parley-error', ({ detail }) => codes.push(detail.code))`)
      },
    })
    const { page } = visited
    const list = page.locator('body > main > parley-conversations')
    await list.getByRole('alert').getByText('TOKEN_UNAVAILABLE').waitFor()
    expect(await state(page, 'body > main > parley-conversations')).toBe('error')
    expect(await page.evaluate('new Set(codes).size === 1 && codes[0]')).toBe('TOKEN_UNAVAILABLE')
    await vi.waitFor(async () => {
      await pass(visited, 5_000)
      expect(await state(page, 'body > main > parley-conversations')).toBe('ready')
      expect(await state(page, 'parley-dashboard')).toBe('ready')
    }, 25_000)
    expect(tokens.calls).toBe(6)
    expect(tokens.mostAtOnce).toBe(1)
    expect(await page.getByRole('alert').count()).toBe(0)
  })

  test('that can’t be renewed takes nothing away that is shown already', async () => {
    const { tokens } = await stage.newCustomer('dill', {}, { expiresInSeconds: 60 })
    const visited = await visit(browser, host.page({ body: BODY, script: script('dill') }), {
      prepare: (page) => page.clock.install(),
    })
    const { page } = visited
    await untilQuiet(visited)
    const shown = await page.locator('body > main > parley-conversations').textContent()
    tokens.refuse = 5
    const start = Date.now()
    onTestFinished(() => {
      server.clock.now = null
    })
    let seconds = 0
    const before = tokens.calls
    await vi.waitFor(async () => {
      seconds += 5
      server.clock.now = new Date(start + seconds * 1_000)
      await pass(visited, 5_000)
      expect(tokens.calls).toBeGreaterThan(before + 5)
    }, 25_000)
    expect(await page.locator('body > main > parley-conversations').textContent()).toBe(shown)
    await untilLoaded(page)
  })
})

const LOG = 'mutation ($input: LogConversationInput!) { logConversation(input: $input) { conversation { id } } }'

/** Signs tokens for the tenant as its product's own server does: of any lifetime. */
async function newIssuer(tenantId: string) {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: randomUUID(), alg: 'EdDSA' }
  const issuer = `https://${randomUUID()}.example`
  const { errors } = await server.ask(
    { key: server.adminKey, tenantId },
    `mutation ($input: RegisterTokenIssuerInput!) { registerTokenIssuer(input: $input) { tokenIssuer { id } } }`,
    { input: { issuer, audience: 'parley', keys: [jwk], scopes: ['ANALYTICS_READ', 'CONVERSATIONS_READ'] } },
  )
  if (errors) throw new Error(JSON.stringify(errors))
  return (seconds: number) =>
    new SignJWT({ tenant: tenantId })
      .setProtectedHeader({ alg: 'EdDSA', kid: jwk.kid })
      .setIssuer(issuer)
      .setAudience('parley')
      .setIssuedAt()
      .setExpirationTime(`${seconds} s`)
      .sign(privateKey)
}
