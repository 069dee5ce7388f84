import { expect, test } from 'vitest'
import { startTestServer } from '../support/server.ts'
import { refusals, write } from './writes.ts'

const server = await startTestServer()
const { ask } = await server.newTenant()

/** What is said in a transcript: role and content of each message. */
async function spoken(transcript: string): Promise<[string, string][]> {
  const selection = 'conversation { messages(first: 100) { nodes { ... on ChatMessage { role content } } } }'
  const { data, errors } = await write(ask, 'logConversation', { transcript }, selection)
  if (errors) throw new Error(JSON.stringify(errors))
  return data.logConversation.conversation.messages.nodes.map((message: { role: string; content: string }) => [
    message.role,
    message.content,
  ])
}

test.each([
  ['User', 'Assistant'],
  ['Human', 'AI'],
  ['Customer', 'Agent'],
  ['USER', 'assistant'],
  ['human', 'ai'],
  ['cUSTOMER', 'AGENT'],
])('%s and %s are labels', async (user, assistant) => {
  expect(await spoken(`${user}: Hello\n${assistant}: Hi`)).toEqual([
    ['USER', 'Hello'],
    ['ASSISTANT', 'Hi'],
  ])
})

test('a line without a label goes on with the message above', async () => {
  expect(await spoken('User: one\ntwo\n\n  three\n\nAI: four\n\n')).toEqual([
    ['USER', 'one\ntwo\n\n  three'],
    ['ASSISTANT', 'four'],
  ])
})

test.each([
  ['CRLF', '\r\n'],
  ['CR', '\r'],
])('lines may end in %s', async (_name, end) => {
  expect(await spoken(['User: one', 'two', 'Agent: three'].join(end))).toEqual([
    ['USER', 'one\ntwo'],
    ['ASSISTANT', 'three'],
  ])
})

test('colons, quotes and labels inside a line are text', async () => {
  expect(await spoken('\n  User : at 10:30: "Agent: no"\nNote: Users: many\nUsername: x\nAgent:5\nUser:')).toEqual([
    ['USER', 'at 10:30: "Agent: no"\nNote: Users: many\nUsername: x'],
    ['ASSISTANT', '5'],
    ['USER', ''],
  ])
})

test('line separators of Unicode do not hide a label', async () => {
  expect(await spoken('User: one\u2028two\nAgent: three\u2029four\u0085five')).toEqual([
    ['USER', 'one\u2028two'],
    ['ASSISTANT', 'three\u2029four\u0085five'],
  ])
})

test.each([
  ['no label at all', 'Hello\nHi', 1],
  ['text before the first label', '\n\nIntro\nUser: a', 3],
  ['an unknown label', 'Bot: Hello\nUser: a', 1],
])('%s is refused, naming the line', async (_what, transcript, line) => {
  const answer = await write(ask, 'logConversation', { transcript })
  expect(refusals(answer)).toEqual(['BAD_USER_INPUT input.transcript'])
  expect(answer.errors?.[0]?.message).toContain(`line ${line} has no label`)
})

test('a message of a transcript that is too long is refused at its place in the transcript', async () => {
  const answer = await write(ask, 'logConversation', { transcript: `User: a\nAgent: ${'x'.repeat(262_145)}` })
  expect(refusals(answer)).toEqual(['LIMIT_EXCEEDED input.transcript[1].chat.content'])
  const many = await write(ask, 'logConversation', { transcript: 'User: a\n'.repeat(5_001) })
  expect(refusals(many)).toEqual(['LIMIT_EXCEEDED input.transcript'])
})
