import { expect, test } from 'vitest'
import { fitting, log } from '../conversations/conversations.ts'
import { type Ask, codes, serveTestDatabase, startTestServer } from '../support/server.ts'

/** Which entries of a conversation match a search, and the text around the match. */

const server = await startTestServer()

const said = (content: string, role = 'USER') => ({ chat: { role, content } })

const MATCHES = `query ($search: String!, $first: Int, $after: String, $last: Int, $before: String) {
  conversations(first: 10, orderBy: { direction: ASC }) { nodes { externalId
    searchMatches(search: $search, first: $first, after: $after, last: $last, before: $before) {
      totalCount
      edges { cursor }
      nodes { excerpt highlights { start end } message { __typename sequence ... on ChatMessage { content } } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  } }
}`

interface Match {
  excerpt: string
  highlights: { start: number; end: number }[]
  message: { __typename: string; sequence: number; content: string }
}

interface Page {
  totalCount: number
  nodes: Match[]
  edges: { cursor: string }[]
  pageInfo: Record<string, unknown>
}

async function pages(ask: Ask, search: string, more: object = {}): Promise<Record<string, Page>> {
  const { data, errors } = await ask(MATCHES, { search, ...more })
  if (errors) throw new Error(JSON.stringify(errors))
  return Object.fromEntries(
    data.conversations.nodes.map((node: { externalId: string; searchMatches: Page }) => [
      node.externalId,
      node.searchMatches,
    ]),
  )
}

/** The highlighted parts in brackets. */
const marked = ({ excerpt, highlights }: Match) =>
  highlights.reduceRight(
    (text, { start, end }) => `${text.slice(0, start)}[${text.slice(start, end)}]${text.slice(end)}`,
    excerpt,
  )

/** What matches in each conversation that has a match. */
async function found(ask: Ask, search: string): Promise<Record<string, string[]>> {
  const all = Object.entries(await pages(ask, search)).filter(([, { nodes }]) => nodes.length > 0)
  for (const [, { totalCount, nodes }] of all) expect(totalCount).toBe(nodes.length)
  // A filter finds just the conversations that have a match.
  if (search.trim()) expect(all.map(([name]) => name).sort()).toEqual(await fitting(ask, { search }))
  return Object.fromEntries(all.map(([name, { nodes }]) => [name, nodes.map(marked)]))
}

test('words, phrases, alternatives and exclusions, entry by entry', async () => {
  const { ask } = await server.newTenant()
  await log(ask, {
    ...{ externalId: 'a', startedAt: '2026-01-01T00:00:00Z' },
    messages: [said('The Red car, quickly!'), said('and then'), said('a blue car is not red', 'ASSISTANT')],
  })
  await log(ask, {
    ...{ externalId: 'b', startedAt: '2026-01-02T00:00:00Z' },
    messages: [said('order-1001 for Größe 42'), { tool: { name: 'car', input: { red: 'car' }, output: 'car' } }],
  })
  expect(await found(ask, 'car')).toEqual({ a: ['The Red [car], quickly!', 'a blue [car] is not red'] })
  expect(await found(ask, 'RED Car')).toEqual({ a: ['The [Red] [car], quickly!', 'a blue [car] is not [red]'] })
  expect(await found(ask, '"red car"')).toEqual({ a: ['The [Red car], quickly!'] })
  expect(await found(ask, '"car red"')).toEqual({})
  expect(await found(ask, 'quickly or blue')).toEqual({ a: ['The Red car, [quickly]!', 'a [blue] car is not red'] })
  expect(await found(ask, 'red -blue')).toEqual({ a: ['The [Red] car, quickly!'] })
  expect(await found(ask, '-car')).toEqual({ a: ['and then'], b: ['order-1001 for Größe 42'] })
  expect(await found(ask, 'order-1001')).toEqual({ b: ['[order-1001] for Größe 42'] })
  expect(await found(ask, '1001')).toEqual({ b: ['order-[1001] for Größe 42'] })
  expect(await found(ask, 'GRÖSSE')).toEqual({ b: ['order-1001 for [Größe] 42'] })
  expect(await found(ask, 'nothing')).toEqual({})
  expect(await found(ask, '  ')).toEqual({})
  expect(await found(ask, '!!')).toEqual({})
  const { a } = await pages(ask, 'blue')
  expect(a?.nodes[0]?.message).toEqual({ __typename: 'ChatMessage', sequence: 2, content: 'a blue car is not red' })
})

