import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ConversionError, fromAISDK, fromAnthropic, fromOpenAI, fromTranscript } from '../../src/client/index.ts'

const CONVERTERS = { fromOpenAI, fromAnthropic, fromAISDK }
const converters = Object.entries(CONVERTERS)

/** Words that the formats use, so that garbage gets past the first check. */
const KEYS = [
  ...['role', 'content', 'type', 'text', 'id', 'name', 'parts', 'tool_calls', 'function', 'function_call', 'arguments'],
  ...['tool_call_id', 'call_id', 'tool_use_id', 'toolCallId', 'toolName', 'state', 'input', 'output', 'source', 'url'],
  ...['image_url', 'file', 'data', 'citations', 'thinking', 'summary', 'result', 'error', 'value', 'refusal', 'audio'],
  ...['toolInvocation', 'toolInvocations', 'approval', 'metadata', 'title', 'is_error', 'createdAt', 'annotations'],
]
const WORDS = [
  ...['user', 'assistant', 'system', 'tool', 'function', 'text', 'image', 'image_url', 'document', 'file', 'message'],
  ...['tool_use', 'tool_result', 'web_search_tool_result', 'thinking', 'reasoning', 'function_call', 'mcp_call'],
  ...['function_call_output', 'tool-call', 'tool-result', 'tool-x', 'dynamic-tool', 'tool-invocation', 'source-url'],
  ...['content', 'error-text', 'https://example.com/a.png', 'http://[', 'data:,', '{"a":1}', '[', '', '\u0000'],
]

const { garbage } = fc.letrec((tie) => ({
  garbage: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.constantFrom(...WORDS),
    fc.jsonValue(),
    fc.array(tie('garbage'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...KEYS), tie('garbage'), { maxKeys: 6 }),
  ),
}))

const likeMessages = fc.array(
  fc.record(
    { role: fc.constantFrom('user', 'assistant', 'tool'), content: garbage, type: garbage, parts: garbage },
    { requiredKeys: [] },
  ),
  { maxLength: 4 },
)

test.each(converters)('%s: garbage is converted, or refused with the place', (_name, convert) => {
  fc.assert(
    fc.property(fc.oneof(garbage, likeMessages), (messages) => {
      try {
        for (const { chat, tool, event } of convert(messages as object[])) {
          expect([chat, tool, event].filter((entry) => entry !== undefined)).toHaveLength(1)
          if (chat) expect(typeof chat.content).toBe('string')
        }
      } catch (error) {
        if (!(error instanceof ConversionError)) throw error
        expect(error.place).toMatch(/^messages(\[\d+\](\.\w+|\[\d+\])*)?$/)
      }
    }),
    { numRuns: 2_000 },
  )
})

/** Parts of a message by converter, each made of a text that nothing else holds. */
const PARTS: Record<keyof typeof CONVERTERS, Record<string, (text: string) => object>> = {
  fromOpenAI: {
    text: (text) => ({ type: 'text', text }),
    output: (text) => ({ type: 'output_text', text, annotations: [] }),
    refusal: (refusal) => ({ type: 'refusal', refusal }),
    unknown: (text) => ({ type: 'hologram', text }),
    link: (text) => ({ type: 'image_url', image_url: { url: `https://example.com/${text}` } }),
  },
  fromAnthropic: {
    text: (text) => ({ type: 'text', text }),
    cited: (text) => ({ type: 'text', text, citations: [{}] }),
    call: (text) => ({ type: 'tool_use', id: text, name: 'f', input: { text } }),
    result: (text) => ({ type: 'tool_result', tool_use_id: 'a', content: [{ type: 'text', text }] }),
    note: (text) => ({ type: 'document', source: { type: 'text', data: text } }),
    link: (text) => ({ type: 'image', source: { type: 'url', url: `https://example.com/${text}` } }),
  },
  fromAISDK: {
    text: (text) => ({ type: 'text', text }),
    call: (text) => ({ type: 'tool-call', toolCallId: 'a', toolName: 'f', input: text }),
    result: (text) => ({ type: 'tool-result', toolCallId: 'a', toolName: 'f', output: { type: 'text', value: text } }),
    state: (text) => ({ type: 'tool-f', toolCallId: 'b', state: 'output-available', input: 1, output: { text } }),
    source: (text) => ({ type: 'source-url', url: `https://example.com/${text}` }),
    link: (text) => ({ type: 'file', mediaType: 'image/png', url: `https://example.com/${text}` }),
  },
}

test.each(converters)('%s: no text is lost, and the texts of a message keep their order', (name, convert) => {
  const kinds = PARTS[name as keyof typeof CONVERTERS]
  const part = fc.constantFrom(...Object.keys(kinds))
  const message = fc.record({
    role: fc.constantFrom('user', 'assistant'),
    id: fc.constantFrom('m1', 'm2'),
    parts: fc.array(part, { maxLength: 30 }),
  })
  fc.assert(
    fc.property(fc.array(message, { maxLength: 5 }), (messages) => {
      let count = 0
      const texts: string[] = []
      const said: string[] = []
      const given = messages.map(({ role, id, parts }) => ({
        role,
        id,
        content: parts.map((kind) => {
          count += 1
          const text = `text-${count}-end`
          texts.push(text)
          if (kind === 'text') said.push(text)
          return (kinds[kind] as (text: string) => object)(text)
        }),
      }))
      const entries = convert(given)
      const all = JSON.stringify(entries)
      expect(texts.filter((text) => !all.includes(text))).toEqual([])
      const content = entries.map(({ chat }) => chat?.content ?? '').join('\n')
      expect(content.match(/text-\d+-end/g)?.filter((text) => said.includes(text)) ?? []).toEqual(said)
      const ids = entries.flatMap(({ chat, tool }) => chat?.externalId ?? tool?.externalId ?? [])
      expect(new Set(ids).size).toBe(ids.length)
    }),
  )
})

