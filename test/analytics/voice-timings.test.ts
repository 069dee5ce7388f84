import { expect, test } from 'vitest'
import { VOICE_EVENTS } from '../../src/messages/voice-events.ts'
import { log } from '../conversations/conversations.ts'
import { type Ask, codes, startTestServer, type TestTenant } from '../support/server.ts'

/** Times between the voice events of a conversation, and percentiles of how long conversations last. */

const server = await startTestServer()

/** Internal events of these names, so many milliseconds after the start. */
const events = (
  startedAt: string,
  entries: readonly (readonly [name: string, ms: number])[],
  visibility = 'INTERNAL',
) =>
  entries.map(([name, ms]) => ({
    event: { name, visibility, timestamp: new Date(Date.parse(startedAt) + ms).toISOString() },
  }))

const logVoice = (
  ask: Ask,
  startedAt: string,
  entries: readonly (readonly [name: string, ms: number])[],
  more: object = {},
) => log(ask, { startedAt, channel: 'VOICE', messages: events(startedAt, entries), ...more })

const VOICE_MEASURES = [
  ...['STT_TO_LLM_MEAN', 'TIME_TO_FIRST_TOKEN_MEAN', 'TIME_TO_FIRST_TOKEN_P50', 'TIME_TO_FIRST_TOKEN_P95'],
  ...['FIRST_TOKEN_TO_TTS_MEAN', 'VOICE_LATENCY_MEAN', 'VOICE_LATENCY_P50', 'VOICE_LATENCY_P95'],
  ...['INTERRUPTIONS', 'INTERRUPTIONS_MEAN'],
]

const SERIES = `query ($measures: [SeriesMeasure!]!, $interval: SeriesInterval!, $range: TimeRange, $timeZone: String, $filter: ConversationFilter, $groupBy: SeriesGroupBy, $compareTo: Comparison) {
  conversationSeries(measures: $measures, interval: $interval, range: $range, timeZone: $timeZone, filter: $filter, groupBy: $groupBy, compareTo: $compareTo) {
    lines { measure group { key } total totalSampleCount previousTotal points { start value sampleCount } }
  }
}`

interface Line {
  measure: string
  group: { key: string | null } | null
  total: number | null
  totalSampleCount: number
  previousTotal: number | null
  points: { start: string; value: number | null; sampleCount: number }[]
}

const DAY = { from: '2026-01-10T00:00:00Z', to: '2026-01-11T00:00:00Z' }

async function lines(ask: Ask, variables: object): Promise<Line[]> {
  const { data, errors } = await ask(SERIES, { interval: 'DAY', range: DAY, timeZone: 'UTC', ...variables })
  expect(errors).toBeUndefined()
  return data.conversationSeries.lines
}

/** The value of each measure, and on how many it rests. */
const totals = async (ask: Ask, variables: object = {}) =>
  Object.fromEntries(
    (await lines(ask, { measures: VOICE_MEASURES, ...variables })).map((line) => [
      line.measure,
      [line.total, line.totalSampleCount],
    ]),
  )

const TIMINGS = `query ($filter: ConversationFilter) { conversations(first: 100, filter: $filter, orderBy: { direction: ASC }) {
  nodes { voiceTimings { sttToLlmMs timeToFirstTokenMs firstTokenToTtsMs voiceLatencyMs interruptionCount } }
} }`

const timings = async (ask: Ask, filter: object = {}) => {
  const { data, errors } = await ask(TIMINGS, { filter })
  expect(errors).toBeUndefined()
  return data.conversations.nodes.map(({ voiceTimings }: { voiceTimings: object | null }) => voiceTimings)
}