test('scripts without spaces, Korean, and characters that change their length when they are folded', async () => {
  const { ask } = await server.newTenant()
  const texts = [
    ...['我想申请退货款,谢谢', '配送はいつですか。東京タワー', 'ขอคืนเงินด้วยครับ', '배송이 늦어요'],
    ...['ﬁnal ½ №5 ＡＢＣ ｶﾞｽ', '👩‍👩‍👧 thanks 🎉', 'İstanbul e\u0301te\u0301', 'soft\u00adhyphen zero\u200bwidth'],
  ]
  for (const [i, text] of texts.entries())
    await log(ask, { externalId: String(i), startedAt: `2026-01-0${i + 1}T00:00:00Z`, messages: [said(text)] })
  const only = async (search: string) => Object.values(await found(ask, search)).flat()
  expect(await only('退货')).toEqual(['我想申请[退货]款,谢谢'])
  expect(await only('退')).toEqual(['我想申请[退]货款,谢谢'])
  expect(await only('退货款 谢谢')).toEqual(['我想申请[退货款],[谢谢]'])
  expect(await only('東京')).toEqual(['配送はいつですか。[東京]タワー'])
  expect(await only('いつ')).toEqual(['配送は[いつ]ですか。東京タワー'])
  expect(await only('คืนเงิน')).toEqual(['ขอ[คืนเงิน]ด้วยครับ'])
  expect(await only('배송')).toEqual(['[배송]이 늦어요'])
  expect(await only('final')).toEqual(['[ﬁnal] ½ №5 ＡＢＣ ｶﾞｽ'])
  expect(await only('abc')).toEqual(['ﬁnal ½ №5 [ＡＢＣ] ｶﾞｽ'])
  expect(await only('ガス')).toEqual(['ﬁnal ½ №5 ＡＢＣ [ｶﾞｽ]'])
  expect(await only('thanks')).toEqual(['👩‍👩‍👧 [thanks] 🎉'])
  expect(await only('🎉')).toEqual(['👩‍👩‍👧 thanks [🎉]'])
  expect(await only('istanbul')).toEqual(['[İstanbul] e\u0301te\u0301'])
  expect(await only('été')).toEqual(['İstanbul [e\u0301te\u0301]'])
  expect(await only('softhyphen')).toEqual(['[soft\u00adhyphen] zero\u200bwidth'])
  expect(await only('width')).toEqual(['soft\u00adhyphen zero\u200b[width]'])
})

test('an excerpt is short, is around the first match, and is cut between words or whole characters', async () => {
  const { ask } = await server.newTenant()
  const family = '👩‍👩‍👧'
  const texts = [
    `${'lorem ipsum '.repeat(100)}needle ${'dolor sit '.repeat(100)}needle`,
    `needle ${'amet '.repeat(100)}`,
    `${'amet '.repeat(100)}needle`,
    `${family.repeat(50)} needle ${family.repeat(50)}`,
    `${'退'.repeat(3_000)}needle${'货'.repeat(3_000)}`,
    `"${'needle '.repeat(100)}`,
  ]
  for (const [i, text] of texts.entries())
    await log(ask, { externalId: String(i), startedAt: `2026-01-0${i + 1}T00:00:00Z`, messages: [said(text)] })
  const all = Object.values(await pages(ask, 'needle')).map(({ nodes: [match] }) => match as Match)
  for (const { excerpt, highlights } of all) {
    expect(excerpt.length).toBeLessThanOrEqual(240)
    expect(excerpt.isWellFormed()).toBe(true)
    for (const { start, end } of highlights) expect(excerpt.slice(start, end)).toBe('needle')
    expect(highlights.length).toBeGreaterThan(0)
  }
  const [middle, start, end, families, unspaced, many] = all.map(marked)
  expect(middle).toMatch(/^…(lorem|ipsum) .* ipsum \[needle\] dolor sit .* (dolor|sit)…$/)
  expect(start).toMatch(/^\[needle\] amet .* amet…$/)
  expect(end).toMatch(/^…amet .* amet \[needle\]$/)
  expect(families?.replace(/^…|…$/g, '').replaceAll(family, '')).toBe(' [needle] ')
  expect(unspaced).toMatch(/^…退{60}\[needle\]货{172}…$/)
  expect(many?.split('[needle]').length).toBe(35)
})

test('matches are paged, both ways, and counted', async () => {
  const { ask } = await server.newTenant()
  await log(ask, {
    externalId: 'a',
    messages: Array.from({ length: 7 }, (_, i) => said(i === 3 ? 'other' : `hit ${i}`)),
  })
  const page = async (more: object) => {
    const { a } = await pages(ask, 'hit', more)
    return { found: a?.nodes.map(({ message }) => message.sequence), ...(a as Page) }
  }
  const first = await page({ first: 2 })
  expect(first).toMatchObject({ found: [0, 1], totalCount: 6, pageInfo: { hasNextPage: true, hasPreviousPage: false } })
  const second = await page({ first: 3, after: first.pageInfo['endCursor'] })
  expect(second).toMatchObject({ found: [2, 4, 5], pageInfo: { hasNextPage: true, hasPreviousPage: true } })
  expect(await page({ last: 2, before: second.pageInfo['endCursor'] })).toMatchObject({ found: [2, 4] })
  expect(await page({ last: 4 })).toMatchObject({ found: [2, 4, 5, 6], pageInfo: { hasPreviousPage: true } })
})

