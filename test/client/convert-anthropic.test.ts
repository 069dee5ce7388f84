import { expect, test } from 'vitest'
import { fromAnthropic } from '../../src/client/index.ts'

function convert(messages: object[], system?: string) {
  const losses: string[] = []
  return { entries: fromAnthropic(messages, { system, onLoss: (kind) => losses.push(kind) }), losses }
}

test('messages with thinking, text and tools: the text before a call and after it are entries of their own', () => {
  const { entries, losses } = convert(
    [
      { role: 'user', content: 'Weather in Oslo?' },
      {
        id: 'msg_1',
        role: 'assistant',
        model: 'claude-x',
        content: [
          { type: 'thinking', thinking: 'I need the tool.', signature: 's' },
          { type: 'text', text: 'One moment.' },
          { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Oslo' } },
          { type: 'tool_use', id: 'toolu_2', name: 'weather', input: { city: 'Rome' } },
          { type: 'text', text: 'Just a bit.' },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'toolu_2', is_error: true, content: [{ type: 'text', text: 'down' }] },
          {
            type: 'tool_result',
            tool_use_id: 'toolu_1',
            content: [
              { type: 'text', text: '-4 °C' },
              { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
              { type: 'image', source: { type: 'url', url: 'https://example.com/map.png' } },
            ],
          },
          { type: 'text', text: 'Thanks' },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'redacted_thinking', data: 'x' },
          { type: 'text', text: 'Welcome.' },
        ],
      },
    ],
    'Be short.',
  )
  expect(entries).toEqual([
    { chat: { role: 'SYSTEM', content: 'Be short.' } },
    { chat: { role: 'USER', content: 'Weather in Oslo?' } },
    { chat: { externalId: 'msg_1', role: 'ASSISTANT', model: 'claude-x', content: 'One moment.' } },
    {
      tool: {
        externalId: 'toolu_1',
        name: 'weather',
        input: { city: 'Oslo' },
        thought: 'I need the tool.',
        output: '-4 °C\n[image: image/png, 3 B]\n[image: https://example.com/map.png]',
      },
    },
    { tool: { externalId: 'toolu_2', name: 'weather', input: { city: 'Rome' }, error: 'down' } },
    { chat: { externalId: 'msg_1#2', role: 'ASSISTANT', model: 'claude-x', content: 'Just a bit.' } },
    { chat: { role: 'USER', content: 'Thanks' } },
    { chat: { role: 'ASSISTANT', content: 'Welcome.' } },
  ])
  expect(losses).toEqual(['inline image', 'reasoning'])
})

test('documents, by what they hold', () => {
  const { entries, losses } = convert([
    {
      role: 'user',
      content: [
        { type: 'document', title: 'Bill', source: { type: 'url', url: 'https://example.com/bill.pdf' } },
        { type: 'document', title: 'Note', source: { type: 'text', media_type: 'text/plain', data: 'Two lattes.' } },
        { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'A'.repeat(4_000_000) } },
        { type: 'document', source: { type: 'file', file_id: 'file_1' } },
        { type: 'search_result', title: 'Tea', source: 'kb/tea', content: [{ type: 'text', text: 'Green.' }] },
      ],
    },
  ])
  expect(entries).toEqual([
    {
      chat: {
        role: 'USER',
        content:
          '[document: Note]\nTwo lattes.\n[document: application/pdf, 3.0 MB]\n[document: file_1]\n[search result: Tea, kb/tea]\nGreen.',
        attachments: [{ url: 'https://example.com/bill.pdf', name: 'Bill' }],
      },
    },
  ])
  expect(losses).toEqual(['inline document', 'uploaded document'])
})

test('tools of the server, and an answer whose citations divide a sentence', () => {
  const { entries, losses } = convert([
    {
      role: 'assistant',
      content: [
        { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'tea' } },
        {
          type: 'web_search_tool_result',
          tool_use_id: 'srvtoolu_1',
          content: [{ type: 'web_search_result', url: 'https://example.com', title: 'Tea', encrypted_content: 'xyz' }],
        },
        { type: 'server_tool_use', id: 'srvtoolu_2', name: 'web_search', input: { query: 'milk' } },
        {
          type: 'web_search_tool_result',
          tool_use_id: 'srvtoolu_2',
          content: { type: 'web_search_tool_result_error', error_code: 'max_uses_exceeded' },
        },
        { type: 'text', text: 'Tea is ' },
        { type: 'text', text: 'a drink', citations: [{ url: 'https://example.com' }] },
        { type: 'text', text: '.' },
      ],
    },
  ])
  expect(entries).toEqual([
    {
      tool: {
        externalId: 'srvtoolu_1',
        name: 'web_search',
        input: { query: 'tea' },
        output: [{ type: 'web_search_result', url: 'https://example.com', title: 'Tea' }],
      },
    },
    {
      tool: { externalId: 'srvtoolu_2', name: 'web_search', input: { query: 'milk' }, error: 'max_uses_exceeded' },
    },
    { chat: { role: 'ASSISTANT', content: 'Tea is a drink.' } },
  ])
  expect(losses).toEqual(['encrypted content', 'citation'])
})

test('a message without content is a message all the same; a block of an unknown type is named', () => {
  const { entries, losses } = convert([
    { role: 'assistant', content: [] },
    { role: 'assistant', content: [{ type: 'hologram' }] },
  ])
  expect(entries).toEqual([
    { chat: { role: 'ASSISTANT', content: '' } },
    { chat: { role: 'ASSISTANT', content: '[hologram]' } },
  ])
  expect(losses).toEqual(['block of the type hologram'])
})

test('what is wrong is named with its place, also inside a result', () => {
  const result = {
    type: 'tool_result',
    tool_use_id: 't',
    content: [
      { type: 'image', text: 5 },
      { type: 'text', text: '' },
    ],
  }
  expect(() => convert([{ role: 'user', content: [result, 5] }])).toThrow('messages[0].content[1]: must be an object')
})
