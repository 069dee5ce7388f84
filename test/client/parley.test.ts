import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { RETRIED_CODES } from '../../src/client/errors.ts'
import type { LoggingError, ParleyOptions } from '../../src/client/options.ts'
import { Parley, type SendInput } from '../../src/client/parley.ts'
import { ERROR_CODES } from '../../src/errors.ts'

const unhandled: unknown[] = []
const onUnhandled = (error: unknown) => unhandled.push(error)
process.on('unhandledRejection', onUnhandled)
afterAll(() => process.off('unhandledRejection', onUnhandled))

const open: Parley[] = []
afterEach(async () => {
  for (const parley of open.splice(0)) await parley.close({ timeoutMs: 0 })
  await new Promise((resolve) => setTimeout(resolve, 5))
  expect(unhandled).toEqual([])
})

/** What Parley answers if it stores everything. */
function stored(body: string) {
  const { query, variables } = JSON.parse(body)
  const [field = ''] = /\b(?:logConversations|appendMessages|completeConversation|updateMessages)\b/.exec(query) ?? []
  const { conversations = [] } = variables.input
  return { data: { [field]: { results: conversations.map(() => ({ error: null })) } } }
}

/** A client whose requests are answered here, with what it reports. */
function client(options: Partial<ParleyOptions> & { answer?: (body: string) => unknown } = {}) {
  const errors: LoggingError[] = []
  const bodies: string[] = []
  const { answer = stored, ...others } = options
  const parley = new Parley({
    url: 'http://parley.test/graphql',
    apiKey: 'key',
    onError: (error) => void errors.push(error),
    fetch: async (_, init) => {
      bodies.push(String(init?.body))
      const answered = await answer(String(init?.body))
      return answered instanceof Response ? answered : Response.json(answered)
    },
    ...others,
  })
  open.push(parley)
  return { parley, errors, bodies }
}

/** The external ids of the conversations in a body. */
const idsIn = (body: string) =>
  JSON.parse(body).variables.input.conversations.map(({ externalId }: { externalId: string }) => externalId)

test('it sends again what the server says may be sent again', () => {
  const again = Object.entries(ERROR_CODES).filter(([, { retry }]) => retry !== 'no')
  expect([...RETRIED_CODES].sort()).toEqual(again.map(([code]) => code).sort())
})

describe('whatever it is given, logging does not throw, and says so once', () => {
  const circular: Record<string, unknown> = {}
  circular['self'] = circular
  const user = { role: 'user', content: 'Hello' }
  const throwing = Object.defineProperty({ ...user }, 'authorName', {
    enumerable: true,
    get() {
      throw new Error('no')
    },
  })
  const hostile = new Proxy(
    {},
    {
      get: () => {
        throw Object.defineProperty(new Error(), 'message', { get: () => raise() })
      },
    },
  )

  const calls: Record<string, (parley: Parley) => unknown> = {
    'a circular object': (parley) => parley.log({ messages: [user], metadata: circular }),
    'a BigInt': (parley) => parley.log({ messages: [{ ...user, metadata: { n: 1n } }] }),
    'a getter that throws': (parley) => parley.append('a', [throwing]),
    'an object that throws at every turn': (parley) => parley.log(hostile),
    'a toJSON that throws': (parley) => parley.log({ messages: [{ ...user, metadata: { toJSON: raise } }] }),
    'a date that is none': (parley) => parley.log({ startedAt: new Date(Number.NaN) }),
    'a time that is none': (parley) => parley.append('a', [{ ...user, timestamp: new Date('yesterday') }]),
    'a toJSON that returns text': (parley) => parley.log({ toJSON: () => 'a' } as never),
    'messages that are no list': (parley) => parley.log({ messages: 5 as never }),
    'a message that is nothing': (parley) => parley.append('a', [null as never]),
    nothing: (parley) => parley.log(undefined as never),
    null: (parley) => parley.append(null as never, null as never, null as never),
    'an unknown role': (parley) => parley.log({ messages: [{ role: 'narrator', content: 'Once' }] }),
    'an unknown status': (parley) => parley.complete('a', { status: 'vanished' }),
    'no updates': (parley) => parley.update('a', null as never),
    'nothing to send': (parley) => parley.send(null as never),
  }

  test.each(Object.entries(calls))('%s', async (_, call) => {
    const { parley, errors, bodies } = client()
    await call(parley)
    await parley.flush()
    expect(errors).toMatchObject([{ code: 'INVALID', count: 1, message: expect.stringMatching(/./) }])
    expect(bodies).toEqual([])
  })

  test('what it was given may change afterwards', async () => {
    const { parley, bodies } = client()
    const messages = [{ ...user }]
    parley.log({ messages })
    messages[0] = { role: 'user', content: 'Goodbye' }
    await parley.flush()
    expect(bodies[0]).toContain('Hello')
  })
})

