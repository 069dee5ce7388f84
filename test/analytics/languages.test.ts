import { describe, expect, test } from 'vitest'
import { log } from '../conversations/conversations.ts'
import { write } from '../conversations/writes.ts'
import { type Ask, codes, startTestServer } from '../support/server.ts'

/** How much is written in which language, given or derived. */

const server = await startTestServer()
const tenant = await server.newTenant()
const said = (role: string, language: string | null, more: object = {}) => ({
  chat: { role, content: 'Ja', language, ...more },
})

const LANGUAGES = `query ($filter: ConversationFilter, $first: Int! = 20, $range: TimeRange = { from: "2026-01-01T00:00:00Z" }) {
  languageMetrics(range: $range, filter: $filter, first: $first) { language messageCount userMessageCount conversationCount meanSentiment }
}`
const GERMAN = { language: 'de', messageCount: 3, userMessageCount: 2, conversationCount: 2, meanSentiment: 0.5 }
const UNKNOWN = { language: null, messageCount: 1, userMessageCount: 0, conversationCount: 1, meanSentiment: null }

test('chat messages count for their own language, not the conversation’s; tests, tools and events for none', async () => {
  const startedAt = '2026-01-10T12:00:00Z'
  await log(tenant.ask, {
    ...{ startedAt, language: 'fr', endUserId: 'ann' },
    messages: [
      said('SYSTEM', 'en'),
      said('USER', 'de', { sentiment: 0.75 }),
      said('ASSISTANT', 'de', { sentiment: -1 }),
      said('HUMAN_AGENT', null),
      { tool: { name: 'look' } },
      { event: { name: 'opened' } },
    ],
  })
  await log(tenant.ask, { startedAt, messages: [said('USER', 'de', { sentiment: 0.25 })] })
  await log(tenant.ask, { startedAt, isTest: true, messages: [said('USER', 'it')] })
  await log(tenant.ask, { startedAt: '2025-12-31T23:59:59Z', messages: [said('USER', 'es')] })
  const { secret } = await server.newKey({ scopes: ['ANALYTICS_READ'], tenantId: tenant.id })
  const numbers = server.as({ key: secret })
  const rows = async (variables: Record<string, unknown>) => (await numbers(LANGUAGES, variables)).data.languageMetrics
  expect(await rows({})).toEqual([GERMAN, UNKNOWN])
  expect(await rows({ first: 1 })).toEqual([GERMAN])
  expect(await rows({ filter: { endUserIds: ['nobody'] } })).toEqual([])
  const whole = await tenant.ask(LANGUAGES)
  expect(whole.data.languageMetrics.map(({ language }: { language: string }) => language)).toEqual(['de', 'en', null])
})

test('a derived language counts as a given one', async () => {
  const other = await server.newTenant({ derives: true })
  const content =
    'Ich hätte gerne gewusst, wann mein Paket endlich bei mir ankommt, denn ich warte schon seit zwei Wochen.'
  await log(other.ask, { startedAt: '2026-01-10T12:00:00Z', messages: [{ chat: { role: 'USER', content } }] })
  expect((await other.ask(LANGUAGES)).data.languageMetrics).toMatchObject([{ language: 'de', messageCount: 1 }])
})

test.each([
  [{ first: 0 }, 'first'],
  [{ range: { from: '2126-01-01T00:00:00Z' } }, 'range'],
])('%j is refused by name', async (variables, inputPath) => {
  const answer = await tenant.ask(LANGUAGES, variables)
  expect(codes(answer)).toEqual(['BAD_USER_INPUT'])
  expect(answer.errors?.[0]?.extensions['inputPath']).toBe(inputPath)
})

test('it needs ANALYTICS_READ, and CONVERSATIONS_READ to search', async () => {
  const keyWith = async (scope: string) =>
    server.as({ key: (await server.newKey({ scopes: [scope], tenantId: tenant.id })).secret })
  expect(codes(await (await keyWith('CONVERSATIONS_READ'))(LANGUAGES))).toEqual(['FORBIDDEN'])
  expect(codes(await (await keyWith('ANALYTICS_READ'))(LANGUAGES, { filter: { search: 'Ja' } }))).toEqual(['FORBIDDEN'])
})

