import { afterEach, expect, test } from 'vitest'
import { type Ask, startTestServer } from '../support/server.ts'
import { logged, read, refusals, said, write } from './writes.ts'

/** When conversations began and ended, and how long they took, by what is known of it. */

const server = await startTestServer()
const NOW = '2026-03-10T12:00:00.000Z'
afterEach(() => {
  server.clock.now = null
})

const at = (time: string) => new Date(time.includes('T') ? time : `2026-03-10T${time}Z`)
const iso = (time: string) => at(time).toISOString()

/** A message with a time, and the end of an utterance. */
const spoken = (timestamp: string | null, endedAt?: string) => ({
  chat: {
    role: 'USER',
    content: 'Hello',
    ...(timestamp && { timestamp: iso(timestamp) }),
    ...(endedAt && { endedAt: iso(endedAt) }),
  },
})

type Times = [start: string, end: string | null, seconds: number | null]

const TIMES = 'startedAt endedAt durationMs'

async function timesOf(ask: Ask, id: string): Promise<Times> {
  const { startedAt, endedAt, durationMs } = await read(ask, id, TIMES)
  return [startedAt, endedAt, durationMs]
}

const expected = ([start, end, seconds]: Times) => [iso(start), end && iso(end), seconds && seconds * 1_000]

async function setUp(time = NOW) {
  server.clock.now = at(time)
  const { ask } = await server.newTenant()
  const call = async (mutation: string, input: object) => {
    const answer = await write(ask, mutation, { by: { externalId: 'x' }, ...input })
    if (answer.errors) throw new Error(JSON.stringify(answer.errors))
    return answer.data[mutation].conversation.id as string
  }
  return {
    ask,
    log: async (input: object) => (await logged(ask, { externalId: 'x', ...input })).id,
    append: (input: object) => call('appendMessages', input),
    complete: (input: object = {}) => call('completeConversation', input),
    update: (input: object) => call('updateConversation', input),
    later: (time: string) => {
      server.clock.now = at(time)
    },
  }
}

type SetUp = Awaited<ReturnType<typeof setUp>>