test('each step is from the last event of one name to the first of the next', async () => {
  const { ask } = await server.newTenant()
  await logVoice(ask, '2026-01-10T12:00:00Z', [
    // Of two final transcripts the later counts: 300 ms to the request, 400 to the token, 200 to the voice, 900 in all.
    ...([
      ['STT_FINAL', 0],
      ['STT_FINAL', 500],
      ['LLM_REQUEST', 800],
      ['LLM_FIRST_TOKEN', 1_200],
      ['TTS_STREAM', 1_400],
    ] as const),
    // A second piece of the same answer is no answer of its own.
    ['TTS_STREAM', 1_900],
    // A tool call between two requests: 100 ms; 600 and 200 to the first tokens; 150; 1,500 in all.
    ...([
      ['STT_FINAL', 10_000],
      ['LLM_REQUEST', 10_100],
      ['LLM_FIRST_TOKEN', 10_700],
      ['LLM_REQUEST', 11_150],
      ['LLM_FIRST_TOKEN', 11_350],
      ['TTS_STREAM', 11_500],
    ] as const),
  ])
  // Steps: 300, 100 | 400, 600, 200 | 200, 150 | 900, 1500.
  expect(await totals(ask)).toEqual({
    STT_TO_LLM_MEAN: [200, 2],
    TIME_TO_FIRST_TOKEN_MEAN: [400, 3],
    TIME_TO_FIRST_TOKEN_P50: [400, 3],
    // 0.95 × 2 = 1.9 places after the smallest of 200, 400 and 600.
    TIME_TO_FIRST_TOKEN_P95: [expect.closeTo(580, 9), 3],
    FIRST_TOKEN_TO_TTS_MEAN: [175, 2],
    VOICE_LATENCY_MEAN: [1_200, 2],
    VOICE_LATENCY_P50: [1_200, 2],
    VOICE_LATENCY_P95: [expect.closeTo(1_470, 9), 2],
    INTERRUPTIONS: [0, 0],
    INTERRUPTIONS_MEAN: [0, 1],
  })
  expect(await timings(ask)).toEqual([
    { sttToLlmMs: 200, timeToFirstTokenMs: 400, firstTokenToTtsMs: 175, voiceLatencyMs: 1_200, interruptionCount: 0 },
  ])
})

test('no step spans an interruption, and events are in the order of their times, then of the transcript', async () => {
  const { ask } = await server.newTenant()
  await logVoice(ask, '2026-01-10T12:00:00Z', [
    // Interrupted after the first token, and before the voice: 100 ms and 250 ms remain.
    ...([
      ['STT_FINAL', 0],
      ['LLM_REQUEST', 100],
      ['LLM_FIRST_TOKEN', 350],
      ['INTERRUPTION', 400],
      ['TTS_STREAM', 500],
    ] as const),
    // Sent in another order: 700 ms from the request to the token.
    ...([
      ['LLM_FIRST_TOKEN', 2_700],
      ['LLM_REQUEST', 2_000],
    ] as const),
    // At one moment, the order of the transcript counts: 0 ms here, and none for what follows its end.
    ...([
      ['STT_FINAL', 5_000],
      ['LLM_REQUEST', 5_000],
      ['STT_FINAL', 5_000],
    ] as const),
    ['INTERRUPTION', 6_000],
  ])
  // Without voice events there is nothing: other names, other visibility, another kind.
  const startedAt = '2026-01-10T13:00:00Z'
  await log(ask, {
    startedAt,
    messages: [
      ...events(startedAt, [
        ['stt_final', 0],
        ['LLM_REQUEST ', 100],
      ]),
      ...events(
        startedAt,
        VOICE_EVENTS.map((name, i) => [name, 1_000 + i] as const),
        'PUBLIC',
      ),
      { tool: { name: 'LLM_REQUEST' } },
    ],
  })
  expect(await totals(ask)).toMatchObject({
    STT_TO_LLM_MEAN: [50, 2],
    TIME_TO_FIRST_TOKEN_MEAN: [475, 2],
    FIRST_TOKEN_TO_TTS_MEAN: [null, 0],
    VOICE_LATENCY_MEAN: [null, 0],
    VOICE_LATENCY_P50: [null, 0],
    INTERRUPTIONS: [2, 2],
    // Over the one conversation that has voice events.
    INTERRUPTIONS_MEAN: [2, 1],
  })
  expect(await timings(ask)).toEqual([
    { sttToLlmMs: 50, timeToFirstTokenMs: 475, firstTokenToTtsMs: null, voiceLatencyMs: null, interruptionCount: 2 },
    null,
  ])
})

test('steps never join two conversations, and a conversation with two labels counts in both groups', async () => {
  const { ask } = await server.newTenant()
  const at = '2026-01-10T12:00:00Z'
  await logVoice(ask, at, [['STT_FINAL', 0]], { labels: ['a'] })
  await logVoice(ask, at, [['TTS_STREAM', 100]], { labels: ['a'] })
  const answered = [
    ['STT_FINAL', 0],
    ['TTS_STREAM', 700],
  ] as const
  await logVoice(ask, at, answered, { labels: ['a', 'b'] })
  const found = await lines(ask, { measures: ['VOICE_LATENCY_MEAN'], groupBy: { dimension: 'LABEL' } })
  expect(found.map(({ group, total, totalSampleCount }) => [group?.key, total, totalSampleCount])).toEqual([
    ['a', 700, 1],
    ['b', 700, 1],
  ])
  expect(await totals(ask)).toMatchObject({ VOICE_LATENCY_MEAN: [700, 1], INTERRUPTIONS_MEAN: [0, 3] })
})

