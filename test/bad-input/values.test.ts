import { expect, test } from 'vitest'
import { logged, refusals, said, stored, write } from '../conversations/writes.ts'
import { startTestServer } from '../support/server.ts'

const server = await startTestServer()
const { ask } = await server.newTenant()
const { id } = await logged(ask, { status: 'ACTIVE' })
const log = (more: object) => ({ messages: [said('a')], ...more })
const chat = (more: object) => log({ messages: [{ chat: { role: 'USER', content: 'a', ...more } }] })

test.each([
  ['logConversation', undefined, 'input'],
  ['logConversation', null, 'input'],
  ['logConversation', 'text', 'input'],
  ['logConversation', log({ surprise: 1 }), 'input'],
  ['logConversation', log({ status: 'DONE' }), 'input.status'],
  ['logConversation', log({ status: 5 }), 'input.status'],
  ['logConversation', log({ channel: 'chat' }), 'input.channel'],
  ['logConversation', log({ onConflict: 'MERGE' }), 'input.onConflict'],
  ['logConversation', log({ isTest: 'yes' }), 'input.isTest'],
  ['logConversation', log({ externalId: 17 }), 'input.externalId'],
  ['logConversation', log({ labels: [1] }), 'input.labels[0]'],
  ['logConversation', log({ labels: ['a', null] }), 'input.labels[1]'],
  ['logConversation', log({ labels: ['a', ''] }), 'input.labels[1]'],
  ['logConversation', log({ labels: ['\u00a0'] }), 'input.labels[0]'],
  ['logConversation', log({ analysis: { tags: ['a', ' '] } }), 'input.analysis.tags[1]'],
  ['logConversation', log({ language: 'not a tag' }), 'input.language'],
  ['logConversation', log({ language: ' en' }), 'input.language'],
  ['logConversation', log({ messages: [said('a'), {}] }), 'input.messages[1]'],
  ['logConversation', log({ messages: [{ ...said('a'), tool: { name: 't' } }] }), 'input.messages[0]'],
  ['logConversation', log({ messages: [{ chat: null }] }), 'input.messages[0].chat'],
  ['logConversation', log({ messages: [null] }), 'input.messages[0]'],
  ['logConversation', log({ messages: [{ chat: { role: 'USER' } }] }), 'input.messages[0].chat'],
  ['logConversation', chat({ role: 'BOT' }), 'input.messages[0].chat.role'],
  ['logConversation', chat({ content: { text: 'a' } }), 'input.messages[0].chat.content'],
  ['logConversation', chat({ language: 'english language' }), 'input.messages[0].chat.language'],
  ['logConversation', chat({ tokenCount: 1.5 }), 'input.messages[0].chat.tokenCount'],
  ['logConversation', chat({ tokenCount: '5' }), 'input.messages[0].chat.tokenCount'],
  ['logConversation', chat({ costUsd: 'NaN' }), 'input.messages[0].chat.costUsd'],
  ['logConversation', chat({ latencyMs: 2 ** 53 }), 'input.messages[0].chat.latencyMs'],
  ['logConversation', chat({ understood: 1 }), 'input.messages[0].chat.understood'],
  ['logConversation', chat({ agent: {} }), 'input.messages[0].chat.agent'],
  ['logConversation', chat({ agent: { id: 'a', externalId: 'b' } }), 'input.messages[0].chat.agent'],
  ['logConversation', chat({ content: 'a\0b' }), 'input.messages[0].chat.content'],
  ['logConversation', chat({ content: '\ud83d' }), 'input.messages[0].chat.content'],
  ['logConversation', log({ externalId: 'a\0' }), 'input.externalId'],
  ['appendMessages', { by: { id: id }, messages: 'a' }, 'input.messages'],
  ['appendMessages', { by: { id: id }, messages: null }, 'input.messages'],
  ['appendMessages', { by: { id: id }, messages: [said('a')], expectedSequence: 2 ** 31 }, 'input.expectedSequence'],
  [
    'appendMessages',
    { by: { id: id }, messages: [{ chat: { role: 'USER', content: 'a', language: 'e' } }] },
    'input.messages[0].chat.language',
  ],
  ['appendMessages', { by: { id: 1.5 }, messages: [said('a')] }, 'input.by.id'],
  ['updateConversation', { by: { id: id }, deleteMetadataKeys: [1] }, 'input.deleteMetadataKeys[0]'],
  ['updateConversation', { by: { id: id }, labels: [''] }, 'input.labels[0]'],
  ['createAgent', { name: 'a', tags: ['a', ' '] }, 'input.tags[1]'],
  ['upsertAgent', { externalId: 'a', tags: [''] }, 'input.tags[0]'],
  ['updateAgent', { by: { externalId: 'a' }, tags: [''] }, 'input.tags[0]'],
  ['updateConversation', { by: { id: id }, recording: {} }, 'input.recording'],
  ['updateConversation', { by: { id: id }, recording: { url: 'ftp://example.com' } }, 'input.recording.url'],
  ['updateConversation', { by: { id: id }, recording: { url: '//example.com' } }, 'input.recording.url'],
  ['updateMessages', { by: { id: id }, messages: [{ by: { id: 'msg_x' }, rating: '1' }] }, 'input.messages[0].rating'],
  ['deleteConversation', { by: { id: ['a'] } }, 'input.by.id'],
])('%s %#: a value of the wrong kind is refused with its place', async (mutation, input, inputPath) => {
  const before = await stored(server)
  const answer = await write(ask, mutation, input, '__typename')
  expect(new Set(refusals(answer))).toEqual(new Set([`BAD_USER_INPUT ${inputPath}`]))
  expect(await stored(server)).toEqual(before)
})

