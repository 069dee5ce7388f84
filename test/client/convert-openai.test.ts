import { expect, test } from 'vitest'
import { fromOpenAI } from '../../src/client/index.ts'

/** What is converted, and what is lost. */
function convert(messages: object[]) {
  const losses: string[] = []
  return { entries: fromOpenAI(messages, { onLoss: (kind) => losses.push(kind) }), losses }
}

test('messages of chat completions, with a tool call and what came of it as one entry', () => {
  const { entries, losses } = convert([
    { role: 'developer', content: 'Be short.' },
    { role: 'user', name: 'ada', content: 'Weather in Oslo and Rome?' },
    {
      role: 'assistant',
      content: 'One moment.',
      tool_calls: [
        { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } },
        { id: 'call_2', type: 'function', function: { name: 'weather', arguments: '{"city":"Rome"' } },
        { id: 'call_3', type: 'custom', custom: { name: 'shell', input: 'ls' } },
      ],
    },
    { role: 'tool', tool_call_id: 'call_2', content: 'no such city' },
    { role: 'tool', tool_call_id: 'call_1', content: [{ type: 'text', text: '{"celsius":-4}' }] },
    { role: 'assistant', content: null, refusal: 'I can’t say.' },
  ])
  expect(entries).toEqual([
    { chat: { role: 'SYSTEM', content: 'Be short.' } },
    { chat: { role: 'USER', authorName: 'ada', content: 'Weather in Oslo and Rome?' } },
    { chat: { role: 'ASSISTANT', content: 'One moment.' } },
    { tool: { externalId: 'call_1', name: 'weather', input: { city: 'Oslo' }, output: { celsius: -4 } } },
    { tool: { externalId: 'call_2', name: 'weather', input: '{"city":"Rome"', output: 'no such city' } },
    { tool: { externalId: 'call_3', name: 'shell', input: 'ls' } },
    { chat: { role: 'ASSISTANT', content: 'I can’t say.' } },
  ])
  expect(losses).toEqual([])
})

test('functions, which have no ids, are joined by name and order', () => {
  const call = (city: string) => ({
    role: 'assistant',
    content: null,
    function_call: { name: 'weather', arguments: `{"city":"${city}"}` },
  })
  const { entries } = convert([
    call('Oslo'),
    { role: 'function', name: 'weather', content: 'snow' },
    call('Rome'),
    { role: 'function', name: 'weather', content: 'sun' },
  ])
  expect(entries).toEqual([
    { tool: { name: 'weather', input: { city: 'Oslo' }, output: 'snow' } },
    { tool: { name: 'weather', input: { city: 'Rome' }, output: 'sun' } },
  ])
})

test('images and files: linked if they have an https URL, otherwise named with type and size', () => {
  const png = `data:image/png;base64,${'A'.repeat(16_000)}`
  const { entries, losses } = convert([
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Which is which?' },
        { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
        { type: 'image_url', image_url: { url: 'http://example.com/b.png' } },
        { type: 'image_url', image_url: { url: png } },
        { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } },
        { type: 'file', file: { file_id: 'file-1', filename: 'bill.pdf' } },
      ],
    },
    { role: 'assistant', content: null, audio: { id: 'audio_1', transcript: 'The first is.' } },
  ])
  expect(entries).toEqual([
    {
      chat: {
        role: 'USER',
        content:
          'Which is which?\n[image: http://example.com/b.png]\n[image: image/png, 12 kB]\n[audio: audio/wav, 3 B]\n[file: bill.pdf, file-1]',
        attachments: [{ url: 'https://example.com/a.png' }],
      },
    },
    { chat: { role: 'ASSISTANT', content: 'The first is.\n[audio: audio_1]' } },
  ])
  expect(losses).toEqual(['inline image', 'inline audio', 'uploaded file', 'uploaded audio'])
})

test('a message links no more files than Parley accepts', () => {
  const image = (n: number) => ({ type: 'image_url', image_url: { url: `https://example.com/${n}.png` } })
  const [entry] = convert([{ role: 'user', content: Array.from({ length: 21 }, (_, n) => image(n)) }]).entries
  expect(entry?.chat?.attachments).toHaveLength(20)
  expect(entry?.chat?.content).toBe('[image: https://example.com/20.png]')
})

