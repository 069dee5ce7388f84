import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { createSession, type FetchedToken, type SessionOptions } from '../../src/client/index.ts'
import { FINAL_CODES } from '../../src/client/session.ts'
import { ERROR_CODES } from '../../src/errors.ts'

/** A server that accepts the tokens in `accepted`, and notes what it is asked. */
const accepted = new Set<string>()
const asked: { token: string; query: string; variables: unknown }[] = []
const streams: ServerResponse[] = []
let hold: Promise<void> | null = null
/** How it answers the next subscriptions that it accepts, instead of opening a stream. */
let answer: ((response: ServerResponse) => unknown) | null = null

const server = createServer(async (request, response) => {
  const { query, variables } = JSON.parse(Buffer.concat(await request.toArray()).toString())
  const token = request.headers.authorization?.replace('Bearer ', '') ?? ''
  asked.push({ token, query, variables })
  await hold
  if (!accepted.has(token)) {
    response.writeHead(401, { 'content-type': 'application/json' })
    return response.end('{"errors":[{"message":"no","extensions":{"code":"UNAUTHENTICATED"}}]}')
  }
  if (query.startsWith('subscription')) {
    if (answer) return answer(response)
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    streams.push(response.on('close', () => streams.splice(streams.indexOf(response), 1)))
    return response.write(':\n\n')
  }
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ data: { token } }))
})

const eventOf = (result: object) => `event: next\ndata: ${JSON.stringify(result)}\n\n`
const deliver = (value: unknown) => streams[0]?.write(eventOf({ data: { value } }))
const refusal = (code: string, extensions = {}) => ({ message: 'no', extensions: { code, ...extensions } })

beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
beforeEach(() => {
  accepted.clear()
  asked.length = 0
  hold = null
  answer = null
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
})
afterEach(() => vi.useRealTimers())

/** A session whose tokens are `token 1`, `token 2` and so on, for a hundred seconds each. */
function start(fetch?: (number: number, options: { signal: AbortSignal }) => Promise<FetchedToken>) {
  let fetched = 0
  let atOnce = 0
  const session = createSession({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    async fetchToken(options) {
      fetched += 1
      atOnce += 1
      expect(atOnce).toBe(1)
      const number = fetched
      await setImmediate()
      atOnce -= 1
      if (fetch) return fetch(number, options)
      accepted.add(`token ${number}`)
      return { token: `token ${number}`, expiresInSeconds: 100 }
    },
  })
  onTestFinished(async () => {
    session.logout()
    await settled(() => streams.length === 0)
  })
  return { session, fetched: () => fetched, get: () => session.query<{ token: string }>('{ token }') }
}

/** Lets the faked clock run, with real work after each step. */
async function passes(ms: number, stepMs = 100) {
  for (let passed = 0; passed < ms; passed += stepMs) {
    vi.advanceTimersByTime(stepMs)
    for (let turns = 0; turns < 20; turns += 1) await setImmediate()
  }
}

/** Waits for real work, while the faked clock stands still. */
async function settled(isDone: () => boolean) {
  for (let turns = 0; turns < 10_000 && !isDone(); turns += 1) await setImmediate()
  expect(isDone()).toBe(true)
}

test('queries at the same time share one call for a token', async () => {
  const { get, fetched } = start()
  const answers = await Promise.all([get(), get(), get()])
  expect(answers.map(({ token }) => token)).toEqual(['token 1', 'token 1', 'token 1'])
  expect(fetched()).toBe(1)
})

test('a token is renewed before it expires, while queries go on with the old one, and none is repeated', async () => {
  const { get, fetched } = start()
  await get()
  vi.advanceTimersByTime(49_000)
  expect(await get()).toEqual({ token: 'token 1' })
  // Half of its lifetime is over.
  vi.advanceTimersByTime(2_000)
  expect(await get()).toEqual({ token: 'token 1' })
  await settled(() => accepted.has('token 2'))
  expect(await get()).toEqual({ token: 'token 2' })
  expect([fetched(), asked.length]).toEqual([2, 4])
})