test('when the clocks change, a conversation counts in the hour in which it began, and a second is a second', async () => {
  const { ask } = await server.newTenant()
  // In New York, 1 November 2026 has the hour from one to two twice: from 05:00 and from 06:00 in UTC.
  await logVoice(ask, '2026-11-01T05:59:59.900Z', [
    ['STT_FINAL', 0],
    ['TTS_STREAM', 250],
  ])
  await logVoice(ask, '2026-11-01T06:00:00Z', [
    ['STT_FINAL', 0],
    ['TTS_STREAM', 1_000],
  ])
  await log(ask, { startedAt: '2026-11-01T05:30:00Z', endedAt: '2026-11-01T06:30:00Z', status: 'COMPLETED' })
  // On 8 March 2026, there is no hour from two to three: it is 07:00 in UTC both before and after it.
  await logVoice(ask, '2026-03-08T06:59:59.999Z', [
    ['STT_FINAL', 0],
    ['TTS_STREAM', 400],
  ])
  const hours = async (measure: string, from: string, to: string) => {
    const variables = { measures: [measure], interval: 'HOUR', timeZone: 'America/New_York', range: { from, to } }
    return (await lines(ask, variables))[0]?.points.map(({ start, value }) => [start.slice(5, 16), value])
  }
  expect(await hours('VOICE_LATENCY_P50', '2026-11-01T00:00:00-04:00', '2026-11-01T02:00:00-05:00')).toEqual([
    ['11-01T04:00', null],
    ['11-01T05:00', 250],
    ['11-01T06:00', 1_000],
  ])
  expect(await hours('VOICE_LATENCY_MEAN', '2026-03-08T06:00:00Z', '2026-03-08T08:00:00Z')).toEqual([
    ['03-08T06:00', 400],
    ['03-08T07:00', null],
  ])
  // From half past one to half past one is an hour; the voices last 250 ms and 1,000 ms.
  expect(await hours('DURATION_P50', '2026-11-01T05:00:00Z', '2026-11-01T07:00:00Z')).toEqual([
    ['11-01T05:00', (3_600_000 + 250) / 2],
    ['11-01T06:00', 1_000],
  ])
})

test('percentiles of duration are interpolated, over the conversations that have one, for each period and group', async () => {
  const { ask } = await server.newTenant()
  const lasting = (startedAt: string, ms: number | null, campaign: string) =>
    log(ask, {
      ...{ startedAt, campaign, status: ms === null ? 'ACTIVE' : 'COMPLETED' },
      ...(ms === null ? {} : { endedAt: new Date(Date.parse(startedAt) + ms).toISOString() }),
      messages: [{ chat: { role: 'USER', content: 'Hello', timestamp: startedAt } }],
    })
  await lasting('2026-01-10T01:00:00Z', 1_000, 'a')
  await lasting('2026-01-10T02:00:00Z', 2_000, 'a')
  await lasting('2026-01-10T03:00:00Z', 4_001, 'b')
  await lasting('2026-01-10T04:00:00Z', 0, 'b')
  await lasting('2026-01-10T05:00:00Z', null, 'b')
  await lasting('2026-01-09T05:00:00Z', 77, 'b')
  const measures = ['DURATION_P50', 'DURATION_P95']
  const found = await lines(ask, { measures, compareTo: 'PREVIOUS_PERIOD' })
  // 0.95 × 2 = 1.9 places after the smallest: 2,000 + 0.9 × 2,001.
  expect(found.map(({ total, totalSampleCount, previousTotal }) => [total, totalSampleCount, previousTotal])).toEqual([
    [2_000, 3, 77],
    [expect.closeTo(3_800.9, 6), 3, 77],
  ])
  expect(found[0]?.points).toEqual([{ start: '2026-01-10T00:00:00.000Z', value: 2_000, sampleCount: 3 }])
  const groups = await lines(ask, { measures: ['DURATION_P50'], groupBy: { dimension: 'CAMPAIGN' } })
  expect(groups.map(({ group, total, totalSampleCount }) => [group?.key, total, totalSampleCount])).toEqual([
    ['b', 4_001, 1],
    ['a', 1_500, 2],
  ])
  const filtered = await lines(ask, { measures, filter: { durationMs: { gt: 1_500 } } })
  expect(filtered.map(({ total }) => total)).toEqual([3_000.5, expect.closeTo(3_900.95, 6)])
  // As with percentiles of latency, messages have none.
  const ofMessages = { measures: ['DURATION_P50'], groupBy: { dimension: 'MESSAGE_LANGUAGE' } }
  expect(codes(await ask(SERIES, { interval: 'DAY', range: DAY, ...ofMessages }))).toEqual(['BAD_USER_INPUT'])
})

