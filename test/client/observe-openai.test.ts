import OpenAI, { APIPromise } from 'openai'
import { Stream } from 'openai/streaming'
import { afterAll, describe, expect, test } from 'vitest'
import { observeOpenAI } from '../../src/client/openai.ts'
import type { LoggingError } from '../../src/client/options.ts'
import { Parley } from '../../src/client/parley.ts'
import {
  completion,
  deltas,
  events,
  json,
  outputMessage,
  type Reply,
  response,
  responseEvents,
  startOpenAIServer,
} from './openai-server.ts'

const server = await startOpenAIServer()

const errors: LoggingError[] = []
/** The inputs of the appends that were sent. */
// biome-ignore lint/suspicious/noExplicitAny: as they were sent
const sent: any[] = []
const parley = new Parley({
  url: 'http://parley.test/graphql',
  apiKey: 'key',
  onError: (error) => errors.push(error),
  fetch: async (_, init) => {
    sent.push(JSON.parse(String(init?.body)).variables.input)
    return Response.json({ data: { appendMessages: { created: true } } })
  },
})
afterAll(() => parley.close())

const unhandled: unknown[] = []
const onUnhandled = (error: unknown) => unhandled.push(error)
process.on('unhandledRejection', onUnhandled)
afterAll(() => process.off('unhandledRejection', onUnhandled))

const plain = new OpenAI({ baseURL: server.baseURL, apiKey: 'test', maxRetries: 1 })
const messages = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'Hello?' },
] as const
const request = { model: 'gpt-4o', messages: [...messages] }

/** What can be seen of how something ended. */
async function outcomeOf(act: () => Promise<unknown>): Promise<unknown> {
  try {
    return { value: await act() }
  } catch (error) {
    const { name, message, status, code, requestID, headers } = error as InstanceType<typeof OpenAI.APIError>
    return {
      ...{ class: (error as object).constructor, name, message, status, code, requestID },
      retryAfter: headers?.get('retry-after'),
    }
  }
}

async function collected(chunks: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = []
  for await (const chunk of chunks) all.push(chunk)
  return all
}

const HI = json(completion({ content: 'Hi.' }))
const STREAM = events(deltas([{ content: 'Hel' }, { content: 'lo.' }]))
const CALL = { index: 0, id: 'call_1', type: 'function', function: { name: 'find', arguments: '' } }
const STREAMED_CALL = events(
  deltas(
    [
      { tool_calls: [CALL] },
      { tool_calls: [{ index: 0, function: { arguments: '{"q":' } }] },
      { tool_calls: [{ index: 0, function: { arguments: '"x"}' } }] },
    ],
    'tool_calls',
  ),
)
const LIMITED = json({ error: { message: 'Slow down.', code: 'rate_limit', type: 'x' } }, 429, {
  'retry-after': '0.01',
})
const BROKEN = json({ error: { message: 'Oh.' } }, 500, { 'retry-after-ms': '5' })
const parameters = { type: 'object', properties: { q: { type: 'string' } } } as const
const tools = [
  { type: 'function', function: { name: 'find', parameters, parse: JSON.parse, function: async () => ({ found: 2 }) } },
] as never[]

interface Scenario {
  replies: Reply[]
  /** The client aborts a stream that the server has sent to its end, so whether it sees that is chance. */
  abortsAtEnd?: true
  act(client: OpenAI): Promise<unknown>
}

