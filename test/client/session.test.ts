import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { createSession, type FetchedToken } from '../../src/client/index.ts'

/** A server that accepts the tokens in `accepted`, and notes what it is asked. */
const accepted = new Set<string>()
const asked: { token: string; query: string; variables: unknown }[] = []
const streams: ServerResponse[] = []
let hold: Promise<void> | null = null

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
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    streams.push(response.on('close', () => streams.splice(streams.indexOf(response), 1)))
    return response.write(':\n\n')
  }
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ data: { token } }))
})

const deliver = (value: unknown) => streams[0]?.write(`event: next\ndata: ${JSON.stringify({ data: { value } })}\n\n`)

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
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
})
afterEach(() => vi.useRealTimers())

/** A session whose tokens are `token 1`, `token 2` and so on, for a hundred seconds each. */
function start(fetch?: (number: number) => Promise<FetchedToken>) {
  let fetched = 0
  let atOnce = 0
  const session = createSession({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    async fetchToken() {
      fetched += 1
      atOnce += 1
      expect(atOnce).toBe(1)
      const number = fetched
      await setImmediate()
      atOnce -= 1
      if (fetch) return fetch(number)
      accepted.add(`token ${number}`)
      return { token: `token ${number}`, expiresInSeconds: 100 }
    },
  })
  onTestFinished(() => session.logout())
  return { session, fetched: () => fetched, get: () => session.query<{ token: string }>('{ token }') }
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
  const refusal = { code: 'TOKEN_UNAVAILABLE', message: 'There is no token: signed out' }
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
