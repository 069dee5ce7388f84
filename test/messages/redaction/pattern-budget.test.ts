import { expect, test } from 'vitest'
import { MAX_GROWTH, MAX_SEARCH_MS } from '../../../src/messages/redaction/pattern-budget.ts'
import { refusals } from '../../conversations/writes.ts'
import { startTestServer, type TestTenant } from '../../support/server.ts'
import { pattern, redactWith } from './optional.ts'

const server = await startTestServer()
/** Each match makes RE2 look at the rest of its window with 245 instructions: more than a second for 1 KB. */
const SLOW = '(?:(?:[b ]*[b]*){60}1)|b'
const HOSTILE = 'b '.repeat(512)

const newTenant = async (...redactionPatterns: object[]): Promise<TestTenant> => {
  const tenant = await server.newTenant()
  const update = 'mutation ($input: UpdateTenantInput!) { updateTenant(input: $input) { tenant { id } } }'
  expect((await server.admin(update, { input: { id: tenant.id, redactionPatterns } })).errors).toBeUndefined()
  return tenant
}

const write = (tenant: TestTenant, mutation: string, input: object, fields = 'conversation { id }') => {
  const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`
  return tenant.ask(`mutation ($input: ${type}!) { ${mutation}(input: $input) { ${fields} } }`, { input })
}

const stored = async (tenant: TestTenant) => {
  const { data } = await tenant.ask('{ conversations { totalCount } agents { totalCount } }')
  return [data.conversations.totalCount, data.agents.totalCount]
}

const chat = (content: string, more = {}) => ({ chat: { role: 'USER', content, ...more } })

test('the patterns of a tenant may take so long for all texts of a write together', async () => {
  const cpu = () => process.threadCpuUsage().user / 1_000
  const before = cpu()
  const redacted = redactWith(
    { redactionPatterns: [pattern(SLOW)] },
    Array(21)
      .fill(0)
      .map((_, i) => HOSTILE + i),
  )
  await expect(redacted).rejects.toMatchObject({ extensions: { code: 'LIMIT_EXCEEDED', limit: MAX_SEARCH_MS } })
  expect(cpu() - before).toBeLessThan(3 * MAX_SEARCH_MS)
})

test('a write that is refused for its patterns stores nothing, not even its agents', async () => {
  const tenant = await newTenant(pattern(SLOW))
  const agents = [{ externalId: 'bot' }]
  const log = await write(tenant, 'logConversation', { messages: [chat(HOSTILE)], agents })
  expect(refusals(log)).toEqual(['LIMIT_EXCEEDED'])
  const append = { by: { externalId: 'a' }, createIfMissing: true, messages: [chat(HOSTILE)], agents }
  expect(refusals(await write(tenant, 'appendMessages', append))).toEqual(['LIMIT_EXCEEDED'])
  expect(await stored(tenant)).toEqual([0, 0])
  expect(
    (await write(tenant, 'logConversation', { externalId: 'a', status: 'ACTIVE', messages: [chat('a')] })).errors,
  ).toBeUndefined()
  expect(refusals(await write(tenant, 'appendMessages', append))).toEqual(['LIMIT_EXCEEDED'])
  expect(
    refusals(await write(tenant, 'updateConversation', { by: { externalId: 'a' }, feedback: HOSTILE, agents })),
  ).toEqual(['LIMIT_EXCEEDED'])
  expect(await stored(tenant)).toEqual([1, 0])
})

test('a write that takes too long does not spoil those that are stored with it', async () => {
  const tenant = await newTenant(pattern(SLOW))
  const answers = await Promise.all(
    [HOSTILE, 'a', HOSTILE, 'c', 'd'].map((content, i) =>
      write(tenant, 'logConversation', { externalId: String(i), messages: [chat(content)] }),
    ),
  )
  expect(answers.map(({ errors }) => errors?.length ?? 0)).toEqual([1, 0, 1, 0, 0])
  expect(await stored(tenant)).toEqual([3, 0])
})

test('in a list, only the conversations beyond are refused', async () => {
  const tenant = await newTenant(pattern(SLOW))
  const conversations = ['a', HOSTILE, 'c'].map((content) => ({ messages: [chat(content)] }))
  const { data } = await tenant.ask(
    'mutation ($input: LogConversationsInput!) { logConversations(input: $input) { results { conversation { id } error { code } } } }',
    { input: { conversations } },
  )
  expect(data.logConversations.results[0].conversation).not.toBeNull()
  expect(data.logConversations.results[1].error).toEqual({ code: 'LIMIT_EXCEEDED' })
})

const digits = '1'.repeat(256)
const lists = Array.from({ length: 190 }, () => '1'.repeat(500))

test.each([
  [{ title: digits }, 'input.title'],
  [{ description: '1'.repeat(500) + 'a'.repeat(9_500) }, 'input.description'],
  [{ analysis: { summary: 'a', tags: lists.slice(0, 50).map(() => digits) } }, 'input.analysis.tags'],
  [{ analysis: { extractedData: lists } }, 'input.analysis.extractedData'],
  [{ recording: { url: `https://a.example/${'1'.repeat(450)}${'a'.repeat(9_000)}` } }, 'input.recording.url'],
  [{ messages: [chat('a'), chat('1'.repeat(500) + 'a'.repeat(261_000))] }, 'input.messages[1].chat.content'],
  [{ messages: [{ tool: { name: 'x', input: lists } }] }, 'input.messages[0].tool.input'],
  [{ messages: [{ event: { name: 'x', payload: lists } }] }, 'input.messages[0].event.payload'],
  [
    { messages: [chat('a', { attachments: [{ url: 'https://a.example', name: digits }] })] },
    'input.messages[0].chat.attachments[0].name',
  ],
])('what is too large once it is redacted is refused: %#', async (fields, path) => {
  const tenant = await newTenant(pattern('[0-9]', 'x'.repeat(64)))
  const input = { messages: [chat('a')], agents: [{ externalId: 'bot' }], ...fields }
  expect(refusals(await write(tenant, 'logConversation', input))).toEqual([`LIMIT_EXCEEDED ${path}`])
  expect(await stored(tenant)).toEqual([0, 0])
})

test('a translation that is too large once it is redacted is refused', async () => {
  const tenant = await newTenant(pattern('[0-9]', 'x'.repeat(64)))
  await write(tenant, 'logConversation', { externalId: 'a', messages: [chat('a', { externalId: 'm' })] })
  const translation = '1'.repeat(500) + 'a'.repeat(261_000)
  const input = { by: { externalId: 'a' }, messages: [{ by: { externalId: 'm' }, translation }] }
  expect(refusals(await write(tenant, 'updateMessages', input, 'messages { id }'))).toEqual([
    'LIMIT_EXCEEDED input.messages[0].translation',
  ])
})

test('what is too large only with replacements for personal data is refused as well', async () => {
  const tenant = await server.newTenant({ derives: true })
  const input = { title: `${'a'.repeat(250)} a@b.c.de`.slice(-256), messages: [chat('a')] }
  expect(refusals(await write(tenant, 'logConversation', input))).toEqual(['LIMIT_EXCEEDED input.title'])
})

test('replacements may add so many characters to the texts of a write', async () => {
  const texts = Array.from({ length: 200 }, (_, i) => `${'1'.repeat(499)} ${i + 1_000_000}`)
  const value = redactWith({ redactionPatterns: [pattern('[0-9]', 'x'.repeat(64))] }, texts)
  await expect(value).rejects.toMatchObject({ extensions: { code: 'LIMIT_EXCEEDED', limit: MAX_GROWTH } })
})
