import { expect, test } from 'vitest'
import { startTestServer } from '../../support/server.ts'
import { log, logOne, write } from './chats.ts'

const server = await startTestServer()
const derive = async () => (await server.newTenant({ derives: true })).ask

const ANGRY = 'This is terrible, I am very disappointed with the service'
const GLAD = 'Thank you so much, that was a wonderful help'

test('sentiment, language and length of a user’s message are filled in and marked', async () => {
  const { sentiment, ...chat } = await logOne(await derive(), { content: ANGRY })
  expect(sentiment).toBeLessThan(-0.2)
  expect(sentiment).toBeGreaterThanOrEqual(-1)
  expect(chat).toEqual({
    content: ANGRY,
    language: 'en',
    tokenCount: 11,
    costUsd: null,
    enrichedFields: ['SENTIMENT', 'LANGUAGE', 'TOKEN_COUNT'],
  })
})

test('the same however a message comes: logged, in a transcript, appended, to a conversation that exists or not', async () => {
  const ask = await derive()
  const chat = { role: 'USER', content: GLAD }
  const logged = await logOne(ask, chat)
  expect(logged).toMatchObject({ language: 'en', enrichedFields: ['SENTIMENT', 'LANGUAGE', 'TOKEN_COUNT'] })
  expect(logged.sentiment).toBeGreaterThan(0.2)

  const others = [
    await log(ask, { transcript: `User: ${GLAD}` }),
    await log(ask, { externalId: 'grows', status: 'ACTIVE', messages: [{ chat }] }),
    await write(ask, 'appendMessages', { by: { externalId: 'new' }, createIfMissing: true, messages: [{ chat }] }),
    await write(ask, 'appendMessages', { by: { externalId: 'grows' }, messages: [{ chat }] }),
    await log(ask, { externalId: 'grows', onConflict: 'APPEND', messages: [{ chat }] }),
  ]
  for (const { chats } of others) for (const other of chats) expect(other).toEqual(logged)
  expect(others.map(({ chats }) => chats.length)).toEqual([1, 1, 1, 2, 3])
})

test('what the caller gave stays, and is not marked', async () => {
  const given = { sentiment: 0.5, language: 'de-AT', tokenCount: 3, costUsd: 0.25 }
  const model = 'gpt-4o'
  expect(await logOne(await derive(), { content: ANGRY, model, ...given })).toEqual({
    content: ANGRY,
    ...given,
    enrichedFields: [],
  })
  const zeros = { sentiment: 0, tokenCount: 0, costUsd: 0 }
  expect(await logOne(await derive(), { content: ANGRY, model, ...zeros })).toMatchObject({
    ...zeros,
    enrichedFields: ['LANGUAGE'],
  })
})

test('given null is not given', async () => {
  const nothing = { sentiment: null, language: null, tokenCount: null, costUsd: null }
  expect((await logOne(await derive(), { content: GLAD, ...nothing })).enrichedFields).toEqual([
    'SENTIMENT',
    'LANGUAGE',
    'TOKEN_COUNT',
  ])
})

test('a conversation counts derived tokens as it counts given ones', async () => {
  const ask = await derive()
  const messages = [
    { chat: { role: 'USER', content: 'one two three' } },
    { chat: { role: 'ASSISTANT', content: 'whatever', tokenCount: 40 } },
    { tool: { name: 'look', input: { for: 'one two three' } } },
    { chat: { role: 'HUMAN_AGENT', content: 'four five' } },
  ]
  expect((await log(ask, { externalId: 'a', status: 'ACTIVE', messages })).tokenCount).toBe(3 + 40 + 2)
  expect((await write(ask, 'appendMessages', { by: { externalId: 'a' }, messages })).tokenCount).toBe(2 * (3 + 40 + 2))
})

test('only user messages have a sentiment', async () => {
  const roles = ['SYSTEM', 'USER', 'ASSISTANT', 'HUMAN_AGENT']
  const { chats } = await log(await derive(), {
    messages: roles.map((role) => ({ chat: { role, content: GLAD } })),
  })
  expect(chats.map(({ sentiment }) => sentiment !== null)).toEqual([false, true, false, false])
  expect(chats.map(({ enrichedFields }) => enrichedFields.includes('LANGUAGE'))).toEqual([true, true, true, true])
})