const scenarios: Record<string, Scenario> = {
  'an answer': { replies: [HI], act: (client) => client.chat.completions.create(request) },
  'its class, its request id and what is not enumerable': {
    replies: [HI],
    act: async (client) => {
      const promise = client.chat.completions.create(request)
      const value = await promise
      return [promise instanceof APIPromise, value._request_id, Object.keys(value), (await promise) === value]
    },
  },
  withResponse: {
    replies: [HI],
    act: async (client) => {
      const { data, response, request_id } = await client.chat.completions.create(request).withResponse()
      return { data, request_id, status: response.status, id: response.headers.get('x-request-id') }
    },
  },
  'asResponse, whose body is not read': {
    replies: [HI],
    act: async (client) => {
      const response = await client.chat.completions.create(request).asResponse()
      return [response.constructor, response.bodyUsed, await response.json()]
    },
  },
  'both, and then, catch and finally': {
    replies: [HI],
    act: async (client) => {
      const promise = client.chat.completions.create(request)
      const [one, { data }] = await Promise.all([promise.finally(() => {}), promise.withResponse()])
      return [one === data, await promise.then((value) => value === data), await promise.catch(() => null)]
    },
  },
  parse: {
    replies: [json(completion({ content: '{"q":"x"}' }))],
    act: async (client) => {
      const promise = client.chat.completions.parse({
        ...request,
        response_format: { type: 'json_schema', json_schema: { name: 'q', schema: parameters } },
      })
      return [promise instanceof APIPromise, await promise]
    },
  },
  'parse, refused': {
    replies: [BROKEN],
    act: (client) => client.chat.completions.parse(request).withResponse(),
  },
  'parse, of an answer that is too short': {
    replies: [json(completion({ content: '{"q' }, 'length'))],
    act: (client) =>
      client.chat.completions.parse({
        ...request,
        response_format: { type: 'json_schema', json_schema: { name: 'q', schema: parameters } },
      }),
  },
  'a stream': {
    replies: [STREAM],
    act: async (client) => {
      const stream = await client.chat.completions.create({ ...request, stream: true })
      return [stream.constructor === Stream, await collected(stream), stream.controller.signal.aborted]
    },
  },
  'a stream with withResponse, that is read twice': {
    replies: [STREAM],
    act: async (client) => {
      const { data, request_id } = await client.chat.completions.create({ ...request, stream: true }).withResponse()
      return [request_id, await collected(data), await outcomeOf(() => collected(data))]
    },
  },
  'a stream, split': {
    replies: [STREAM],
    act: async (client) => {
      const [left, right] = (await client.chat.completions.create({ ...request, stream: true })).tee()
      return [await collected(left), await collected(right)]
    },
  },
  'a stream as a ReadableStream': {
    replies: [STREAM],
    act: async (client) => {
      const stream = await client.chat.completions.create({ ...request, stream: true })
      return new Response(stream.toReadableStream() as ReadableStream).text()
    },
  },
  'a stream that the caller leaves': {
    replies: [events(deltas([{ content: 'Hel' }, { content: 'lo.' }]), 'WAIT')],
    act: async (client) => {
      const stream = await client.chat.completions.create({ ...request, stream: true })
      const seen: unknown[] = []
      for await (const chunk of stream) if (seen.push(chunk) === 2) break
      return [seen, stream.controller.signal.aborted]
    },
  },
  'a stream that is aborted': {
    replies: [events(deltas([{ content: 'Hel' }]).slice(0, 2), 'WAIT')],
    act: async (client) => {
      const stream = await client.chat.completions.create({ ...request, stream: true })
      const seen: unknown[] = []
      for await (const chunk of stream) if (seen.push(chunk) === 2) stream.controller.abort()
      return seen
    },
  },
  'a request that is aborted by its signal': {
    replies: [events([], 'WAIT')],
    act: (client) => client.chat.completions.create(request, { signal: AbortSignal.timeout(50) }),
  },
  'a stream that breaks': {
    replies: [events(deltas([{ content: 'Hel' }]).slice(0, 2), 'CUT')],
    act: async (client) => {
      const stream = await client.chat.completions.create({ ...request, stream: true })
      const seen: unknown[] = []
      const end = await outcomeOf(async () => {
        for await (const chunk of stream) seen.push(chunk)
      })
      return [seen, end]
    },
  },
  'a stream with an error in it': {
    abortsAtEnd: true,
    replies: [events([...deltas([{ content: 'Hel' }]).slice(0, 2), { error: { message: 'Overloaded' } }])],
    act: async (client) => collected(await client.chat.completions.create({ ...request, stream: true })),
  },
  'a stream with JSON that is malformed': {
    replies: [(reply) => void reply.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: {"id\n\n')],
    act: async (client) => collected(await client.chat.completions.create({ ...request, stream: true })),
  },
  'a tool call in a stream': {
    replies: [STREAMED_CALL],
    act: async (client) => collected(await client.chat.completions.create({ ...request, stream: true })),
  },
  'the helper stream': {
    replies: [STREAM],
    act: async (client) => {
      const stream = client.chat.completions.stream(request)
      const seen: unknown[] = []
      for (const name of ['content', 'finalContent', 'finalChatCompletion', 'end'] as const)
        stream.on(name, (...args: unknown[]) => void seen.push([name, ...args]))
      return [await collected(stream), await stream.finalMessage(), await stream.totalUsage(), seen]
    },
  },
  'the helper stream, aborted': {
    replies: [events(deltas([{ content: 'Hel' }]).slice(0, 2), 'WAIT')],
    act: async (client) => {
      const stream = client.chat.completions.stream(request)
      const seen: unknown[] = []
      stream.on('abort', (error) => void seen.push(error.name)).on('content', () => stream.abort())
      return [await outcomeOf(() => stream.done()), seen, stream.aborted]
    },
  },
  'the helper stream, refused': {
    replies: [BROKEN],
    act: async (client) => {
      const stream = client.chat.completions.stream(request)
      const seen: unknown[] = []
      stream.on('error', (error) => void seen.push(error.message))
      return [await outcomeOf(() => stream.finalChatCompletion()), seen, stream.errored]
    },
  },
  runTools: {
    replies: [
      json(
        completion(
          { content: null, tool_calls: [{ ...CALL, function: { name: 'find', arguments: '{}' } }] },
          'tool_calls',
        ),
      ),
      HI,
    ],
    act: async (client) => {
      const runner = client.chat.completions.runTools({ ...request, tools })
      return [await runner.finalContent(), runner.messages, await runner.totalUsage()]
    },
  },
  'a retry after 429': { replies: [LIMITED, HI], act: (client) => client.chat.completions.create(request) },
  '429 again': { replies: [LIMITED], act: (client) => client.chat.completions.create(request) },
  '429 with asResponse': { replies: [LIMITED], act: (client) => client.chat.completions.create(request).asResponse() },
  '500': { replies: [BROKEN], act: (client) => client.chat.completions.create(request) },
  '500 for a stream': {
    replies: [BROKEN],
    act: (client) => client.chat.completions.create({ ...request, stream: true }),
  },
  'an answer that is malformed': {
    replies: [(reply) => void reply.writeHead(200, { 'content-type': 'application/json' }).end('{"id')],
    act: (client) => client.chat.completions.create(request),
  },
  'an answer that is cut': {
    replies: [
      (reply) => {
        reply.writeHead(200, { 'content-length': '9' }).write('{')
        setTimeout(() => reply.destroy(), 20)
      },
    ],
    act: (client) => client.chat.completions.create(request),
  },
  'an answer that is no completion': {
    replies: [json([1, null])],
    act: (client) => client.chat.completions.create(request),
  },
  'an argument that is none': {
    replies: [HI],
    act: async (client) => client.chat.completions.create(undefined as never),
  },
  'a getter that throws': {
    replies: [HI],
    act: (client) => {
      const given = { model: 'gpt-4o', messages: [] as never[] }
      Object.defineProperty(given, 'instructions', { get: () => raise() })
      return client.chat.completions.create(given)
    },
  },
  'a response': {
    replies: [json(response([outputMessage('Hi.')]))],
    act: async (client) => {
      const { data, request_id } = await client.responses.create({ model: 'gpt-4o', input: 'Hello?' }).withResponse()
      return [data, data.output_text, request_id]
    },
  },
  'a response, parsed': {
    replies: [json(response([outputMessage('{"q":"x"}')]))],
    act: (client) => client.responses.parse({ model: 'gpt-4o', input: 'Hello?' }),
  },
  'a response in a stream': {
    replies: [events(responseEvents(['Hel', 'lo.']))],
    act: async (client) => collected(await client.responses.create({ model: 'gpt-4o', input: 'Hello?', stream: true })),
  },
  'the helper stream of responses': {
    replies: [events(responseEvents(['Hel', 'lo.']))],
    act: async (client) => {
      const stream = client.responses.stream({ model: 'gpt-4o', input: 'Hello?' })
      return [await collected(stream), await stream.finalResponse()]
    },
  },
  'a response, refused': {
    replies: [BROKEN],
    act: async (client) => [
      await outcomeOf(() => client.responses.parse({ model: 'gpt-4o', input: 'Hello?' })),
      await outcomeOf(() => client.responses.stream({ model: 'gpt-4o', input: 'Hello?' }).finalResponse()),
    ],
  },
  'other resources, and the client itself': {
    replies: [json({ id: 'x', object: 'file' })],
    act: async (client) => [
      client instanceof OpenAI,
      client.constructor === OpenAI,
      client.baseURL,
      new Set([client.chat, client.chat]).size,
      new Set([client.chat.completions.create, client.chat.completions.create]).size,
      client.withOptions({ maxRetries: 0 }).maxRetries,
      await client.post('/anything', { body: {} }),
      await outcomeOf(() => client.webhooks.unwrap('{}', {}, 'whsec_x')),
    ],
  },
}

function raise(): never {
  throw new Error('no')
}

/** What differs from run to run: request ids. */
const settled = (value: unknown) => JSON.parse(JSON.stringify(value, plainly).replace(/req_\d+/g, 'req'))

function plainly(_: string, value: unknown) {
  return typeof value === 'function' ? `[${value.name}]` : value === undefined ? '[undefined]' : value
}

async function run(client: OpenAI, { replies, act, abortsAtEnd }: Scenario) {
  server.replies = [...replies]
  server.requests = []
  server.aborted = 0
  const outcome = settled(await outcomeOf(() => act(client)))
  await expect.poll(() => server.open).toBe(0)
  return { outcome, requests: server.requests, aborted: abortsAtEnd ? null : server.aborted }
}

describe('a client that is observed does what it does without', () => {
  test.each(Object.entries(scenarios))('%s', async (_, scenario) => {
    const expected = await run(plain, scenario)
    expect(await run(observeOpenAI(plain, parley), scenario)).toEqual(expected)
    expect(await run(observeOpenAI(observeOpenAI(plain, parley), parley), scenario)).toEqual(expected)
    expect(unhandled).toEqual([])
  })
})

test('a call that nobody waits for rejects as it does without', async () => {
  for (const client of [plain, observeOpenAI(plain, parley)]) {
    server.replies = [BROKEN]
    void client.chat.completions.create(request)
    await expect
      .poll(() => unhandled.splice(0).map((error) => (error as Error).constructor))
      .toEqual([OpenAI.InternalServerError])
  }
})

let conversations = 0

/** What is logged of calls in one conversation. */
async function loggedBy(replies: Reply[], act: (client: OpenAI) => Promise<unknown>) {
  const conversation = `conversation-${++conversations}`
  server.replies = [...replies]
  await parley.flush()
  sent.length = 0
  errors.length = 0
  await act(observeOpenAI(plain, parley, { conversation, agent: 'Support Bot' }))
  await parley.flush()
  expect(errors).toEqual([])
  const appends = sent.filter((input) => input.by)
  expect(appends.every(({ by }) => by.externalId === conversation)).toBe(true)
  // biome-ignore lint/suspicious/noExplicitAny: as they were sent
  return appends.flatMap(({ messages }) => messages) as any[]
}

// biome-ignore lint/suspicious/noExplicitAny: as they were sent
const shortly = (entries: any[]) =>
  entries.map(({ chat, tool, event }) =>
    chat
      ? `${chat.role}: ${chat.content}`
      : tool
        ? `${tool.name}(${JSON.stringify(tool.input)}) = ${JSON.stringify(tool.output)}`
        : `${event.name} ${event.visibility}`,
  )

describe('what is logged', () => {
  test('the messages of the request and the answer, with how it came about', async () => {
    const entries = await loggedBy([HI], (client) => client.chat.completions.create(request))
    expect(shortly(entries)).toEqual(['SYSTEM: Be brief.', 'USER: Hello?', 'ASSISTANT: Hi.'])
    expect(entries[2].chat).toMatchObject({
      model: 'gpt-4o-2024-08-06',
      tokenCount: 7,
      latencyMs: expect.any(Number),
      agent: { externalId: 'Support Bot' },
      metadata: { openaiId: 'chatcmpl-1', finishReason: 'stop', promptTokens: 11 },
    })
  })

  test('only what is new in later requests, also if they say the same again, or leave out what is old', async () => {
    const yes = { role: 'user', content: 'Yes.' } as const
    const hi = { role: 'assistant', content: 'Hi.' } as const
    const entries = await loggedBy([HI], async (client) => {
      const ask = (all: readonly object[]) =>
        client.chat.completions.create({ model: 'gpt-4o', messages: [...all] as never[] })
      await ask(messages)
      await ask([...messages, hi, yes])
      await ask([...messages, hi, yes, hi, yes])
      await ask([hi, yes])
    })
    const turn = ['USER: Yes.', 'ASSISTANT: Hi.']
    expect(shortly(entries)).toEqual(['SYSTEM: Be brief.', 'USER: Hello?', 'ASSISTANT: Hi.', ...turn, ...turn, ...turn])
    expect(new Set(entries.map(({ chat }) => chat.externalId)).size).toBe(entries.length)
  })

  test('the same external ids from another process, so that nothing is stored twice', async () => {
    const conversation = `conversation-${++conversations}`
    const ids: string[][] = []
    for (const all of [messages, [...messages, { role: 'assistant', content: 'Hi.' }, messages[1]]]) {
      const another = new Parley({
        url: 'http://parley.test/graphql',
        apiKey: 'key',
        fetch: async (_, init) => {
          const { input } = JSON.parse(String(init?.body)).variables
          ids.push(input.messages.map(({ chat }: { chat: { externalId: string } }) => chat.externalId))
          return Response.json({ data: { appendMessages: { created: true } } })
        },
      })
      server.replies = [HI]
      await observeOpenAI(plain, another, { conversation }).chat.completions.create({
        model: 'gpt-4o',
        messages: [...all] as never[],
      })
      await another.close()
    }
    const [first = [], second = []] = ids
    expect(first).toHaveLength(3)
    expect(second.slice(0, 3)).toEqual(first)
    expect(new Set(second).size).toBe(5)
  })

  test('nothing twice when a call that failed is repeated', async () => {
    const entries = await loggedBy([BROKEN, BROKEN, HI], async (client) => {
      await client.chat.completions.create(request).catch(() => {})
      await client.chat.completions.create(request)
    })
    expect(shortly(entries)).toEqual(['SYSTEM: Be brief.', 'USER: Hello?', 'openai_error INTERNAL', 'ASSISTANT: Hi.'])
    expect(entries[2].event.payload).toMatchObject({ name: 'InternalServerError', status: 500, message: '500 Oh.' })
  })

  test('an answer that can not be parsed as it was', async () => {
    const { replies, act } = scenarios['parse, of an answer that is too short'] as Scenario
    const entries = await loggedBy(replies, (client) => act(client).catch(() => {}))
    expect(shortly(entries).slice(2)).toEqual(['ASSISTANT: {"q'])
  })

  test('a streamed answer, with the time to its first words', async () => {
    const entries = await loggedBy([STREAM], async (client) =>
      collected(await client.chat.completions.create({ ...request, stream: true })),
    )
    expect(shortly(entries)).toEqual(['SYSTEM: Be brief.', 'USER: Hello?', 'ASSISTANT: Hello.'])
    expect(entries[2].chat).toMatchObject({ tokenCount: 3, metadata: { finishReason: 'stop' } })
  })

  test.each(['a stream that the caller leaves', 'a stream that is aborted', 'the helper stream, aborted'])(
    '%s: what came so far',
    async (name) => {
      const { replies, act } = scenarios[name] as Scenario
      const entries = await loggedBy(replies, act)
      expect(shortly(entries).slice(2)).toEqual(['ASSISTANT: Hel', 'openai_aborted INTERNAL'])
      expect(entries[2].chat.metadata).toMatchObject({ interrupted: true })
    },
  )

  test.each(['a stream that breaks', 'a stream with an error in it'])('%s: what came so far, and why', async (name) => {
    const { replies, act } = scenarios[name] as Scenario
    const entries = await loggedBy(replies, (client) => act(client).catch(() => {}))
    expect(shortly(entries).slice(2)).toEqual(['ASSISTANT: Hel', 'openai_error INTERNAL'])
  })

  test('a tool call with its result, once it is there', async () => {
    const call = { id: 'call_1', type: 'function', function: { name: 'find', arguments: '{"q":"x"}' } }
    const entries = await loggedBy([STREAMED_CALL, HI], async (client) => {
      await collected(await client.chat.completions.create({ ...request, stream: true }))
      await client.chat.completions.create({
        model: 'gpt-4o',
        messages: [
          ...messages,
          { role: 'assistant', tool_calls: [call] },
          { role: 'tool', tool_call_id: 'call_1', content: '{"found":2}' },
        ] as never[],
      })
    })
    expect(shortly(entries).slice(2)).toEqual(['find({"q":"x"}) = {"found":2}', 'ASSISTANT: Hi.'])
    expect(entries[2].tool).toMatchObject({
      externalId: 'call_1',
      metadata: { finishReason: 'tool_calls', model: 'gpt-4o-2024-08-06', completionTokens: 3 },
    })
  })

  test('a tool call at once if it is the answer, and in the end if no result comes', async () => {
    const forced = { tool_choice: { type: 'function', function: { name: 'find' } }, tools } as object
    const create = (client: OpenAI, more = {}) =>
      client.chat.completions.create({ ...request, ...more, stream: true }).then(collected)
    expect(shortly(await loggedBy([STREAMED_CALL], (client) => create(client, forced))).slice(2)).toEqual([
      'find({"q":"x"}) = undefined',
    ])
    const other: string[] = []
    const ending = new Parley({
      url: 'http://parley.test/graphql',
      apiKey: 'key',
      fetch: async (_, init) => {
        other.push(...shortly(JSON.parse(String(init?.body)).variables.input.messages))
        return Response.json({ data: { appendMessages: { created: true } } })
      },
    })
    await create(observeOpenAI(plain, ending, { conversation: 'ends' }))
    await ending.close()
    expect(other.at(-1)).toBe('find({"q":"x"}) = undefined')
  })

  test('responses that go on from the one before: what they add, and a result with its call', async () => {
    const call = { type: 'function_call', id: 'fc_1', call_id: 'call_9', name: 'find', arguments: '{"q":"x"}' }
    const entries = await loggedBy(
      [
        json(response([call])),
        json(response([outputMessage('Hi.')], { id: 'resp_2' })),
        json(response([outputMessage('Hi.')])),
      ],
      async (client) => {
        const create = (input: string | object[], previous_response_id: string | null) =>
          client.responses.create({
            ...{ model: 'gpt-4o', instructions: 'Be brief.', previous_response_id },
            input: input as string,
          })
        await create('Yes.', null)
        await create([{ type: 'function_call_output', call_id: 'call_9', output: '2' }], 'resp_1')
        await create('Yes.', 'resp_2')
      },
    )
    expect(shortly(entries)).toEqual([
      'SYSTEM: Be brief.',
      'USER: Yes.',
      'find({"q":"x"}) = "2"',
      'ASSISTANT: Hi.',
      'USER: Yes.',
      'ASSISTANT: Hi.',
    ])
  })

  test('responses that repeat all, under the same instructions and under others', async () => {
    const yes = { role: 'user', content: 'Yes.' }
    const entries = await loggedBy([json(response([outputMessage('Hi.')]))], async (client) => {
      const create = (input: object[], instructions: string) =>
        client.responses.create({ model: 'gpt-4o', instructions, input: input as never[] })
      await create([yes], 'Be brief.')
      await create([yes, outputMessage('Hi.'), yes], 'Be brief.')
      await create([outputMessage('Hi.'), yes], 'Be briefer.')
    })
    const turn = ['USER: Yes.', 'ASSISTANT: Hi.']
    expect(shortly(entries)).toEqual(['SYSTEM: Be brief.', ...turn, ...turn, ...turn])
  })

  test('a refusal, and a response in a stream', async () => {
    const refused = await loggedBy([json(completion({ content: null, refusal: 'No.' }))], (client) =>
      client.chat.completions.create(request),
    )
    expect(shortly(refused).at(-1)).toBe('ASSISTANT: No.')
    const { replies, act } = scenarios['the helper stream of responses'] as Scenario
    expect(shortly(await loggedBy(replies, act))).toEqual(['USER: Hello?', 'ASSISTANT: Hello.'])
  })

  test('every call as a conversation of its own if none is named', async () => {
    server.replies = [HI]
    await parley.flush()
    sent.length = 0
    const observed = observeOpenAI(plain, parley, { conversation: ({ user }) => user as string })
    await observed.chat.completions.create(request)
    await observed.chat.completions.create(request)
    await observed.chat.completions.create({ ...request, user: 'u1' })
    await parley.flush()
    expect(sent.map(({ messages, status }) => [messages.length, status])).toEqual([
      [3, 'COMPLETED'],
      [3, 'COMPLETED'],
      [3, undefined],
    ])
    expect(new Set(sent.map(({ by }) => by.externalId)).size).toBe(3)
  })

  test('texts and results that are too long, cut', async () => {
    const long = 'x'.repeat(300_000)
    const entries = await loggedBy([HI], (client) =>
      client.chat.completions.create({
        model: 'gpt-4o',
        messages: [
          { role: 'user', content: long },
          { role: 'assistant', tool_calls: [{ ...CALL, type: 'function' }] },
          { role: 'tool', tool_call_id: 'call_1', content: long },
        ],
      }),
    )
    expect(entries[0].chat.content).toHaveLength(262_144)
    expect(entries[1].tool.output.length).toBeLessThan(40_000)
  })
})

test('a failure of logging is reported, and reaches nobody else', async () => {
  await parley.flush()
  errors.length = 0
  server.replies = [HI]
  const conversation = () => raise()
  const { choices } = await observeOpenAI(plain, parley, { conversation }).chat.completions.create(request)
  expect(choices[0]?.message.content).toBe('Hi.')
  expect(errors).toMatchObject([{ code: 'INVALID', message: 'no' }])
})