test.each([
  '2026-03-01',
  '2026-03-01T12:00:00',
  '2026-02-30T12:00:00Z',
  '2026-03-01T24:00:00Z',
  '2026-03-01T12:00:60Z',
  '2026-03-01T12:00:00+99:00',
  '2026-03-01 12:00:00Z',
  '0000-03-01T12:00:00Z',
  '1969-12-31T23:59:59Z',
  '12026-03-01T12:00:00Z',
  'yesterday',
  '',
  1_772_366_400,
])('%j is no time that is taken', async (time) => {
  const before = await stored(server)
  const times: [mutation: string, input: object, inputPath: string][] = [
    ['logConversation', log({ startedAt: time }), 'input.startedAt'],
    ['logConversation', log({ endedAt: time }), 'input.endedAt'],
    ['logConversation', chat({ timestamp: time }), 'input.messages[0].chat.timestamp'],
    ['logConversation', chat({ endedAt: time }), 'input.messages[0].chat.endedAt'],
    ['completeConversation', { by: { id: id }, endedAt: time }, 'input.endedAt'],
  ]
  for (const [mutation, input, inputPath] of times) {
    expect(refusals(await write(ask, mutation, input))).toEqual([`BAD_USER_INPUT ${inputPath}`])
  }
  expect(await stored(server)).toEqual(before)
})

test('a time may be a day ahead, and no more', async () => {
  server.clock.now = new Date('2026-03-01T12:00:00.000Z')
  const until = async (timestamp: string) => refusals(await write(ask, 'logConversation', chat({ timestamp })))
  expect(await until('2026-03-02T14:00:00.000+02:00')).toEqual([])
  expect(await until('2026-03-02T12:00:00.001Z')).toEqual(['BAD_USER_INPUT input.messages[0].chat.timestamp'])
  expect(await until('9999-12-31T23:59:59Z')).toEqual(['BAD_USER_INPUT input.messages[0].chat.timestamp'])
  server.clock.now = null
})

test('several wrong values are all named at once', async () => {
  const answer = await write(ask, 'logConversation', {
    status: 'NO',
    labels: [1],
    messages: [{ chat: { role: 'X', content: 1 } }],
  })
  expect(refusals(answer).toSorted()).toEqual([
    'BAD_USER_INPUT input.labels[0]',
    'BAD_USER_INPUT input.messages[0].chat.content',
    'BAD_USER_INPUT input.messages[0].chat.role',
    'BAD_USER_INPUT input.status',
  ])
})

test('ids of the right form that name nothing, or another type, are not there', async () => {
  const { data } = await ask('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', {
    ids: [
      id.toUpperCase(),
      `${id}x`,
      id.replace('conv_', 'msg_'),
      'conv_00000000000000000000000000',
      '',
      '😀',
      `${id} `,
    ],
  })
  expect(data.nodes).toEqual([null, null, null, null, null, null, null])
})
