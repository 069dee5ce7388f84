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
  ['Visitor', 'Bot'],
  ['Client', 'Chatbot'],
  ['guest', 'bot'],
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

test('a label of the system begins a message of the system', async () => {
  expect(await spoken('System: Be brief.\nUser: Hello\nAI: Hi')).toEqual([
    ['SYSTEM', 'Be brief.'],
    ['USER', 'Hello'],
    ['ASSISTANT', 'Hi'],
  ])
})

test('marks that nobody sees, spaces of any kind and colons of other keyboards belong to the label', async () => {
  const lines = [
    '\u200eUser: one',
    '\u202aBot\u202c: two',
    '\ufeffHuman\u200b: three',
    '\u00a0AI\u00a0: four',
    'User：五',
    'Assistant﹕ 六',
  ]
  expect(await spoken(lines.join('\n'))).toEqual([
    ['USER', 'one'],
    ['ASSISTANT', 'two'],
    ['USER', 'three'],
    ['ASSISTANT', 'four'],
    ['USER', '五'],
    ['ASSISTANT', '六'],
  ])
})

test('text that is no label is kept: links, times, quotes, and a word with a colon that comes once', async () => {
  const text =
    'https://a.example/x\nhttps://a.example/y\n10:30 first\n10:31 second\nopen 9:30 to 10:00\nopen 9:30 to 11:00\n9:00 to 10:00 yoga\n9:00 to 10:00 tea\n"a": 1,\n"a": 2\nNote: one\nName: x\nThis is a long sentence with a colon: here\nThis is a long sentence with a colon: there'
  expect(await spoken(`User: see\n${text}`)).toEqual([['USER', `see\n${text}`]])
})

test.each([
  ['a name', 'User: Hello\nAlice: Hi\nUser: Bye\nAlice: Bye', 2, 4, 'Alice'],
  ['a name of two words', 'User: Hello\nAgent Smith: Hi\nAgent Smith: Bye', 2, 3, 'Agent Smith'],
  ['another product’s label', 'User: Hello\nCopilot: Hi\nCOPILOT: Bye', 2, 3, 'COPILOT'],
  ['a time in brackets before a label', 'User: Hello\n[10:30:12] Bot: Hi\n[10:31:00] Bot: Bye', 2, 3, 'Bot'],
  ['emphasis', 'User: Hello\n**Assistant:** Hi\n**Assistant:** Bye', 2, 3, 'Assistant'],
  ['a list', 'User: Hello\n- Bot: Hi\n- Bot: Bye', 2, 3, 'Bot'],
  ['another script', 'User: 你好\n客服：您好\n客服：再见', 2, 3, '客服'],
  ['a time before a label', 'User: Hello\n10:30 Bot: Hi\n10:31 Bot: Bye', 2, 3, 'Bot'],
  ['a date', 'User: Hello\n05/01/2026, 09:00 - Ada: Hi\n05/01/2026, 09:01 - Ada: Bye', 2, 3, 'Ada'],
  ['a time of ISO 8601', 'User: Hello\n2026-01-05T09:00:01Z Bot: Hi\n2026-01-05T09:00:02Z Bot: Bye', 2, 3, 'Bot'],
  ['an emoji before it', 'User: Hello\n🤖 Helper: Hi\n🤖 Helper: Bye', 2, 3, 'Helper'],
  ['a name in brackets', 'User: Hello\n[Ada]: Hi\n[Ada]: Bye', 2, 3, 'Ada'],
  ['a name in angle brackets', 'User: Hello\n<Ada>: Hi\n<Ada>: Bye', 2, 3, 'Ada'],
  ['two names', 'User: Hello\nAda & Bob: Hi\nAda & Bob: Bye', 2, 3, 'Ada & Bob'],
  ['a name behind its surname', 'User: Hello\nLovelace, Ada: Hi\nLovelace, Ada: Bye', 2, 3, 'Lovelace, Ada'],
  ['a name with a role', 'User: Hello\nBot/Ada: Hi\nBot/Ada: Bye', 2, 3, 'Bot/Ada'],
  ['an address', 'User: Hello\nada@example.org: Hi\nada@example.org: Bye', 2, 3, 'ada@example.org'],
  [
    'a title of four words',
    'User: Hello\nSenior Customer Support Agent: Hi\nSenior Customer Support Agent: Bye',
    ...([2, 3, 'Senior Customer Support Agent'] as const),
  ],
  ['a mark before it', 'User: Hello\n\u200eAda Lovelace: Hi\n\u200eAda Lovelace: Bye', 2, 3, 'Ada Lovelace'],
])('%s that recurs is refused, naming the lines', async (_what, transcript, first, second, label) => {
  const answer = await write(ask, 'logConversation', { transcript })
  expect(refusals(answer)).toEqual(['BAD_USER_INPUT input.transcript'])
  expect(answer.errors?.[0]?.message).toContain(`lines ${first} and ${second} begin with "${label}:"`)
})

test('a refusal says whether a label is unknown, or known with something before it', async () => {
  const refusal = async (label: string) => {
    const { errors } = await write(ask, 'logConversation', { transcript: `User: a\n${label} b\n${label} c` })
    return errors?.[0]?.message
  }
  expect(await refusal('Helper:')).toContain('looks like a label, but is not one of User, ')
  expect(await refusal('**Agent:**')).toContain('is only a label if nothing comes before it.')
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
  ['an unknown label', 'Alice: Hello\nUser: a', 1],
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
