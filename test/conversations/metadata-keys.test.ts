import { expect, test } from 'vitest'
import { codes, startTestServer } from '../support/server.ts'
import { log } from './conversations.ts'

const server = await startTestServer()

const KEYS = `query ($filter: ConversationFilter, $first: Int! = 20, $topValues: Int! = 5) {
  metadataKeys(filter: $filter, first: $first, topValues: $topValues) {
    path conversationCount valueCount topValues { value conversationCount }
  }
}`

test('keys come with how many conversations and values they have, most used first', async () => {
  const { ask } = await server.newTenant()
  await log(ask, { metadata: { plan: 'pro', seats: 5, 'a/b': { 'c~d': true } } })
  await log(ask, { metadata: { plan: 'pro', seats: -5.5, tags: ['x', 'x', 'y'] } })
  await log(ask, { metadata: { plan: 'free', seats: '5', tags: [] } })
  await log(ask, { metadata: { plan: null } })
  await log((await server.newTenant()).ask, { metadata: { plan: 'other tenant', secret: 1 } })
  const { data } = await ask(KEYS)
  const one = (value: unknown) => ({ value, conversationCount: 1 })
  expect(data.metadataKeys).toEqual([
    {
      path: ['plan'],
      conversationCount: 4,
      valueCount: 3,
      topValues: [{ value: 'pro', conversationCount: 2 }, one('free'), one(null)],
    },
    { path: ['seats'], conversationCount: 3, valueCount: 3, topValues: [one(-5.5), one(5), one('5')] },
    { path: ['tags'], conversationCount: 2, valueCount: 1, topValues: [] },
    { path: ['a/b'], conversationCount: 1, valueCount: 1, topValues: [] },
    { path: ['a/b', 'c~d'], conversationCount: 1, valueCount: 1, topValues: [one(true)] },
  ])
})

test('top values are as many as asked for, though values that are not shown be more frequent', async () => {
  const { ask } = await server.newTenant()
  const long = 'l'.repeat(128)
  for (const k of [{}, {}, {}, [1], [2], [3], long, long, long, 'x', 'x', '𝄞'.repeat(100)])
    await log(ask, { metadata: { k } })
  const { data } = await ask(KEYS, { topValues: 2 })
  expect(data.metadataKeys).toEqual([
    {
      path: ['k'],
      conversationCount: 12,
      valueCount: 5,
      topValues: [
        { value: 'x', conversationCount: 2 },
        { value: '𝄞'.repeat(100), conversationCount: 1 },
      ],
    },
  ])
})

test('a filter and limits narrow the keys', async () => {
  const { ask } = await server.newTenant()
  await log(ask, { channel: 'CHAT', metadata: { a: 1, b: 1 } })
  await log(ask, { channel: 'CHAT', metadata: { b: 2, c: 1 } })
  await log(ask, { channel: 'EMAIL', metadata: { a: 2, d: 1 } })
  const paths = async (variables: object) =>
    (await ask(KEYS, { ...variables })).data.metadataKeys.map(({ path }: { path: string[] }) => path.join('.'))
  expect(await paths({ filter: { channels: ['CHAT'] } })).toEqual(['b', 'a', 'c'])
  expect(await paths({ filter: { metadata: [{ path: ['a'], exists: true }] } })).toEqual(['a', 'b', 'd'])
  expect(await paths({ filter: { statuses: [] } })).toEqual([])
  expect(await paths({ filter: {} })).toEqual(['a', 'b', 'c', 'd'])
  expect(await paths({ first: 1 })).toEqual(['a'])
  expect(await paths({ first: 0 })).toEqual([])
  const { data } = await ask(KEYS, { first: 1, topValues: 0 })
  expect(data.metadataKeys).toEqual([{ path: ['a'], conversationCount: 2, valueCount: 2, topValues: [] }])
  for (const variables of [{ first: 101 }, { first: -1 }, { topValues: 101 }, { topValues: -1 }])
    expect(codes(await ask(KEYS, variables))).toEqual(['BAD_USER_INPUT'])
})