function raise(): never {
  throw new Error('no')
}

describe('send without messages', () => {
  const inputOf = (body: string | undefined) => JSON.parse(body ?? '{}').variables.input

  test('closes the conversation if it gives a status', async () => {
    const { parley, bodies } = client()
    await parley.send({ conversationId: 'a', status: 'closed' })
    await parley.flush()
    expect(bodies[0]).toContain('completeConversation')
    expect(inputOf(bodies[0])).toMatchObject({ by: { externalId: 'a' }, status: 'COMPLETED' })
  })

  test('has only fields of an append or a completion, if it goes on with a conversation', () => {
    const id: string | undefined = 'a'
    const inputs: SendInput[] = [
      { title: 'Order' },
      { conversationId: id, messages: [{ role: 'user', content: 'Hello' }] },
      // @ts-expect-error: only what begins a conversation has a title.
      { conversationId: 'a', title: 'Order' },
    ]
    expect(inputs).toHaveLength(3)
  })

  test('otherwise tells Parley that there are none', async () => {
    const { parley, bodies } = client()
    await parley.send({ conversationId: 'a' })
    await parley.flush()
    expect(inputOf(bodies[0])).toMatchObject({ by: { externalId: 'a' }, messages: [] })
  })
})

test('a message without a role is reported as one', async () => {
  const { parley, errors } = client()
  parley.log({ messages: [{ content: 'Hello' } as never] })
  expect(errors).toMatchObject([{ code: 'INVALID', message: expect.stringContaining('has no role') }])
})

describe('a handler of errors', () => {
  test.each([
    ['that throws', raise],
    ['that rejects', async () => raise()],
  ])('%s hurts nobody', async (_, onError) => {
    const { parley } = client({ onError })
    parley.log({ messages: [{ role: 'narrator', content: 'Once' }] })
    await parley.close()
    expect(() => parley.log({ externalId: 'late' })).not.toThrow()
  })
})

describe('a server that can not be reached', () => {
  test.each(['http://127.0.0.1:1/graphql', 'http://parley.invalid/graphql', 'no address', 'ftp://parley.test'])(
    '%s: one error, and what is lost in the end',
    async (url) => {
      const { parley, errors } = client({ url, fetch })
      for (let index = 0; index < 20; index += 1) parley.log({ externalId: `${index}` })
      expect(await parley.flush({ timeoutMs: 600 })).toEqual({ pending: 20 })
      expect(errors).toMatchObject([{ code: 'UNREACHABLE', count: 0, message: expect.stringContaining(url) }])
      await parley.close({ timeoutMs: 10 })
      expect(errors.slice(1)).toMatchObject([{ code: 'DROPPED', count: 20 }])
    },
  )

  test('a timeout that is none is reported as well', async () => {
    const { parley, errors } = client({ timeoutMs: -1 })
    parley.log({})
    await parley.flush({ timeoutMs: 50 })
    expect(errors).toMatchObject([{ code: 'UNREACHABLE' }])
  })

  test('one that never answers is left in time, and its request is given up', async () => {
    let signal: AbortSignal | null | undefined
    const { parley, errors } = client({
      fetch: (_, init) => {
        signal = init?.signal
        return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal?.reason)))
      },
    })
    parley.log({})
    const start = performance.now()
    await parley.close({ timeoutMs: 100 })
    expect(performance.now() - start).toBeLessThan(1_000)
    expect(signal?.aborted).toBe(true)
    expect(errors).toMatchObject([{ code: 'DROPPED', count: 1 }])
    expect(errors[0]?.message).toContain('1 of them may have been stored')
    expect(await parley.flush()).toEqual({ pending: 0 })
  })
})

