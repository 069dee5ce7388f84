import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chatgpt } from '../../../src/cli/import/formats/chatgpt.ts'
import { MalformedEntry } from '../../../src/cli/import/formats/format.ts'
import { FORMATS } from '../../../src/cli/import/formats/formats.ts'
import { ndjson } from '../../../src/cli/import/formats/ndjson.ts'
import { openaiJsonl } from '../../../src/cli/import/formats/openai-jsonl.ts'
import { ConversionError } from '../../../src/client/index.ts'

const RANGE = { start: new Date('2025-03-01'), end: new Date('2025-03-02') }
const ENTRY = { number: 7, position: 6, bytes: Buffer.from('{}') }

const KEYS = [
  ...['mapping', 'current_node', 'a', 'b', 'parent', 'children', 'message', 'author', 'role', 'name', 'content'],
  ...['content_type', 'parts', 'text', 'thoughts', 'recipient', 'metadata', 'attachments', 'id', 'create_time'],
  ...['conversation', 'messages', 'chat', 'tool', 'event', 'transcript', 'agent', 'agents', 'status', 'startedAt'],
  ...['body', 'response', 'input', 'output', 'choices', 'instructions', 'created', 'conversation_id', 'utterances'],
]
const WORDS = ['a', 'b', 'user', 'assistant', 'tool', 'all', 'text', 'thoughts', 'multimodal_text', 'User: hello', '']

const { garbage } = fc.letrec((tie) => ({
  garbage: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    fc.constantFrom(...WORDS),
    fc.jsonValue(),
    fc.array(tie('garbage'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...KEYS), tie('garbage'), { maxKeys: 6 }),
  ),
}))

test.each(FORMATS)('$name: an entry of garbage is converted or malformed, and never ends the import', (format) => {
  fc.assert(
    fc.property(garbage, (value) => {
      expect(typeof format.recognises(value)).toBe('boolean')
      try {
        const { input } = format.convert(value, ENTRY, RANGE)
        expect(input.externalId).not.toBe('')
        expect(input.onConflict).toBe('RETURN_EXISTING')
        expect(JSON.parse(JSON.stringify(input)).messages).toHaveLength(input.messages.length)
      } catch (error) {
        if (!(error instanceof MalformedEntry || error instanceof ConversionError)) throw error
        expect(error.message).not.toBe('')
      }
    }),
    { numRuns: 1_000 },
  )
})

const text = (role: string, ...parts: unknown[]) => ({ author: { role }, content: { content_type: 'text', parts } })

test('chatgpt: a tree without a current path is malformed', () => {
  const convert = (mapping: object, current_node?: string) => chatgpt.convert({ mapping, current_node }, ENTRY, null)
  expect(() => convert({ a: { message: text('user', 'hello') } })).toThrow('current_node: names no node of mapping')
  const circle = { a: { parent: 'b' }, b: { parent: 'a' } }
  expect(() => convert(circle, 'a')).toThrow('mapping: a node is its own ancestor')
  expect(() => convert({ a: { message: text('system', '') } }, 'a')).toThrow('has no messages')
})

test('chatgpt: what is unknown is named, and what a tool says by itself is kept', () => {
  const nodes = [
    text('user', { content_type: 'hologram' }, 'Look'),
    { author: { role: 'assistant' }, content: { content_type: 'hologram' }, metadata: { citations: [{}] } },
    {
      author: { role: 'tool', name: 'browser' },
      content: { content_type: 'tether_quote', title: 'Tea', text: 'Green.' },
    },
  ]
  const mapping = Object.fromEntries(
    nodes.map((message, n) => [`n${n}`, { parent: `n${n - 1}`, children: n < 2 ? [`n${n + 1}`] : [], message }]),
  )
  const { input, losses } = chatgpt.convert({ mapping, current_node: 'n2' }, ENTRY, null)
  expect(input.messages).toEqual([
    { chat: { role: 'USER', content: '[hologram]\nLook' } },
    { chat: { role: 'ASSISTANT', content: '[hologram]' } },
    { tool: { externalId: 'browser:result', name: 'browser', output: 'Tea\nGreen.' } },
  ])
  expect(losses).toEqual([
    'content of the type hologram',
    'content of the type hologram',
    'citation',
    'tool result without its call',
  ])
})

test('ndjson: an import does not append, and people who said the same are not one conversation', () => {
  const value = { onConflict: 'APPEND', transcript: 'User: hello' }
  const { input, losses } = ndjson.convert(value, ENTRY, null)
  expect(input).toMatchObject({ onConflict: 'RETURN_EXISTING' })
  expect(losses).toEqual(['"onConflict: APPEND"'])
  const again = ndjson.convert(value, { ...ENTRY, number: 8 }, null)
  expect(again.input.externalId).not.toBe(input.externalId)
  expect(ndjson.convert(value, ENTRY, null).input.externalId).toBe(input.externalId)
})

const openai = (value: object) => {
  const { input, losses } = openaiJsonl.convert(value, ENTRY, null)
  const said = input.messages.map(({ chat }) => chat?.content)
  return { said, losses, externalId: input.externalId, metadata: input.metadata }
}
const answer = { choices: [{ message: { role: 'assistant', content: 'A' } }] }
const asked = { messages: [{ role: 'user', content: 'Q' }] }

test('openai: an answer beside what was asked is carried over, and so is one beside its request', () => {
  expect(openai({ ...asked, ...answer })).toMatchObject({ said: ['Q', 'A'], losses: [] })
  const output = [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'A' }] }]
  expect(openai({ input: 'Q', output })).toMatchObject({ said: ['Q', 'A'], losses: [] })
  expect(openai({ custom_id: '1', body: asked, response: { body: answer } })).toMatchObject({ said: ['Q', 'A'] })
})

test('openai: an answer of a batch is not the conversation of its request, nor of another batch', () => {
  const request = openai({ custom_id: 'request-1', body: asked })
  const answered = openai({
    id: 'batch_req_1',
    custom_id: 'request-1',
    response: { body: { id: 'chatcmpl-1', ...answer } },
  })
  expect(request.externalId).toMatch(/^import-/)
  expect(answered.externalId).toBe('chatcmpl-1')
  expect([request.metadata, answered.metadata]).toEqual([{ custom_id: 'request-1' }, { custom_id: 'request-1' }])
})

test('openai: what is not read is counted', () => {
  const messages = [{ role: 'user', content: 'Q', timestamp: '2026-01-05T09:00:00Z' }]
  const { losses } = openai({
    messages,
    metadata: 'm',
    model: 5,
    instructions: [],
    response: { choices: [] },
    error: 'e',
  })
  expect(losses.toSorted()).toEqual(['"error"', '"instructions"', '"metadata"', '"model"', '"response"', '"timestamp"'])
})