const CASES: Record<string, { write: (to: SetUp) => Promise<string>; times: Times }> = {
  'logged with two times': {
    write: ({ log }) => log({ messages: [spoken('09:00:00'), spoken('09:00:02')] }),
    times: ['09:00:00', '09:00:02', 2],
  },
  'logged with one time and one message without': {
    write: ({ log }) => log({ messages: [spoken('09:00:00'), spoken(null)] }),
    times: ['09:00:00', '09:00:00', null],
  },
  'logged with one time behind a message without': {
    write: ({ log }) => log({ messages: [spoken(null), spoken('09:00:00')] }),
    times: ['09:00:00', '09:00:00', null],
  },
  'a transcript': {
    write: ({ log }) => log({ messages: undefined, transcript: 'User: Hello\nAssistant: Hi' }),
    times: ['12:00:00', '12:00:00', null],
  },
  'a transcript with its start and its end': {
    write: ({ log }) =>
      log({ messages: undefined, transcript: 'User: Hello', startedAt: iso('09:00:00'), endedAt: iso('09:10:00') }),
    times: ['09:00:00', '09:10:00', 600],
  },
  'a transcript with its start': {
    write: ({ log }) => log({ messages: undefined, transcript: 'User: Hello', startedAt: iso('09:00:00') }),
    times: ['09:00:00', '09:00:00', null],
  },
  'speech, to the end of the last utterance': {
    write: ({ log }) => log({ channel: 'VOICE', messages: [spoken('10:00:00'), spoken('10:00:05', '10:00:09')] }),
    times: ['10:00:00', '10:00:09', 9],
  },
  'speech that is known by one end only': {
    write: ({ log }) => log({ channel: 'VOICE', messages: [spoken(null, '10:00:09'), spoken(null)] }),
    times: ['10:00:09', '10:00:09', null],
  },
  'one utterance': {
    write: ({ log }) => log({ channel: 'VOICE', messages: [spoken('10:00:05', '10:00:09')] }),
    times: ['10:00:05', '10:00:09', 4],
  },
  'missed, with its start': {
    write: ({ log }) => log({ status: 'MISSED', messages: [], startedAt: '2026-03-02T12:00:00Z' }),
    times: ['2026-03-02T12:00:00Z', '2026-03-02T12:00:00Z', null],
  },
  'missed, with nothing known': {
    write: ({ log }) => log({ status: 'MISSED', messages: [] }),
    times: ['12:00:00', '12:00:00', null],
  },
  'live, without times': {
    async write({ log, append, complete, later }) {
      await log({ status: 'ACTIVE', messages: [spoken(null)] })
      later('12:03:00')
      await append({ messages: [spoken(null)] })
      later('12:20:00')
      return complete()
    },
    times: ['12:00:00', '12:03:00', 180],
  },
  'live, rung before anything was said': {
    async write({ log, append, later }) {
      await log({ status: 'RINGING', messages: [] })
      later('12:00:30')
      return append({ messages: [spoken(null)], status: 'COMPLETED' })
    },
    times: ['12:00:00', '12:00:30', 30],
  },
  'live, missed': {
    async write({ log, complete, later }) {
      await log({ status: 'RINGING', messages: [] })
      later('12:00:30')
      return complete({ status: 'MISSED' })
    },
    times: ['12:00:00', '12:00:00', null],
  },
  'live, with the end given': {
    async write({ log, complete, later }) {
      await log({ status: 'RINGING', messages: [] })
      later('12:00:30')
      return complete({ status: 'MISSED', endedAt: iso('12:00:20') })
    },
    times: ['12:00:00', '12:00:20', 20],
  },
  'begun by an append, live': {
    async write({ append, later }) {
      await append({ createIfMissing: true, messages: [spoken(null)] })
      later('12:01:00')
      return append({ messages: [spoken(null)], status: 'COMPLETED' })
    },
    times: ['12:00:00', '12:01:00', 60],
  },
  'an hour old when it was created is live': {
    async write({ append, later }) {
      await append({ createIfMissing: true, messages: [spoken('11:00:00')] })
      later('12:01:00')
      return append({ messages: [spoken(null)], status: 'COMPLETED' })
    },
    times: ['11:00:00', '12:01:00', 3660],
  },
  'more than an hour old when it was created is not live': {
    async write({ append, later }) {
      await append({ createIfMissing: true, messages: [spoken('10:59:59'), spoken('11:10:00')] })
      later('12:01:00')
      return append({ messages: [spoken(null)], status: 'COMPLETED' })
    },
    times: ['10:59:59', '11:10:00', 601],
  },
  'its first message arrives late, past midnight': {
    async write({ append, complete }) {
      await append({ createIfMissing: true, messages: [spoken('2026-01-06T00:00:05Z')] })
      await append({ messages: [spoken('2026-01-05T23:59:50Z')] })
      return complete()
    },
    times: ['2026-01-05T23:59:50Z', '2026-01-06T00:00:05Z', 15],
  },
  'queued, then appended to with earlier times': {
    async write({ log, append }) {
      await log({ status: 'QUEUED', messages: [] })
      const messages = [spoken('2026-03-04T11:00:00Z'), spoken('2026-03-04T11:05:00Z')]
      return append({ messages, status: 'COMPLETED' })
    },
    times: ['2026-03-04T11:00:00Z', '2026-03-04T11:05:00Z', 300],
  },
  'back-dated, then appended to without a time': {
    async write({ log, append }) {
      const start = '2025-05-01T12:00:00Z'
      await log({ status: 'ACTIVE', startedAt: start, messages: [spoken(start)] })
      return append({ messages: [spoken(null)], status: 'COMPLETED' })
    },
    times: ['2025-05-01T12:00:00Z', '2025-05-01T12:00:00Z', null],
  },
  'with a start that stays, whatever arrives': {
    async write({ log, append, complete }) {
      await log({ status: 'ACTIVE', startedAt: iso('11:55:00'), messages: [spoken('11:56:00')] })
      await append({ messages: [spoken('11:50:00')] })
      return complete()
    },
    times: ['11:55:00', '11:56:00', 60],
  },
  'with its start corrected': {
    async write({ log, update }) {
      await log({ messages: [spoken('09:00:00'), spoken('09:00:02')] })
      return update({ startedAt: iso('08:55:00') })
    },
    times: ['08:55:00', '09:00:02', 302],
  },
  'with its start corrected and derived again': {
    async write({ log, update }) {
      await log({ startedAt: iso('08:50:00'), messages: [spoken('09:00:00'), spoken('09:00:02')] })
      await update({ startedAt: iso('08:55:00') })
      return update({ startedAt: null })
    },
    times: ['09:00:00', '09:00:02', 2],
  },
  'with its end corrected and derived again': {
    async write({ log, update }) {
      await log({ messages: [spoken('09:00:00'), spoken('09:00:02')] })
      await update({ endedAt: iso('09:30:00') })
      return update({ endedAt: null })
    },
    times: ['09:00:00', '09:00:02', 2],
  },
  'with its start behind all that is known of it': {
    async write({ log, update }) {
      await log({ messages: [spoken('09:00:00'), spoken('09:00:02')] })
      return update({ startedAt: iso('10:00:00') })
    },
    times: ['10:00:00', '10:00:00', null],
  },
  'with its end only': {
    write: ({ log }) => log({ endedAt: iso('09:00:00') }),
    times: ['09:00:00', '09:00:00', null],
  },
  'appended to by a log, live': {
    async write({ log, later }) {
      await log({ status: 'ACTIVE', messages: [spoken(null)] })
      later('12:03:00')
      return log({ onConflict: 'APPEND', status: 'COMPLETED', messages: [spoken(null)] })
    },
    times: ['12:00:00', '12:03:00', 180],
  },
  open: {
    write: ({ log }) => log({ status: 'ACTIVE', messages: [spoken('09:00:00')] }),
    times: ['09:00:00', null, null],
  },
}