describe('an answer that is none of Parley', () => {
  const answers: [string, () => Response][] = [
    ['text', () => new Response('Welcome to nginx!')],
    ['nothing', () => new Response(null, { status: 204 })],
    ['not found', () => new Response('<h1>404</h1>', { status: 404 })],
    ['null', () => Response.json(null)],
    ['no data', () => Response.json({ data: null })],
    ['no errors', () => Response.json({ errors: [] })],
    ['an error that is null', () => Response.json({ errors: [null] })],
    ['errors that are text', () => Response.json({ errors: 'yes' })],
  ]
  test.each(answers)('%s: what was sent is reported as lost, once', async (_, answer) => {
    const { parley, errors } = client({ answer })
    for (let index = 0; index < 3; index += 1) parley.log({})
    expect(await parley.flush()).toEqual({ pending: 0 })
    expect(errors).toMatchObject([{ code: 'UNREACHABLE', count: 3 }])
  })

  test.each([{ results: 1 }, { results: [1, null] }, {}])(
    'results that are %j say nothing of what was sent, and do not stop it',
    async (logConversations) => {
      const answers: unknown[] = [{ data: { logConversations } }]
      const { parley, errors } = client({ answer: (body) => answers.shift() ?? stored(body) })
      parley.log({ externalId: 'a' })
      expect(await parley.flush()).toEqual({ pending: 0 })
      expect(errors).toMatchObject([{ code: 'UNREACHABLE', count: 1, conversation: 'a' }])
      parley.log({})
      expect(await parley.flush()).toEqual({ pending: 0 })
      expect(errors).toHaveLength(1)
    },
  )
})

test('what is refused is named by its conversation, and its path is that of the call', async () => {
  const message = 'input.conversations[1].messages[0].chat.rating: must be -1, 0 or 1.'
  const error = { code: 'BAD_USER_INPUT', message, inputPath: 'input.conversations[1].messages[0].chat.rating' }
  const { parley, errors } = client({
    answer: () => ({ data: { logConversations: { results: [{ error: null }, { error }] } } }),
  })
  parley.log({ externalId: 'good' })
  parley.log({ externalId: 'bad' })
  await parley.flush()
  const inputPath = 'input.messages[0].chat.rating'
  const refused = { code: 'BAD_USER_INPUT', message: `${inputPath}: must be -1, 0 or 1.`, count: 1 }
  expect(errors).toEqual([{ ...refused, conversation: 'bad', inputPath }])
})

test('settings that are missing in the environment have their defaults', async () => {
  const { parley, bodies } = client({ flushAt: Number.NaN, maxQueueBytes: Number.NaN, flushIntervalMs: Number.NaN })
  for (let index = 0; index < 1_100; index += 1) parley.log({ externalId: `${index}` })
  await parley.flush({ timeoutMs: Number.NaN })
  await parley.flush(null as never)
  expect(bodies.map((body) => idsIn(body).length)).toEqual([500, 500, 100])
})