describe('a conversation has the language of most of its user messages, unless it was given one', () => {
  const LANGUAGE_OF = 'conversation { id language }'
  const languageAfter = async (ask: Ask, mutation: string, input: object) => {
    const { data, errors } = await write(ask, mutation, input, LANGUAGE_OF)
    expect(errors).toBeUndefined()
    return data[mutation].conversation.language
  }

  test('the earliest of equally many; none if none has one', async () => {
    const { ask } = await server.newTenant()
    const cases: [string, object[]][] = [
      [
        'de',
        [said('USER', 'en'), said('USER', 'de'), said('USER', 'de'), said('ASSISTANT', 'en'), said('ASSISTANT', 'en')],
      ],
      ['en', [said('USER', 'en'), said('USER', 'de')]],
      [
        'de',
        [
          said('USER', 'en', { timestamp: '2026-01-10T12:00:01Z' }),
          said('USER', 'de', { timestamp: '2026-01-10T12:00:00Z' }),
        ],
      ],
    ]
    for (const [i, [language, messages]] of cases.entries())
      expect(await languageAfter(ask, 'logConversation', { externalId: `${i}`, messages })).toBe(language)
    const messages = [said('USER', null), said('ASSISTANT', 'en'), said('USER', ' ')]
    expect(await languageAfter(ask, 'logConversation', { externalId: 'none', messages })).toBe(null)
  })

  test('it follows what is appended, a given one stays, and one that is cleared is derived again', async () => {
    const { ask } = await server.newTenant()
    const by = { externalId: 'x' }
    const append = (...messages: object[]) =>
      languageAfter(ask, 'appendMessages', { by, createIfMissing: true, messages })
    const update = (language: string | null) => languageAfter(ask, 'updateConversation', { by, language })
    expect(await append(said('USER', 'en'))).toBe('en')
    expect(await append(said('USER', 'de'))).toBe('en')
    expect(await append(said('USER', 'de'))).toBe('de')
    expect(await update('fr')).toBe('fr')
    expect(await append(said('USER', 'de'))).toBe('fr')
    expect(await update(null)).toBe('de')
    expect(await languageAfter(ask, 'completeConversation', { by })).toBe('de')
    expect(await update('it')).toBe('it')
    expect(await update('')).toBe('de')
  })

  test('filters, groups and series see it', async () => {
    const { ask } = await server.newTenant()
    for (const [externalId, language] of [
      ['1', 'de'],
      ['2', 'de'],
      ['3', 'en'],
    ])
      await log(ask, { externalId, startedAt: '2026-01-10T12:00:00Z', messages: [said('USER', language ?? null)] })
    const { data } = await ask(`{
      conversations(filter: { languages: ["de"] }) { totalCount }
      conversationSeries(measures: [CONVERSATIONS], interval: DAY, groupBy: { dimension: LANGUAGE },
        range: { from: "2026-01-10T00:00:00Z", to: "2026-01-11T00:00:00Z" }) { lines { group { key } total } }
    }`)
    expect(data.conversations).toEqual({ totalCount: 2 })
    expect(data.conversationSeries.lines).toEqual([
      { group: { key: 'de' }, total: 2 },
      { group: { key: 'en' }, total: 1 },
    ])
  })
})

describe('messages by language over time', () => {
  const RANGE = 'range: { from: "2026-01-10T00:00:00Z", to: "2026-01-12T00:00:00Z" }, timeZone: "UTC"'
  const series = (measures: string, more = '') =>
    `{ conversationSeries(measures: [${measures}], interval: DAY, ${RANGE},
      groupBy: { dimension: MESSAGE_LANGUAGE ${more} }) { lines { group { key isOther } total points { value } } } }`

  async function plant() {
    const { ask, id } = await server.newTenant()
    const day = (startedAt: string, ...messages: object[]) => log(ask, { startedAt, messages })
    await day('2026-01-10T12:00:00Z', said('USER', 'de'), said('ASSISTANT', 'de'), said('SYSTEM', 'en'), {
      tool: { name: 'look' },
    })
    await day('2026-01-11T12:00:00Z', said('USER', 'de'), said('USER', 'fr'), said('USER', null))
    await day('2026-01-12T00:00:00Z', said('USER', 'de'))
    return { ask, id }
  }

  test('each chat message counts in its own language, and the lines make up the whole', async () => {
    const { ask } = await plant()
    const line = (key: string | null, total: number, points: number[], isOther = false) => ({
      group: { key, isOther },
      total,
      points: points.map((value) => ({ value })),
    })
    expect((await ask(series('MESSAGES'))).data.conversationSeries.lines).toEqual([
      line('de', 3, [2, 1]),
      line('en', 1, [1, 0]),
      line('fr', 1, [0, 1]),
      line(null, 1, [0, 1]),
    ])
    expect((await ask(series('USER_MESSAGES', 'first: 1'))).data.conversationSeries.lines).toEqual([
      line('de', 2, [1, 1]),
      line(null, 2, [0, 2], true),
    ])
  })

  test('a credential that sees no internals is not told of the language of prompts', async () => {
    const { id } = await plant()
    const { secret } = await server.newKey({ scopes: ['ANALYTICS_READ'], tenantId: id })
    const { data } = await server.as({ key: secret })(series('MESSAGES'))
    expect(
      data.conversationSeries.lines.map((line: { group: { key: string }; total: number }) => [
        line.group.key,
        line.total,
      ]),
    ).toEqual([
      ['de', 3],
      ['fr', 1],
      [null, 1],
    ])
  })

  test('measures of conversations are refused by name', async () => {
    const answer = await tenant.ask(series('MESSAGES, CONVERSATIONS'))
    expect(
      answer.errors?.map(({ message, extensions }) => [extensions.code, extensions['inputPath'], message]),
    ).toEqual([['BAD_USER_INPUT', 'groupBy.dimension', expect.stringContaining('CONVERSATIONS')]])
  })
})