test.each(Object.entries(CASES))('%s', async (_name, { write, times }) => {
  const to = await setUp()
  expect(await timesOf(to.ask, await write(to))).toEqual(expected(times))
})

test.each([
  ['the given start', { startedAt: iso('09:00:00'), endedAt: iso('08:59:59'), messages: [spoken(null)] }],
  ['the first message', { endedAt: iso('08:59:59'), messages: [spoken('09:00:00')] }],
])('an end before %s is refused', async (_name, input) => {
  const { ask } = await setUp()
  expect(refusals(await write(ask, 'logConversation', input))).toEqual(['BAD_USER_INPUT input.endedAt'])
})

test('an utterance that ends before it begins is refused', async () => {
  const { ask } = await setUp()
  const messages = [spoken('09:00:00'), spoken('09:00:05', '09:00:04')]
  const path = 'input.messages[1].chat.endedAt'
  expect(refusals(await write(ask, 'logConversation', { messages }))).toEqual([`BAD_USER_INPUT ${path}`])
  await logged(ask, { externalId: 'x', status: 'ACTIVE', messages: [said('a')] })
  const answer = await write(ask, 'appendMessages', { by: { externalId: 'x' }, messages })
  expect(refusals(answer)).toEqual([`BAD_USER_INPUT ${path}`])
})

test('corrections that would have it end before it begins are refused, and change nothing', async () => {
  const { ask, log, update } = await setUp()
  const id = await log({ messages: [spoken('09:00:00'), spoken('09:00:02')] })
  const correct = async (input: object) =>
    refusals(await write(ask, 'updateConversation', { by: { externalId: 'x' }, ...input }))
  expect(await correct({ endedAt: iso('08:00:00') })).toEqual(['BAD_USER_INPUT input.endedAt'])
  expect(await correct({ startedAt: iso('09:10:00'), endedAt: iso('09:05:00') })).toEqual([
    'BAD_USER_INPUT input.endedAt',
  ])
  await update({ endedAt: iso('09:05:00') })
  expect(await correct({ startedAt: iso('09:10:00') })).toEqual(['BAD_USER_INPUT input.startedAt'])
  expect(await timesOf(ask, id)).toEqual(expected(['09:00:00', '09:05:00', 300]))
})

test('an open conversation has no end to correct', async () => {
  const { ask, log } = await setUp()
  await log({ status: 'ACTIVE', messages: [spoken('09:00:00')] })
  const correct = async (endedAt: string | null) =>
    refusals(await write(ask, 'updateConversation', { by: { externalId: 'x' }, endedAt }))
  expect(await correct(iso('09:00:02'))).toEqual(['BAD_USER_INPUT input.endedAt'])
  expect(await correct(null)).toEqual([])
})

test('an append that closes a conversation before its own messages is refused', async () => {
  const { ask, append } = await setUp()
  await append({ createIfMissing: true, messages: [spoken('11:50:00')] })
  const by = { externalId: 'x' }
  const close = (endedAt: string, message: object) =>
    write(ask, 'appendMessages', { by, status: 'COMPLETED', endedAt: iso(endedAt), messages: [message] })
  expect(refusals(await close('11:49:00', spoken('11:55:00')))).toEqual(['BAD_USER_INPUT input.endedAt'])
  expect(refusals(await close('11:49:00', spoken('11:48:00')))).toEqual([])
})

