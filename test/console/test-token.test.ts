import { describe, expect, test } from 'vitest'
import type { TokenRefusalReason } from '../../src/client/generated/schema-types.ts'
import { REFUSAL_TEXTS } from '../../src/console/issuers/refusal-texts.ts'
import { schema } from '../../src/schema/schema.ts'
import {
  AUDIENCE,
  type IssuerKey,
  makeKey,
  newIssuerName,
  register,
  sign,
} from '../credentials/token-issuers/issuer.ts'
import { canBrowse } from '../support/browser.ts'
import { expectNoComplaint, goTo, kept, setUpConsole } from './stage.ts'

/** What the console says of a pasted token. */

test('every reason that a token can be refused for has its own heading and advice', () => {
  const type = schema.getType('TokenRefusalReason')
  const reasons = type && 'getValues' in type ? type.getValues().map(({ name }) => name) : []
  expect(reasons).toContain('SIGNATURE')
  expect(Object.keys(REFUSAL_TEXTS).sort()).toEqual([...reasons].sort())
  for (const part of ['heading', 'advice'] as const) {
    expect(new Set(Object.values(REFUSAL_TEXTS).map((text) => text[part])).size).toBe(reasons.length)
  }
})

describe.runIf(canBrowse('The console'))('a token that is tested in the console', async () => {
  const stage = await setUpConsole()
  const { server } = stage
  const key = await makeKey('key-1')
  const tenant = await server.newTenant()
  const now = Math.floor(Date.now() / 1_000)

  const open = () => stage.signIn({ hash: '#issuers' })

  /** The issuer `name`, and a token of it. */
  async function newIssuer(input: object = {}) {
    const issuer = newIssuerName()
    await register(server, { issuer, name: `Name of ${issuer}`, keys: [key.publicJwk], ...input })
    const token = (claims: object = {}, header: object = {}, by: IssuerKey = key) =>
      sign(by, { iss: issuer, tenant: tenant.id, ...claims }, header)
    return { issuer, name: `Name of ${issuer}`, token }
  }

  type TestIssuer = Awaited<ReturnType<typeof newIssuer>>

  interface Refusal {
    token(): Promise<string> | string
    /** What is to blame, and what is shown beside it. */
    blamed?: [name: string, ...shown: (string | RegExp)[]]
  }

  const refusedBy = (known: TestIssuer, down: TestIssuer): Partial<Record<TokenRefusalReason, Refusal>> => ({
    EXPIRED: { token: () => known.token({ iat: now - 900, exp: now - 300 }), blamed: ['exp', /[5-9] minutes ago/] },
    NOT_YET_VALID: { token: () => known.token({ nbf: now + 9_000 }), blamed: ['nbf', /in 2 hours by/] },
    AUDIENCE: { token: () => known.token({ aud: 'elsewhere' }), blamed: ['aud', '"elsewhere"', `"${AUDIENCE}"`] },
    ISSUER_UNKNOWN: {
      token: () => known.token({ iss: `${known.issuer}/` }),
      blamed: ['iss', `"${known.issuer}/"`, new RegExp(`Expected: "${known.issuer}" or`)],
    },
    KEY_NOT_FOUND: { token: () => known.token({}, { kid: 'key-2' }), blamed: ['kid', '"key-2"', 'key-1 (EC, ES256)'] },
    KEYS_UNREADABLE: { token: () => down.token() },
    SIGNATURE: { token: async () => known.token({}, {}, await makeKey('key-1')) },
    CLAIM_MISSING: { token: () => known.token({ tenant: undefined }), blamed: ['tenant', 'missing'] },
    CLAIM_INVALID: { token: () => known.token({ parley_agents: 'bot-a' }), blamed: ['parley_agents', '"bot-a"'] },
    TENANT_UNKNOWN: { token: () => known.token({ tenant: 'nöbody 🙂' }), blamed: ['tenant', '"nöbody 🙂"'] },
    TYPE: { token: () => known.token({}, { typ: 'at+jwt' }), blamed: ['typ', '"at+jwt"'] },
    MALFORMED: { token: () => 'nonsense' },
  })

  test('a token that is refused: why, which claim is to blame, what would be right, and what to do', async () => {
    const known = await newIssuer()
    const down = await newIssuer({ keys: undefined, jwksUrl: 'http://127.0.0.1:1/jwks.json' })
    const seen = await open()
    const { page } = seen
    for (const [reason, { token, blamed }] of Object.entries(refusedBy(known, down))) {
      const { heading, advice } = REFUSAL_TEXTS[reason as TokenRefusalReason]
      await page.getByLabel('Token', { exact: true }).fill(await token())
      await page.getByRole('button', { name: 'Test token' }).click()
      await page.getByRole('heading', { name: heading }).waitFor()
      await expect.poll(() => page.getByText(advice).count()).toBe(1)
      const marked = page.locator('console-test-token tr', { hasText: 'Problem' })
      const text = (await marked.allTextContents()).join('\n')
      if (!blamed) expect(await marked.count()).toBe(0)
      for (const shown of blamed ?? []) expect(text).toMatch(shown instanceof RegExp ? shown : literal(shown))
    }
    await expectNoComplaint(seen)
  }, 60_000)

  test('whatever is pasted is shown as far as it can be read, without its signature', async () => {
    const known = await newIssuer()
    const seen = await open()
    const { page } = seen
    const field = page.getByLabel('Token', { exact: true })
    const part = (text: string) => Buffer.from(text).toString('base64url')
    const shown = async (pasted: string) => {
      await field.fill(pasted)
      return page.locator('console-test-token').textContent()
    }
    const token = await known.token({ note: '<b>bold</b>\u200b', n: 1 })
    const [header, claims, signature = ''] = token.split('.')
    expect(await shown(`Authorization: Bearer ${token}\n`)).toContain('"<b>bold</b>‹U+200B›"')
    expect(await page.locator('console-test-token .card').textContent()).not.toContain(signature)
    expect(await shown(`${header}.${claims}`)).toContain('It has 2 parts')
    expect(await shown(`${header}.${part('[1]')}.x`)).toContain('not a JSON object')
    expect(await shown(`${header}.${part('{"a":1')}.x`)).toContain('not JSON')
    expect(await shown(`${header}.${Buffer.from([0xff, 0xfe]).toString('base64url')}.x`)).toContain('not UTF-8 text')
    expect(await shown(`${header}.!!.x`)).toContain('not base64url')
    expect(await shown(`${header}.${part('{"__proto__":1,"exp":1e999,"iat":1700000000000,"nbf":"now"}')}.x`)).toMatch(
      /__proto__.*Infinity.*looks like milliseconds.*Not a time/s,
    )
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`claim ${i}`, i]))
    expect(await shown(`${header}.${part(JSON.stringify(many))}.x`)).toContain('and 440 more')
    expect(await shown('x'.repeat(1_000_000))).toContain('too long to show')
    expect(await shown('parley_abc')).toContain('an API key and not a token')
    await expectNoComplaint(seen)
  }, 60_000)

  test('a token is gone once it is cleared, or the page is left', async () => {
    const known = await newIssuer()
    const seen = await open()
    const { page } = seen
    const field = page.getByLabel('Token', { exact: true })
    const token = await known.token({ note: 'only in this token' })
    const traces = [...token.split('.'), 'only in this token']
    const test = async () => {
      await field.fill(token)
      await page.getByRole('button', { name: 'Test token' }).click()
      await page.getByText('would be accepted now').waitFor()
    }
    await test()
    expect(await kept(seen)).toContain('only in this token')
    await page.getByRole('button', { name: 'Clear' }).click()
    await expect.poll(() => field.inputValue()).toBe('')
    for (const trace of traces) expect(await kept(seen)).not.toContain(trace)

    await test()
    await goTo(page, 'API keys')
    for (const trace of traces) expect(await kept(seen)).not.toContain(trace)
    await page.goBack()
    await field.waitFor()
    expect(await field.inputValue()).toBe('')
    for (const trace of traces) expect(await kept(seen)).not.toContain(trace)
    expect(seen.complaints).toEqual([])
    expect(JSON.stringify(server.logged)).not.toContain(traces[1])
  })
})

const literal = (text: string) => new RegExp(text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