test('what is logged while a request is under way waits for more, and does not follow it at once', async () => {
  const { parley, bodies } = client({
    flushIntervalMs: 200,
    answer: async (body) => {
      await new Promise((resolve) => setTimeout(resolve, 20))
      return stored(body)
    },
  })
  for (let index = 0; index < 100; index += 1) {
    parley.log({ externalId: `${index}` })
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const requests = bodies.length
  await parley.flush()
  expect(bodies.flatMap(idsIn)).toHaveLength(100)
  // Half a second, unless the machine is busy; a call every few milliseconds.
  expect(requests).toBeLessThan(12)
})

describe('a full queue', () => {
  test('drops the oldest, and says how many within a second', async () => {
    let isUp = false
    const { parley, errors, bodies } = client({
      maxQueueBytes: 20_000,
      answer: (body) => (isUp ? stored(body) : new Response(null, { status: 503 })),
    })
    for (let index = 0; index < 100; index += 1) parley.log({ externalId: `${index}` })
    const drops = () => errors.filter(({ code }) => code === 'DROPPED')
    await expect.poll(() => drops().length, { timeout: 2_000 }).toBe(1)
    isUp = true
    await parley.flush()
    const stored = idsIn(bodies.at(-1) ?? '')
    const [dropped] = drops()
    expect(stored.length + (dropped?.count ?? 0)).toBe(100)
    expect(stored.at(-1)).toBe('99')
    expect(stored[0]).toBe(String(dropped?.count))
  })

  test('keeps what it has if something is larger than all of it', async () => {
    const { parley, errors, bodies } = client({ maxQueueBytes: 5_000 })
    parley.log({ externalId: 'small' })
    parley.log({ externalId: 'large', description: 'x'.repeat(6_000) })
    await parley.close()
    expect(bodies.flatMap(idsIn)).toEqual(['small'])
    expect(errors).toMatchObject([{ code: 'DROPPED', count: 1 }])
  })
})

describe('the end', () => {
  test('await using sends what waits', async () => {
    const { parley, bodies } = client()
    {
      await using logging = parley
      logging.log({ externalId: 'a' })
    }
    expect(bodies.flatMap(idsIn)).toEqual(['a'])
  })

  test('what is logged after it is reported', async () => {
    const { parley, errors, bodies } = client()
    await parley.close()
    parley.log({})
    parley.append('a', [])
    await parley.close()
    expect(errors).toMatchObject([{ code: 'DROPPED', count: 2, message: expect.stringContaining('closed') }])
    expect(bodies).toEqual([])
  })

  test('waitUntil covers what is logged after a flush as well', async () => {
    const waited: Promise<unknown>[] = []
    const { parley, bodies } = client({ waitUntil: (promise) => void waited.push(promise) })
    parley.log({ externalId: 'a' })
    await parley.flush()
    parley.log({ externalId: 'b' })
    await Promise.all(waited)
    expect(bodies.flatMap(idsIn)).toEqual(['a', 'b'])
  })

  test('waitUntil is given what keeps a function alive until all is sent', async () => {
    const waited: Promise<unknown>[] = []
    const { parley, bodies } = client({ waitUntil: (promise) => void waited.push(promise) })
    parley.log({ externalId: 'a' })
    parley.log({ externalId: 'b' })
    await Promise.all(waited)
    expect(bodies.flatMap(idsIn)).toEqual(['a', 'b'])
    expect(waited).toHaveLength(1)
  })

  test('clients that are made for one request each leave one listener', async () => {
    const before = process.listenerCount('beforeExit')
    for (let index = 0; index < 20; index += 1) {
      const { parley } = client()
      parley.log({})
      await parley.flush()
    }
    expect(process.listenerCount('beforeExit')).toBeLessThanOrEqual(before + 1)
  })

  test('a waitUntil that throws loses nothing', async () => {
    const { parley, errors, bodies } = client({ waitUntil: raise })
    parley.log({ externalId: 'a' })
    await parley.flush()
    expect(bodies.flatMap(idsIn)).toEqual(['a'])
    expect(errors).toMatchObject([{ code: 'INVALID', count: 0 }])
  })

  test('a waitUntil that rejects is reported', async () => {
    const { parley, errors } = client({ waitUntil: async () => raise() })
    parley.log({ externalId: 'a' })
    await parley.flush()
    expect(errors).toMatchObject([{ code: 'INVALID', count: 0 }])
  })

  test('to wait for ever is to wait until all is sent', async () => {
    const { parley, errors, bodies } = client({ flushIntervalMs: Infinity })
    parley.log({ externalId: 'a' })
    await parley.close({ timeoutMs: Infinity })
    expect(bodies.flatMap(idsIn)).toEqual(['a'])
    expect(errors).toEqual([])
  })
})

describe('failures', () => {
  test('a refused credential is one error for all that was sent with it', async () => {
    const errors = [{ message: 'Who are you?', extensions: { code: 'UNAUTHENTICATED' } }]
    const { parley, errors: reported } = client({ answer: () => Response.json({ errors }, { status: 401 }) })
    for (let index = 0; index < 5; index += 1) parley.log({})
    await parley.flush()
    expect(reported).toMatchObject([{ code: 'UNAUTHENTICATED', count: 5 }])
  })

  test('of a request that is refused, the one that is the reason is found with few requests', async () => {
    const refused = [{ message: 'No.', extensions: { code: 'BAD_USER_INPUT' } }]
    const ids: string[] = []
    const { parley, errors, bodies } = client({
      answer: (body) => {
        if (body.includes('"bad"')) return { errors: refused }
        ids.push(...idsIn(body))
        return stored(body)
      },
    })
    const all = Array.from({ length: 100 }, (_, index) => (index === 70 ? 'bad' : `${index}`))
    for (const externalId of all) parley.log({ externalId })
    expect(await parley.flush()).toEqual({ pending: 0 })
    expect(errors).toMatchObject([{ code: 'BAD_USER_INPUT', count: 1, conversation: 'bad' }])
    expect(ids.sort()).toEqual(all.filter((id) => id !== 'bad').sort())
    expect(bodies.length).toBeLessThan(30)
  })

  test('what failed together in an outage is sent together afterwards', async () => {
    const replies = [500, 500]
    const { parley, bodies } = client({
      answer: (body) => {
        const status = replies.shift()
        return status ? new Response('Oh', { status }) : stored(body)
      },
    })
    for (let index = 0; index < 50; index += 1) parley.log({ externalId: `${index}` })
    await parley.flush()
    expect(bodies).toHaveLength(3)
    expect(idsIn(bodies[2] ?? '')).toHaveLength(50)
  })

  test('a write that Parley can not store is given up, and the others with it are stored', async () => {
    const ids: string[] = []
    const { parley, errors } = client({
      answer: (body) => {
        if (body.includes('poison')) return new Response('Oh', { status: 500 })
        ids.push(...idsIn(body))
        return stored(body)
      },
    })
    for (const externalId of ['a', 'poison', 'b']) parley.log({ externalId })
    const others = setInterval(() => parley.log({ externalId: 'other' }), 100)
    await expect
      .poll(() => errors, { timeout: 20_000 })
      .toMatchObject([{ count: 0 }, { code: 'UNREACHABLE', count: 1 }])
    clearInterval(others)
    expect(ids.filter((id) => id !== 'other').sort()).toEqual(['a', 'b'])
  })

  test('a failure of all in a request does not count as its success: there is a pause before the next', async () => {
    const error = { code: 'UNAVAILABLE', message: 'Not now.', inputPath: null }
    const answers = [error, error, null]
    const { parley, errors, bodies } = client({
      answer: (body) => {
        const result = { error: answers.shift() ?? null }
        return { data: { logConversations: { results: idsIn(body).map(() => result) } } }
      },
    })
    const start = performance.now()
    parley.log({})
    parley.log({})
    await parley.flush()
    expect(errors).toMatchObject([{ code: 'UNAVAILABLE', count: 0 }])
    expect(bodies).toHaveLength(3)
    expect(performance.now() - start).toBeGreaterThan(350)
  })
})