test('languages are told from sentences, and not guessed from a word or two', async () => {
  const ask = await derive()
  const sentences = {
    'Wo bleibt meine Bestellung?': 'de',
    '¿Dónde está mi pedido?': 'es',
    'Je voudrais annuler ma commande': 'fr',
    'Dove si trova il mio ordine?': 'it',
    'Где мой заказ?': 'ru',
    我的订单在哪里: 'zh',
    注文はどこですか: 'ja',
    'Where is my order?': 'en',
  }
  const { chats } = await log(ask, {
    messages: Object.keys(sentences).map((content) => ({ chat: { role: 'ASSISTANT', content } })),
  })
  expect(Object.fromEntries(chats.map(({ content, language }) => [content, language]))).toEqual(sentences)

  const unclear = [
    'ok',
    'no',
    'si',
    'yes thanks',
    'pizza',
    'Los Angeles',
    '12345',
    '👍',
    '',
    '  ',
    'order #1001',
    '{"a":1}',
  ]
  const short = await log(ask, { messages: unclear.map((content) => ({ chat: { role: 'USER', content } })) })
  expect(short.chats.filter(({ language }) => language !== null)).toEqual([])
})

test('a sentiment is that of English: of another language there is none, given, told or of the conversation', async () => {
  const ask = await derive()
  // "die" is a word of the English lexicon, and a bad one.
  const german = 'die Rechnung'
  expect((await logOne(ask, { content: german }, { language: 'de' })).sentiment).toBeNull()
  expect((await logOne(ask, { content: german, language: 'de-DE' })).sentiment).toBeNull()
  expect((await logOne(ask, { content: 'Die Lieferung ist schon wieder nicht gekommen' })).sentiment).toBeNull()
  expect((await logOne(ask, { content: GLAD, language: 'fr' })).sentiment).toBeNull()
  expect((await logOne(ask, { content: GLAD, language: 'en-GB' })).sentiment).toBeGreaterThan(0)
  // The conversation's language helps where a message is too short, and is not taken for the message's own.
  expect(await logOne(ask, { content: 'great' }, { language: 'en' })).toMatchObject({ language: null, sentiment: 0.6 })
  expect((await logOne(ask, { content: GLAD }, { language: 'de' })).sentiment).toBeGreaterThan(0)
})

test('a message in English without a word of feeling is neutral; one of which nothing is known has no sentiment', async () => {
  const ask = await derive()
  const sentimentOf = async (content: string) => (await logOne(ask, { content })).sentiment
  expect(await sentimentOf('Where is the number on the invoice?')).toBe(0)
  expect(await sentimentOf('great')).toBe(0.6)
  expect(await sentimentOf('😡')).toBeLessThan(0)
  expect(await sentimentOf('not good')).toBeLessThan(0)
  for (const content of ['', '12345', 'xyzzy', '???', 'The constructor'.slice(4)]) {
    expect(await sentimentOf(content), content).toBeNull()
  }
  // Names that every object has are in no lexicon.
  expect(await sentimentOf('The constructor and the __proto__ of it are great')).toBeGreaterThan(0)
})

test('tokens are those of o200k_base, control tokens being text', async () => {
  const ask = await derive()
  const tokensOf = async (content: string) => (await logOne(ask, { content })).tokenCount
  expect(await tokensOf('')).toBe(0)
  expect(await tokensOf('hello world')).toBe(2)
  expect(await tokensOf('<|endoftext|>')).toBe(7)
})

test('a tenant that its first write creates derives and redacts', async () => {
  const { secret } = await server.newKey({
    scopes: ['CONVERSATIONS_WRITE', 'CONVERSATIONS_READ'],
    autoCreateTenants: true,
  })
  const chat = await logOne(server.as({ key: secret, tenantId: 'first-write' }), {
    content: `${GLAD}: ada@example.org`,
  })
  expect(chat).toMatchObject({
    content: `${GLAD}: email@example.com`,
    language: 'en',
    enrichedFields: ['SENTIMENT', 'LANGUAGE', 'TOKEN_COUNT'],
  })
})
