import { expect, test } from 'vitest'
import { fromAISDK } from '../../src/client/index.ts'

function convert(messages: object[]) {
  const losses: string[] = []
  return { entries: fromAISDK(messages, { onLoss: (kind) => losses.push(kind) }), losses }
}

test('messages of the user interface, with calls in each state', () => {
  const { entries, losses } = convert([
    {
      id: 'm1',
      role: 'user',
      metadata: { page: '/shop' },
      parts: [
        { type: 'text', text: 'What is this?' },
        { type: 'file', mediaType: 'image/png', filename: 'a.png', url: 'https://example.com/a.png' },
        { type: 'file', mediaType: 'image/png', url: 'data:image/png;base64,AAAA' },
      ],
    },
    {
      id: 'm2',
      role: 'assistant',
      parts: [
        { type: 'step-start' },
        { type: 'reasoning', text: 'Look it up.' },
        { type: 'tool-find', toolCallId: 'c1', state: 'output-available', input: { q: 'mug' }, output: { hits: 1 } },
        {
          type: 'tool-find',
          toolCallId: 'c2',
          state: 'output-error',
          input: undefined,
          rawInput: '{',
          errorText: 'bad',
        },
        { type: 'dynamic-tool', toolName: 'pay', toolCallId: 'c3', state: 'input-available', input: { cents: 5 } },
        {
          ...{ type: 'tool-pay', toolCallId: 'c4', state: 'output-denied', input: {} },
          approval: { id: 'a', approved: false, reason: 'too much' },
        },
        { type: 'source-url', sourceId: 's', url: 'https://example.com', title: 'Mugs' },
        { type: 'data-chart', data: { a: 1 } },
        { type: 'text', text: 'A mug.', state: 'done' },
      ],
    },
  ])
  expect(entries).toEqual([
    {
      chat: {
        externalId: 'm1',
        role: 'USER',
        content: 'What is this?\n[image: image/png, 3 B]',
        attachments: [{ url: 'https://example.com/a.png', name: 'a.png', mediaType: 'image/png' }],
        metadata: { page: '/shop' },
      },
    },
    { tool: { externalId: 'c1', name: 'find', input: { q: 'mug' }, output: { hits: 1 }, thought: 'Look it up.' } },
    { tool: { externalId: 'c2', name: 'find', input: '{', error: 'bad' } },
    { tool: { externalId: 'c3', name: 'pay', input: { cents: 5 } } },
    { tool: { externalId: 'c4', name: 'pay', input: {}, error: 'denied: too much' } },
    {
      chat: {
        externalId: 'm2',
        role: 'ASSISTANT',
        content: 'A mug.',
        metadata: { sources: [{ url: 'https://example.com', title: 'Mugs' }] },
      },
    },
  ])
  expect(losses).toEqual(['inline image', 'data part'])
})

test('messages of models: results come in messages of tools, in each form', () => {
  const call = (toolCallId: string) => ({ type: 'tool-call', toolCallId, toolName: 'find', input: { q: 1 } })
  const result = (toolCallId: string, output: object) => ({ type: 'tool-result', toolCallId, toolName: 'find', output })
  const { entries, losses } = convert([
    { role: 'system', content: 'Be short.' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Look' },
        { type: 'image', image: new Uint8Array(1_200), mediaType: 'image/png' },
        { type: 'file', data: new URL('https://example.com/a.pdf'), mediaType: 'application/pdf' },
      ],
    },
    { role: 'assistant', content: ['c1', 'c2', 'c3', 'c4', 'c5'].map(call) },
    {
      role: 'tool',
      content: [
        result('c1', { type: 'text', value: 'one' }),
        result('c2', { type: 'json', value: { n: 2 } }),
        result('c3', { type: 'error-json', value: { code: 3 } }),
        result('c4', { type: 'execution-denied' }),
        result('c5', {
          type: 'content',
          value: [
            { type: 'text', text: 'five' },
            { type: 'file-data', data: 'AAAA', mediaType: 'application/pdf' },
          ],
        }),
        result('c6', { type: 'text', value: 'six' }),
      ],
    },
    { role: 'assistant', content: 'Done.' },
  ])
  const input = { q: 1 }
  expect(entries).toEqual([
    { chat: { role: 'SYSTEM', content: 'Be short.' } },
    {
      chat: {
        role: 'USER',
        content: 'Look\n[image: image/png, 1 kB]',
        attachments: [{ url: 'https://example.com/a.pdf', mediaType: 'application/pdf' }],
      },
    },
    { tool: { externalId: 'c1', name: 'find', input, output: 'one' } },
    { tool: { externalId: 'c2', name: 'find', input, output: { n: 2 } } },
    { tool: { externalId: 'c3', name: 'find', input, error: '{"code":3}' } },
    { tool: { externalId: 'c4', name: 'find', input, error: 'denied' } },
    { tool: { externalId: 'c5', name: 'find', input, output: 'five\n[file: application/pdf, 3 B]' } },
    { tool: { externalId: 'c6:result', name: 'find', output: 'six' } },
    { chat: { role: 'ASSISTANT', content: 'Done.' } },
  ])
  expect(losses).toEqual(['inline image', 'inline file', 'tool result without its call'])
})

test('messages of version 4', () => {
  const invocation = { state: 'result', toolCallId: 'c1', toolName: 'find', args: { q: 1 }, result: 'mug' }
  const expected = [
    { tool: { externalId: 'c1', name: 'find', input: { q: 1 }, output: 'mug' } },
    { chat: { externalId: 'm', role: 'ASSISTANT', content: 'A mug.', timestamp: '2026-01-05T09:00:00Z' } },
  ]
  const message = { id: 'm', role: 'assistant', content: 'A mug.', createdAt: '2026-01-05T09:00:00Z' }
  const parts = [
    { type: 'tool-invocation', toolInvocation: invocation },
    { type: 'text', text: 'A mug.' },
  ]
  expect(convert([{ ...message, parts, toolInvocations: [invocation] }]).entries).toEqual(expected)
  expect(convert([{ ...message, toolInvocations: [invocation] }]).entries).toEqual(expected.toReversed())
})

test('a tool may be called like a type of part', () => {
  const part = { type: 'tool-call', toolCallId: 'c', state: 'output-available', input: 1, output: 2 }
  expect(convert([{ role: 'assistant', parts: [part] }]).entries).toEqual([
    { tool: { externalId: 'c', name: 'call', input: 1, output: 2 } },
  ])
})

test('what came of a call is not taken for that of an earlier one that has the same id, or none', () => {
  const part = { type: 'tool-find', state: 'input-available', input: 1 }
  const parts = [part, { ...part, state: 'output-available', output: 'two' }]
  expect(convert([{ role: 'assistant', parts }]).entries).toEqual([
    { tool: { name: 'find', input: 1 } },
    { tool: { name: 'find', input: 1, output: 'two' } },
  ])
})