async function customers(): Promise<TestTenant> {
  const tenant = await server.newTenant()
  for (const [customer, ms] of [
    ['one', 100],
    ['two', 900],
    ['two', 300],
  ] as const) {
    const entries = [
      ['STT_FINAL', 0],
      ['TTS_STREAM', ms],
      ['INTERRUPTION', ms + 1],
    ] as const
    await logVoice(tenant.ask, '2026-01-10T12:00:00Z', entries, { metadata: { customer } })
  }
  return tenant
}

test('the list, the same filter in a series, and a group say the same', async () => {
  const { ask } = await customers()
  for (const customer of ['one', 'two']) {
    const filter = { metadata: [{ path: ['customer'], eq: customer }] }
    const listed: { voiceLatencyMs: number; interruptionCount: number }[] = await timings(ask, filter)
    const mean = listed.reduce((sum, { voiceLatencyMs }) => sum + voiceLatencyMs, 0) / listed.length
    const count = listed.reduce((sum, { interruptionCount }) => sum + interruptionCount, 0)
    expect([mean, count]).toEqual(customer === 'one' ? [100, 1] : [600, 2])
    const measures = ['VOICE_LATENCY_MEAN', 'INTERRUPTIONS']
    const filtered = await lines(ask, { measures, filter })
    const grouped = await lines(ask, { measures, groupBy: { metadataPath: ['customer'] } })
    const own = grouped.filter(({ group }) => group?.key === customer)
    for (const found of [filtered, own]) expect(found.map(({ total }) => total)).toEqual([mean, count])
    expect(filtered.map(({ points }) => points)).toEqual(own.map(({ points }) => points))
  }
})

test('a token that is restricted to a customer measures that one’s conversations', async () => {
  const tenant = await customers()
  const tokenOf = async (input: object) => {
    const { data } = await tenant.ask(
      'mutation ($input: CreateEmbedTokenInput!) { createEmbedToken(input: $input) { token } }',
      { input: { scopes: ['ANALYTICS_READ', 'CONVERSATIONS_READ', 'INTERNALS_READ'], ...input } },
    )
    return server.as({ key: data.createEmbedToken.token })
  }
  const ask = await tokenOf({ metadata: { customer: 'one' } })
  expect(await totals(ask)).toMatchObject({ VOICE_LATENCY_P95: [100, 1], INTERRUPTIONS: [1, 1] })
  expect(await timings(ask)).toMatchObject([{ voiceLatencyMs: 100, interruptionCount: 1 }])
  const durations = await lines(ask, { measures: ['DURATION_P50'] })
  expect(durations[0]).toMatchObject({ total: 101, totalSampleCount: 1 })
})

test('without INTERNALS_READ, each voice measure is refused by itself, and a conversation has no timings', async () => {
  const tenant = await customers()
  const { secret } = await server.newKey({
    scopes: ['ANALYTICS_READ', 'CONVERSATIONS_READ'],
    tenantId: tenant.id,
  })
  const ask = server.as({ key: secret })
  const known = await ask('{ availableSeries { measure } }')
  const names = known.data.availableSeries.map(({ measure }: { measure: string }) => measure)
  expect(names).toEqual(expect.arrayContaining(['DURATION_P50', 'DURATION_P95']))
  for (const measure of VOICE_MEASURES) {
    expect(names).not.toContain(measure)
    const { data, errors } = await ask(
      `{ voice: conversationSeries(measures: [CONVERSATIONS, ${measure}]) { lines { total } }
        durations: conversationSeries(measures: [DURATION_P50], range: { from: "2026-01-10", to: "2026-01-11" }) { lines { total } } }`,
    )
    expect(errors?.map(({ path, extensions }) => [path, extensions.code])).toEqual([[['voice'], 'FORBIDDEN']])
    expect(data).toEqual({ voice: null, durations: { lines: [{ total: 301 }] } })
  }
  expect(await timings(ask)).toEqual([null, null, null])
})
