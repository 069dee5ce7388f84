import fc from 'fast-check'
import { expect, test } from 'vitest'
import { newToken } from '../credentials/embed-tokens/tokens.ts'
import { type Ask, startTestServer } from '../support/server.ts'

/**
 * Conversations that begin exactly where a bucket does, or a millisecond before or after it, in ranges that end at odd
 * milliseconds: every way to count finds each in the same bucket.
 */

const server = await startTestServer()
const { ask, key } = await server.newTenant()

const HOUR_MS = 3_600_000
const START = Date.parse('2026-03-23T00:00:00Z')
const HOURS = 14 * 24

const iso = (ms: number) => new Date(ms).toISOString()

/** Around midnight of both zones, the change of the clocks in Berlin, and every seventh hour. */
const starts = Array.from({ length: HOURS }, (_, hour) => hour)
  .filter((hour) => hour % 24 >= 22 || hour % 24 === 0 || hour % 7 === 0)
  .flatMap((hour) => [-1, 0, 0, 1].map((ms) => START + hour * HOUR_MS + ms))

const LOG = `mutation ($inputs: [LogConversationInput!]!) { logConversations(input: { conversations: $inputs }) { results { error { message } } } }`
/** Who begins two conversations at once is one user. */
const conversation = (start: number) => ({
  startedAt: iso(start),
  channel: 'CHAT',
  endUserId: `user of ${start}`,
  metadata: { customer: 'one' },
  messages: [{ chat: { role: 'ASSISTANT', content: 'Hi', timestamp: iso(start), latencyMs: 100 } }],
})
/** Tests at full hours do not count. */
const tests = [...new Set(starts)].filter((start) => start % HOUR_MS === 0)
const inputs = [...starts.map(conversation), ...tests.map((start) => ({ ...conversation(start), isTest: true }))]
const logged = await ask(LOG, { inputs })
expect(logged.errors).toBeUndefined()
expect(logged.data.logConversations.results).toEqual(inputs.map(() => ({ error: null })))

const POINTS = 'lines { measure group { key } total totalSampleCount points { start end value sampleCount } }'
const WAYS = `query ($interval: SeriesInterval!, $range: TimeRange, $timeZone: String) {
  whole: conversationSeries(measures: [CONVERSATIONS], interval: $interval, range: $range, timeZone: $timeZone) { ${POINTS} }
  filtered: conversationSeries(measures: [CONVERSATIONS, END_USERS, NEW_END_USERS], interval: $interval, range: $range, timeZone: $timeZone, filter: { channels: [CHAT] }) { ${POINTS} }
  grouped: conversationSeries(measures: [CONVERSATIONS], interval: $interval, range: $range, timeZone: $timeZone, groupBy: { dimension: CHANNEL, first: 1 }) { ${POINTS} }
  percentiles: conversationSeries(measures: [LATENCY_P50], interval: $interval, range: $range, timeZone: $timeZone) { ${POINTS} }
}`

const token = await newToken(ask, { scopes: ['ANALYTICS_READ'], metadata: { customer: 'one' } })
const askers: Record<string, Ask> = {
  'a key': (query, variables) => server.ask({ key }, query, variables),
  'a token locked to a customer': (query, variables) => server.ask({ key: token }, query, variables),
}

const LENGTHS: Record<string, number> = { HOUR: HOUR_MS, DAY: 24 * HOUR_MS, WEEK: 168 * HOUR_MS }

/** From an edge or near one, over one to four buckets, to an edge or near one. */
const question = fc
  .record({
    timeZone: fc.constantFrom('UTC', 'Europe/Berlin'),
    interval: fc.constantFrom('HOUR', 'DAY', 'DAY', 'WEEK'),
    firstHour: fc.nat(HOURS - 24),
    buckets: fc.integer({ min: 1, max: 4 }),
    oddFrom: fc.oneof(fc.constant(0), fc.integer({ min: -999, max: 999 })),
    oddTo: fc.oneof(fc.constant(0), fc.integer({ min: -999, max: 999 }), fc.integer({ min: -HOUR_MS, max: HOUR_MS })),
  })
  .map(({ firstHour, buckets, oddFrom, oddTo, ...rest }) => {
    const from = START + firstHour * HOUR_MS + oddFrom
    const to = Math.max(from + 1, from - oddFrom + buckets * (LENGTHS[rest.interval] ?? 0) + oddTo)
    return { ...rest, range: { from: iso(from), to: iso(to) } }
  })

interface Line {
  measure: string
  total: number | null
  totalSampleCount: number
  points: { start: string; end: string; value: number | null; sampleCount: number }[]
}

test.each(Object.entries(askers))('%s', { timeout: 120_000 }, async (_who, askAs) => {
  await fc.assert(
    fc.asyncProperty(question, async (variables) => {
      const { data, errors } = await askAs(WAYS, variables)
      expect(errors).toBeUndefined()
      const within = (start: string, end: string) =>
        starts.filter(
          (time) =>
            time >= Math.max(Date.parse(start), Date.parse(variables.range.from)) &&
            time < Math.min(Date.parse(end), Date.parse(variables.range.to)),
        )
      for (const [way, { lines }] of Object.entries<{ lines: Line[] }>(data)) {
        for (const { measure, total, totalSampleCount, points } of lines) {
          const isCount = measure !== 'LATENCY_P50'
          const found = points.map(({ value, sampleCount }) => (isCount ? value : sampleCount))
          const { from, to } = variables.range
          const count = (start: string, end: string) =>
            measure.endsWith('END_USERS') ? new Set(within(start, end)).size : within(start, end).length
          const all = count(from, to)
          expect({ way, measure, found, all: [totalSampleCount, isCount ? total : totalSampleCount] }).toEqual({
            way,
            measure,
            found: points.map(({ start, end }) => count(start, end)),
            all: [all, all],
          })
        }
      }
    }),
    { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 40) },
  )
})
