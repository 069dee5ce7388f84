import { expect, test } from 'vitest'
import { log } from '../reading/conversations.ts'
import { codes, startTestServer } from '../support/server.ts'

/** How much is written in which language, given or derived. */

const server = await startTestServer()
const tenant = await server.newTenant()
const said = (role: string, language: string | null, more: object = {}) => ({
  chat: { role, content: 'Ja', language, ...more },
})

const LANGUAGES = `query ($filter: ConversationFilter, $first: Int! = 20, $range: TimeRange = { from: "2026-01-01T00:00:00Z" }) {
  languageMetrics(range: $range, filter: $filter, first: $first) { language messages userMessages conversations meanSentiment }
}`
const GERMAN = { language: 'de', messages: 3, userMessages: 2, conversations: 2, meanSentiment: 0.5 }
const UNKNOWN = { language: null, messages: 1, userMessages: 0, conversations: 1, meanSentiment: null }

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
  expect((await other.ask(LANGUAGES)).data.languageMetrics).toMatchObject([{ language: 'de', messages: 1 }])
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