test('a log that appends gives an end only with a final status, and by the start of what is there', async () => {
  const { ask, log } = await setUp()
  const id = await log({ status: 'ACTIVE', messages: [spoken('08:00:00')] })
  const messages = [spoken('09:00:05')]
  const appending = async (input: object) =>
    refusals(await write(ask, 'logConversation', { externalId: 'x', onConflict: 'APPEND', messages, ...input }))
  const refused = ['BAD_USER_INPUT input.endedAt']
  expect(await appending({ endedAt: iso('09:00:07') })).toEqual(refused)
  expect(await appending({ endedAt: iso('09:00:07'), status: 'ACTIVE' })).toEqual(refused)
  expect(await appending({ endedAt: iso('07:59:59'), status: 'COMPLETED' })).toEqual(refused)
  expect(await timesOf(ask, id)).toEqual(expected(['08:00:00', null, null]))
  expect(await appending({ endedAt: iso('09:00:00'), status: 'COMPLETED' })).toEqual([])
  expect(await timesOf(ask, id)).toEqual(expected(['08:00:00', '09:00:00', 3_600]))
})

test('entries without a time take one of their neighbours in what is logged afterwards, and that of their arrival live', async () => {
  const { ask, log, append, later } = await setUp()
  const times = async (id: string) =>
    (await read(ask, id, 'messages { nodes { timestamp } }')).messages.nodes.map(
      ({ timestamp }: { timestamp: string }) => timestamp,
    )
  const given = [spoken(null), spoken('09:00:00'), spoken(null), spoken('09:05:00'), spoken(null)]
  expect(await times(await log({ messages: given }))).toEqual(
    ['09:00:00', '09:00:00', '09:00:00', '09:05:00', '09:05:00'].map(iso),
  )
  await log({
    externalId: 'old',
    status: 'ACTIVE',
    startedAt: iso('08:00:00'),
    messages: [spoken(null), spoken('08:10:00')],
  })
  const old = await append({ by: { externalId: 'old' }, messages: [spoken(null), spoken('08:20:00'), spoken(null)] })
  expect(await times(old)).toEqual(['08:10:00', '08:10:00', '08:10:00', '08:20:00', '08:20:00'].map(iso))
  const empty = await log({ externalId: 'empty', status: 'QUEUED', startedAt: iso('08:00:00'), messages: [] })
  await append({ by: { externalId: 'empty' }, messages: [spoken(null)] })
  expect(await times(empty)).toEqual([iso('08:00:00')])
  await log({ externalId: 'live', status: 'ACTIVE', messages: [spoken(null), spoken('11:30:00'), spoken(null)] })
  later('12:00:10')
  const live = await append({ by: { externalId: 'live' }, messages: [spoken(null), spoken(null, '12:00:08')] })
  expect(await times(live)).toEqual(['12:00:00', '11:30:00', '12:00:00', '12:00:10', '12:00:08'].map(iso))
})

test('durations that are not known are in no mean and no sum, by roll-up and by row', async () => {
  const { ask, log } = await setUp()
  await log({ externalId: '1', campaign: 'a', messages: [spoken('09:00:00'), spoken('09:00:10')] })
  await log({ externalId: '2', campaign: 'a', messages: [spoken('09:00:00')] })
  await log({ externalId: '3', campaign: 'a', status: 'ACTIVE', messages: [spoken('09:00:00')] })
  const day = 'range: { from: "2026-03-10T00:00:00Z", to: "2026-03-11T00:00:00Z" }, interval: DAY, timeZone: "UTC"'
  const { data } = await ask(`{
    rolled: conversationSeries(measures: [DURATION_MEAN, DURATION_SUM], ${day}) { lines { total totalSampleCount } }
    read: conversationSeries(measures: [DURATION_MEAN, DURATION_SUM], ${day}, filter: { campaigns: ["a"] }) { lines { total totalSampleCount } }
  }`)
  const lines = [
    { total: 10_000, totalSampleCount: 1 },
    { total: 10_000, totalSampleCount: 1 },
  ]
  expect(data).toEqual({ rolled: { lines }, read: { lines } })
})

test('all numbers follow a start that moves', async () => {
  const { ask, append } = await setUp()
  const days = async () => {
    const { data } = await ask(`{ conversationSeries(measures: [CONVERSATIONS], interval: DAY, timeZone: "UTC",
      range: { from: "2026-01-05T00:00:00Z", to: "2026-01-07T00:00:00Z" }) { lines { points { value } } } }`)
    return data.conversationSeries.lines[0].points.map(({ value }: { value: number }) => value)
  }
  await append({ createIfMissing: true, messages: [spoken('2026-01-06T00:00:05Z')] })
  expect(await days()).toEqual([0, 1])
  await append({ messages: [spoken('2026-01-05T23:59:50Z')] })
  expect(await days()).toEqual([1, 0])
})