test('a token that is refused is replaced once', async () => {
  const { get, fetched } = start()
  await get()
  accepted.clear()
  expect(await get()).toEqual({ token: 'token 2' })
  expect(asked.map(({ token }) => token)).toEqual(['token 1', 'token 1', 'token 2'])

  const refused = start(async (number) => ({ token: `unknown ${number}`, expiresInSeconds: 100 }))
  await expect(refused.get()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  expect([fetched(), refused.fetched()]).toEqual([2, 2])
})

test('if there is no token the query says so, and the next call waits for a longer and longer pause', async () => {
  let fails = true
  const { get, fetched } = start(async () => {
    if (fails) throw new Error('signed out')
    accepted.add('late')
    return { token: 'late', expiresInSeconds: 100 }
  })
  const refusal = { code: 'TOKEN_UNAVAILABLE', message: 'No token could be fetched: signed out' }
  for (const pauseMs of [1_000, 2_000, 4_000, 8_000, 16_000]) {
    const before = fetched()
    await expect(get()).rejects.toMatchObject(refusal)
    vi.advanceTimersByTime(pauseMs - 1)
    await expect(get()).rejects.toMatchObject(refusal)
    expect(fetched()).toBe(before + 1)
    vi.advanceTimersByTime(1)
  }
  fails = false
  expect(await get()).toEqual({ token: 'late' })
})

test('a call for a token that hangs holds up no query that is given up, and none for longer than 30 s', async () => {
  const signals: AbortSignal[] = []
  const { session, get, fetched } = start((_, { signal }) => {
    signals.push(signal)
    return new Promise(() => {})
  })
  const giveUp = new AbortController()
  const query = session.query('{ token }', {}, { signal: giveUp.signal })
  const others = [get(), get()]
  await settled(() => signals.length === 1)
  giveUp.abort(new Error('enough'))
  await expect(query).rejects.toThrow('enough')
  vi.advanceTimersByTime(30_000)
  for (const other of others) await expect(other).rejects.toMatchObject({ code: 'TOKEN_UNAVAILABLE' })
  expect([fetched(), signals[0]?.aborted]).toEqual([1, true])

  vi.advanceTimersByTime(1_000)
  const last = get()
  await settled(() => signals.length === 2)
  session.logout()
  await expect(last).rejects.toMatchObject({ code: 'LOGGED_OUT' })
  expect(signals[1]?.aborted).toBe(true)
})

test('if one token after the other is refused, a pause comes before the next', async () => {
  const { get, fetched } = start(async () => ({ token: 'ever the same', expiresInSeconds: 100 }))
  const outcomes = await Promise.allSettled(Array.from({ length: 10 }, get))
  for (let times = 0; times < 10; times += 1) outcomes.push(...(await Promise.allSettled([get()])))
  expect(outcomes.map((outcome) => 'reason' in outcome && outcome.reason.code)).toEqual(
    Array.from({ length: 20 }, () => 'UNAUTHENTICATED'),
  )
  expect(fetched()).toBe(2)
  const before = asked.length
  await passes(1_000)
  await Promise.allSettled([get()])
  await Promise.allSettled([get()])
  expect([fetched(), asked.length - before]).toEqual([3, 1])
  accepted.add('ever the same')
  await passes(2_000)
  expect(await get()).toEqual({ token: 'ever the same' })
})

test.each([0.01, 30 * 86_400, Number.POSITIVE_INFINITY])(
  'a token of %d s opens a stream at most once a second',
  async (expiresInSeconds) => {
    const { session, fetched } = start(async () => {
      accepted.add('token')
      return { token: 'token', expiresInSeconds }
    })
    session.subscribe('subscription { value }', { onData() {} })
    await settled(() => streams.length === 1)
    await passes(1_900, 10)
    expect(fetched()).toBeLessThan(4)
    expect(asked.length).toBeLessThan(3)
  },
)

test.each([{}, { url: 'http://localhost' }])('a session without an address or fetchToken is refused', (options) => {
  expect(() => createSession(options as SessionOptions)).toThrow(/ is missing: /)
})

test('a call for a token that answers nonsense is a failure', async () => {
  const { get } = start(async () => ({ token: 'x', expiresInSeconds: Number.NaN }))
  await expect(get()).rejects.toMatchObject({ code: 'TOKEN_UNAVAILABLE' })
})

test('after logout nothing is asked, and what is under way is given up', async () => {
  const { session, get, fetched } = start()
  await get()
  hold = new Promise(() => {})
  const underWay = get()
  await settled(() => asked.length === 2)
  session.logout()
  expect(session.ended.aborted).toBe(true)
  await expect(underWay).rejects.toMatchObject({ code: 'LOGGED_OUT' })
  await expect(get()).rejects.toMatchObject({ code: 'LOGGED_OUT' })
  expect([fetched(), asked.length]).toEqual([1, 2])
})

test('a query can be given up, and is not sent again', async () => {
  const { session } = start()
  hold = new Promise(() => {})
  const giveUp = new AbortController()
  const query = session.query('{ token }', {}, { signal: giveUp.signal })
  await settled(() => asked.length === 1)
  giveUp.abort(new Error('enough'))
  await expect(query).rejects.toThrow('enough')
  expect(asked).toHaveLength(1)
})

test('a subscription goes on after what it delivered: when it breaks, and when its token is renewed', async () => {
  const { session } = start()
  const got: unknown[] = []
  const broke: string[] = []
  const end = session.subscribe<{ value: number }, { after: number | null }>('subscription { value }', {
    variables: (last) => ({ after: last?.value ?? null }),
    onData: ({ value }) => got.push(value),
    onBreak: ({ code }) => broke.push(code),
  })
  await settled(() => streams.length === 1)
  deliver(1)
  await settled(() => got.length === 1)

  streams[0]?.destroy()
  await settled(() => broke.length === 1)
  vi.advanceTimersByTime(500)
  await settled(() => streams.length === 1)
  deliver(2)
  await settled(() => got.length === 2)

  vi.advanceTimersByTime(50_000)
  await settled(() => asked.length === 3 && streams.length === 1)
  deliver(3)
  await settled(() => got.length === 3)
  expect(got).toEqual([1, 2, 3])
  expect(broke).toEqual(['UNREACHABLE'])
  expect(asked.map(({ token, variables }) => [token, variables])).toEqual([
    ['token 1', { after: null }],
    ['token 1', { after: 1 }],
    ['token 2', { after: 2 }],
  ])
  end()
  await settled(() => streams.length === 0)
})

test('variables that throw are a break', async () => {
  const { session } = start()
  const breaks: string[] = []
  session.subscribe<{ value: number }, object>('subscription { value }', {
    variables() {
      if (breaks.length === 0) throw new Error('of the page')
      return {}
    },
    onData() {},
    onBreak: ({ message }) => breaks.push(message),
  })
  await settled(() => breaks.length === 1)
  vi.advanceTimersByTime(500)
  await settled(() => streams.length === 1)
  expect(breaks).toEqual(['of the page'])
  session.logout()
  await settled(() => streams.length === 0)
})

test.each([
  ['an event', (response: ServerResponse) => response.end(eventOf({ errors: [refusal('FORBIDDEN')] })), 'FORBIDDEN'],
  [
    'an answer',
    (response: ServerResponse) =>
      response.writeHead(400).end(JSON.stringify({ errors: [refusal('GRAPHQL_VALIDATION_FAILED')] })),
    'GRAPHQL_VALIDATION_FAILED',
  ],
])('a subscription that is refused for good by %s ends', async (_name, refuse, code) => {
  const reported = vi.spyOn(console, 'error').mockImplementation(() => {})
  onTestFinished(() => reported.mockRestore())
  const { session } = start()
  answer = refuse
  const told: string[] = []
  session.subscribe('subscription { value }', {
    onData() {},
    onBreak: () => told.push('break'),
    onError: (error) => told.push(error.code),
    onComplete: () => told.push('complete'),
  })
  session.subscribe('subscription { value }', { onData() {} })
  await settled(() => told.length === 1 && reported.mock.calls.length === 1)
  await passes(20_000, 1_000)
  expect(told).toEqual([code])
  expect(reported.mock.calls).toEqual([[expect.objectContaining({ code })]])
  expect(asked).toHaveLength(2)
})

test('codes that are no use to repeat are final, except those that a page or time can mend', () => {
  const known = Object.entries(ERROR_CODES).flatMap(([code, { retry }]) => (retry === 'no' ? [code] : []))
  const ofWrites = [
    'EXTERNAL_ID_TAKEN',
    'IDEMPOTENCY_CONFLICT',
    'CONVERSATION_CLOSED',
    'CONVERSATION_DELETED',
    'SEQUENCE_CONFLICT',
  ]
  const mended = ['UNAUTHENTICATED', 'RESUME_TOKEN_EXPIRED', 'LIMIT_EXCEEDED']
  expect([...FINAL_CODES, ...ofWrites, ...mended].sort()).toEqual(known.sort())
})

test.each([
  ['by the header', (response: ServerResponse) => response.writeHead(429, { 'retry-after': '20' }).end('slow down')],
  [
    'by the error',
    (response: ServerResponse) => response.end(eventOf({ errors: [refusal('OVERLOADED', { retryAfterSeconds: 20 })] })),
  ],
])('a subscription waits as long as the server says %s', async (_name, refuse) => {
  const { session } = start()
  answer = refuse
  const breaks: string[] = []
  session.subscribe('subscription { value }', { onData() {}, onBreak: ({ code }) => breaks.push(code) })
  await settled(() => breaks.length === 1)
  await passes(20_000, 1_000)
  expect(asked).toHaveLength(1)
  vi.advanceTimersByTime(500)
  await settled(() => breaks.length === 2)
})

test('a stream that never lasts is opened less and less often, until one lasts', async () => {
  const { session } = start()
  answer = (response) => response.end(eventOf({ data: { value: 1 } }))
  let got = 0
  session.subscribe('subscription { value }', { onData: () => (got += 1) })
  await settled(() => got === 1)
  await passes(30_000)
  // After pauses of up to 0.5, 1, 2, 4, 8 and 15 s, and of at least half of each.
  expect(asked.length).toBeGreaterThan(5)
  expect(asked.length).toBeLessThan(9)
  answer = null
  await passes(15_000)
  await settled(() => streams.length === 1)
  await passes(5_000)
  const before = asked.length
  streams[0]?.destroy()
  await settled(() => streams.length === 0)
  await passes(600)
  expect(asked.length).toBe(before + 1)
})

test('of an event with errors, and of those after it, nothing is delivered', async () => {
  const { session } = start()
  const got: unknown[] = []
  const breaks: string[] = []
  session.subscribe<{ value: number }, object>('subscription { value }', {
    variables: (last) => ({ after: last?.value ?? null }),
    onData: ({ value }) => got.push(value),
    onBreak: ({ code }) => breaks.push(code),
  })
  await settled(() => streams.length === 1)
  const failed = { data: { value: 2 }, errors: [refusal('UNAVAILABLE')] }
  streams[0]?.write(eventOf({ data: { value: 1 } }) + eventOf(failed) + eventOf({ data: { value: 3 } }))
  await settled(() => breaks.length === 1)
  await passes(500)
  await settled(() => asked.length === 2)
  expect([got, breaks]).toEqual([[1], ['UNAVAILABLE']])
  expect(asked[1]?.variables).toEqual({ after: 1 })
})

test('what a listener throws is reported, and does not end the subscription', async () => {
  const reported = vi.spyOn(console, 'error').mockImplementation(() => {})
  onTestFinished(() => reported.mockRestore())
  const { session } = start()
  const got: unknown[] = []
  session.subscribe<{ value: number }, object>('subscription { value }', {
    onData({ value }) {
      got.push(value)
      throw new Error('of the page')
    },
  })
  await settled(() => streams.length === 1)
  deliver(1)
  await settled(() => got.length === 1)
  deliver(2)
  await settled(() => got.length === 2)
  expect(reported).toHaveBeenCalledTimes(2)
})