test('items of the Responses API: reasoning becomes the thought of the call after it', () => {
  const { entries, losses } = convert([
    { role: 'user', content: [{ type: 'input_text', text: 'Weather?' }] },
    { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'I need the tool.' }] },
    { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'weather', arguments: '{}' },
    { type: 'function_call_output', call_id: 'call_1', output: [{ type: 'input_text', text: 'snow' }] },
    { type: 'reasoning', id: 'rs_2', summary: [], encrypted_content: 'x' },
    { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'snow' } },
    { type: 'mcp_call', id: 'mcp_1', name: 'find', arguments: '{"q":1}', output: null, error: 'timed out' },
    { type: 'code_interpreter_call', id: 'ci_1', code: '1+1', outputs: [{ type: 'logs', logs: '2' }] },
    { type: 'image_generation_call', id: 'ig_1', result: 'AAAA' },
    { type: 'mcp_list_tools', id: 'l_1', tools: [] },
    {
      type: 'message',
      id: 'msg_1',
      role: 'assistant',
      content: [
        { type: 'output_text', text: 'Snow.', annotations: [{ type: 'url_citation' }] },
        { type: 'refusal', refusal: 'No more.' },
      ],
    },
  ])
  expect(entries).toEqual([
    { chat: { role: 'USER', content: 'Weather?' } },
    { tool: { externalId: 'call_1', name: 'weather', input: {}, output: 'snow', thought: 'I need the tool.' } },
    { tool: { externalId: 'ws_1', name: 'web_search', input: { type: 'search', query: 'snow' } } },
    { tool: { externalId: 'mcp_1', name: 'find', input: { q: 1 }, error: 'timed out' } },
    { tool: { externalId: 'ci_1', name: 'code_interpreter', input: '1+1', output: [{ type: 'logs', logs: '2' }] } },
    { tool: { externalId: 'ig_1', name: 'image_generation', output: '[image: 3 B]' } },
    { chat: { externalId: 'msg_1', role: 'ASSISTANT', content: 'Snow.\nNo more.' } },
  ])
  expect(losses).toEqual(['reasoning', 'inline image', 'item of the type mcp_list_tools', 'citation'])
})

test('an id that is used again names another entry, and a result without its call is kept', () => {
  const call = { role: 'assistant', tool_calls: [{ id: 'call_1', function: { name: 'f', arguments: '{}' } }] }
  const result = (content: string) => ({ role: 'tool', tool_call_id: 'call_1', content })
  const { entries, losses } = convert([call, result('one'), call, result('two'), result('three')])
  expect(entries).toEqual([
    { tool: { externalId: 'call_1', name: 'f', input: {}, output: 'one' } },
    { tool: { externalId: 'call_1#2', name: 'f', input: {}, output: 'two' } },
    { tool: { externalId: 'call_1:result', name: 'f', output: 'three' } },
  ])
  expect(losses).toEqual(['tool result without its call'])
})

test('arguments keep their digits', () => {
  const [entry] = convert([
    {
      role: 'assistant',
      tool_calls: [{ id: 'c', function: { name: 'f', arguments: '{"id":9007199254740993,"n":4.50}' } }],
    },
  ]).entries
  expect(entry?.tool?.input).toEqual({ id: '9007199254740993', n: 4.5 })
})

test.each([
  ['messages: must be a list', {}],
  ['messages[1]: must be an object', [{ role: 'user', content: '' }, 'hello']],
  ['messages[0].role: must be a text', [{ content: 'hello' }]],
  ['messages[0].role: the role "poet" is unknown', [{ role: 'poet', content: 'hello' }]],
  ['messages[0].content: must be a text or a list of parts', [{ role: 'user', content: 5 }]],
  ['messages[0].content[1]: must be an object', [{ role: 'user', content: ['hello', 5] }]],
  ['messages[0].tool_calls: must be a list', [{ role: 'assistant', tool_calls: {} }]],
])('%s', (message, messages) => {
  expect(() => convert(messages as object[])).toThrow(message)
})