test.each([
  ['a data URL without a comma', { image_url: { url: `data:${'a'.repeat(300_000)}` } }],
  ['a data URL that is padded too early', { image_url: { url: `data:image/png;base64,${'='.repeat(300_000)}a` } }],
  ['a number of many digits', { type: 'tool', text: `{"a":1${'0'.repeat(300_000)}1}` }],
])('%s holds nobody up', (_name, part) => {
  const start = performance.now()
  const result = { role: 'tool', tool_call_id: 'a', content: 'text' in part ? part.text : '' }
  fromOpenAI([{ role: 'user', content: [part] }, result])
  expect(performance.now() - start).toBeLessThan(2_000)
})

const circular: Record<string, unknown> = { size: 5n }
circular['itself'] = circular

test('ids and errors that JSON can’t hold break no conversion', () => {
  for (const id of [5n, circular]) {
    const call = { role: 'assistant', tool_calls: [{ id, function: { name: 'f' } }] }
    expect(fromOpenAI([call, { role: 'tool', tool_call_id: id, content: 'done' }])).toEqual([
      { tool: { name: 'f', output: 'done' } },
    ])
  }
  const error = (content: unknown) =>
    fromAnthropic([{ role: 'user', content: [{ type: 'tool_result', is_error: true, content }] }])[0]?.tool?.error
  expect(error({ size: 5n })).toBe('{"size":"5"}')
  expect(error(circular)).toMatch(/^\[no JSON: /)
})

test.each(converters)('%s: no options are as good as none', (_name, convert) => {
  expect(convert([{ role: 'user', content: 'Hello' }], null as never)).toEqual([
    { chat: { role: 'USER', content: 'Hello' } },
  ])
})

test('names and ids that are too long, texts that are none and times out of range are reported', () => {
  const long = 'é'.repeat(257)
  const lossesOf = (messages: object[]) => {
    const losses: string[] = []
    return { entries: fromOpenAI(messages, { onLoss: (kind) => losses.push(kind) }), losses }
  }
  const cut = 'é'.repeat(256)
  expect(lossesOf([{ role: 'user', id: long, name: long, model: long, content: 'Hello' }])).toEqual({
    entries: [{ chat: { role: 'USER', authorName: cut, model: cut, content: 'Hello' } }],
    losses: ['long id', 'long name', 'long name'],
  })
  const call = { id: long, function: { name: `${'f'.repeat(255)}😀`, arguments: '{}' } }
  expect(
    lossesOf([
      { role: 'assistant', tool_calls: [call] },
      { role: 'tool', tool_call_id: long, content: 'done' },
    ]),
  ).toEqual({
    entries: [{ tool: { name: 'f'.repeat(255), input: {}, output: 'done' } }],
    losses: ['long id', 'long name'],
  })
  const said = { role: 'assistant', content: 'Hello', refusal: {}, audio: { id: 'audio_1', transcript: 5 } }
  expect(lossesOf([said]).losses).toEqual(['refusal', 'transcript', 'uploaded audio'])
  for (const created_at of [1e15, 1.7e12, -1e14, '+055840-01-01T00:00:00Z', 'yesterday'])
    expect(lossesOf([{ role: 'user', content: 'Hello', created_at }])).toEqual({
      entries: [{ chat: { role: 'USER', content: 'Hello' } }],
      losses: ['time'],
    })
})

test.each([undefined, null, 5, ['User: Hello']])('%j is no transcript', (transcript) => {
  expect(() => fromTranscript(transcript as never)).toThrow(new ConversionError('transcript', 'must be a text'))
})

test('a transcript is parsed to messages with all of its text, or refused', () => {
  const line = fc.tuple(fc.constantFrom('User: ', 'Bot: ', 'Order: ', ''), fc.string()).map((parts) => parts.join(''))
  fc.assert(
    fc.property(
      fc.array(line).map((lines) => lines.join('\n')),
      (text) => {
        try {
          expect(fromTranscript(text).every(({ chat }) => text.includes(chat.content.split('\n')[0] ?? ''))).toBe(true)
        } catch (error) {
          if (!(error instanceof ConversionError)) throw error
          expect(error.place).toBe('transcript')
        }
      },
    ),
  )
  expect(fromTranscript('User: Hello\nthere\nAgent: Hi')).toEqual([
    { chat: { role: 'USER', content: 'Hello\nthere' } },
    { chat: { role: 'ASSISTANT', content: 'Hi' } },
  ])
  expect(() => fromTranscript('Hello')).toThrow('transcript: line 1 has no label')
})