test('the matches of all conversations of a page are read, loaded and counted together', async () => {
  const { ask } = await server.newTenant()
  for (const externalId of ['a', 'b', 'c']) await log(ask, { externalId, messages: [said('hit'), said('hit')] })
  server.statements()
  const all = await pages(ask, 'hit')
  const ran = server.statements()
  expect(Object.values(all).map(({ totalCount }) => totalCount)).toEqual([2, 2, 2])
  // One finds them, and one counts them.
  expect(ran.filter((sql) => /\bmessages\b/.test(sql)).length).toBe(2)
})

test('only text that the credential may see is found, as it is stored', async () => {
  const tenant = await server.newTenant()
  const UPDATE = 'mutation ($input: UpdateTenantInput!) { updateTenant(input: $input) { tenant { id } } }'
  await server.admin(UPDATE, { input: { id: tenant.id, redactsPersonalData: true } })
  await log(tenant.ask, {
    ...{ externalId: 'a', metadata: { customer: '1' } },
    messages: [
      said('secret instructions', 'SYSTEM'),
      said('no secret, write to ann@example.com'),
      { tool: { name: 'x', output: 'secret' } },
    ],
  })
  await log(tenant.ask, { externalId: 'b', metadata: { customer: '2' }, messages: [said('secret')] })
  const { secret } = await server.newKey({ scopes: ['CONVERSATIONS_READ'], tenantId: tenant.id })
  expect((await found(tenant.ask, 'secret'))['a']?.length).toBe(2)
  const reader = await found(server.as({ key: secret }), 'secret')
  expect(reader['a']).toEqual([expect.stringContaining('no [secret], write to ')])
  expect(JSON.stringify(reader)).not.toContain('ann@example.com')
  const TOKEN = 'mutation ($input: CreateEmbedTokenInput!) { createEmbedToken(input: $input) { token } }'
  const { data } = await tenant.ask(TOKEN, { input: { metadata: { customer: '2' } } })
  expect(await found(server.as({ key: data.createEmbedToken.token }), 'secret')).toEqual({ b: ['[secret]'] })
  const analyst = await server.newKey({ scopes: ['ANALYTICS_READ'], tenantId: tenant.id })
  expect(codes(await server.as({ key: analyst.secret })(MATCHES, { search: 'secret' }))).toEqual(['FORBIDDEN'])
})

test('texts are read only if an excerpt is requested, and then only as far as it is searched', async () => {
  const { ask, key } = await server.newTenant()
  for (let i = 0; i < 4; i++) await log(ask, { messages: [said(`hit ${'lorem '.repeat(40_000)}`)] })
  const small = serveTestDatabase(server, server.adminKey, { maxAnswerBytes: 100_000 })
  const page = (selection: string, more = '') =>
    small.ask({ key }, `{ conversations { nodes { searchMatches(search: "hit") { ${selection} } } } } ${more}`)
  const FRAGMENT = 'fragment F on SearchMatch { excerpt }'
  // Four times 66,496 bytes, of 400,000 that may be read.
  for (const [selection, more] of [
    ['totalCount pageInfo { hasNextPage }'],
    ['nodes { message { sequence } }'],
    ['nodes { excerpt highlights { start } }'],
    ['edges { node { ...F } }', FRAGMENT],
  ])
    expect((await page(selection as string, more)).errors).toBeUndefined()
  const answer = await page('nodes { message { sequence ... on ChatMessage { content } } }')
  expect(codes(answer)).toEqual(['LIMIT_EXCEEDED'])
  for (let i = 0; i < 3; i++) await log(ask, { messages: [said(`hit ${'lorem '.repeat(40_000)}`)] })
  expect((await page('nodes { message { sequence } }')).errors).toBeUndefined()
  for (const [selection, more] of [['nodes { excerpt }'], ['edges { node { ...F } }', FRAGMENT]])
    expect(codes(await page(selection as string, more))).toEqual(['LIMIT_EXCEEDED'])
})

test('what is too much is refused by name', async () => {
  const { ask } = await server.newTenant()
  await log(ask)
  const refused = async (search: string, more: object = {}) => {
    const answer = await ask(MATCHES, { search, ...more })
    return [codes(answer)[0], answer.errors?.[0]?.extensions['inputPath']]
  }
  expect(await refused('a '.repeat(33))).toEqual(['LIMIT_EXCEEDED', 'search'])
  expect(await refused('a', { first: 101 })).toEqual(['BAD_USER_INPUT', 'first'])
  expect(await refused('a', { after: 'x' })).toEqual(['BAD_USER_INPUT', 'after'])
  expect(await refused('a\0')).toEqual(['BAD_USER_INPUT', 'search'])
})
