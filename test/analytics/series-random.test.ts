import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MEASURES, type MeasureName } from '../../src/analytics/measures.ts'
import { type Ask, startTestServer } from '../support/server.ts'
import {
  COUNTED,
  COUNTS_IN_EACH,
  GROUP_KEYS,
  groupKeys,
  MODEL,
  readAll,
  type StoredConversation,
} from './measure-model.ts'
import { history, MINUTE, replay, SPAN_MINUTES, START, time } from './random-writes.ts'

/**
 * Whatever is written, in whichever zone it is asked for: every measure in every bucket is what the transcripts say,
 * and series, list and transcripts count the same. PROPERTY_RUNS=200 and PROPERTY_SEED=1 (2, 3, …) try more.
 */

const server = await startTestServer()

const SERIES = `query ($measures: [SeriesMeasure!]!, $interval: SeriesInterval!, $range: TimeRange, $timeZone: String,
    $filter: ConversationFilter, $includeTests: Boolean!, $groupBy: SeriesGroupBy, $compareTo: Comparison) {
  conversationSeries(measures: $measures, interval: $interval, range: $range, timeZone: $timeZone, filter: $filter,
      includeTests: $includeTests, groupBy: $groupBy, compareTo: $compareTo) {
    lines { measure group { key isOther } total totalSampleCount previousTotal points { start end value sampleCount } }
  }
}`

interface Line {
  measure: MeasureName
  group: { key: unknown; isOther: boolean } | null
  total: number | null
  totalSampleCount: number
  previousTotal: number | null
  points: { start: string; end: string; value: number | null; sampleCount: number }[]
}

const names = Object.keys(MEASURES) as MeasureName[]
type GroupKey = keyof typeof GROUP_KEYS
const GROUPS = Object.keys(GROUP_KEYS) as GroupKey[]
const groupByOf = (group: GroupKey) => (group === 'METADATA' ? { metadataPath: ['plan'] } : { dimension: group })
const FILTERS: [
  filter: { isTest?: boolean; [condition: string]: unknown },
  fits: (one: StoredConversation) => boolean,
][] = [
  [{ statuses: ['COMPLETED'] }, ({ status }) => status === 'COMPLETED'],
  [{ metadata: [{ path: ['plan'], eq: 245 }] }, ({ metadata }) => metadata['plan'] === 245],
  [{ not: { labels: ['a'] } }, ({ labels }) => !labels.includes('a')],
  [{ isTest: true }, ({ isTest }) => isTest],
  // What JavaScript takes for nothing.
  [{ isTest: false }, ({ isTest }) => !isTest],
  [
    { hasNotUnderstood: false },
    ({ messages }) => !messages.nodes.some(({ role, understood }) => role === 'USER' && understood === false),
  ],
  [{ messageCount: { lte: 0 } }, () => false],
  [{ campaigns: [] }, () => false],
  [{ metadata: [{ path: ['plan'], eq: false }] }, ({ metadata }) => metadata['plan'] === false],
  [{ metadata: [{ path: ['plan'], eq: 0 }] }, ({ metadata }) => metadata['plan'] === 0],
  [{ metadata: [{ path: ['plan'], eq: '' }] }, ({ metadata }) => metadata['plan'] === ''],
  [{ metadata: [{ path: ['plan'], eq: null }] }, ({ metadata }) => metadata['plan'] === null],
]

const question = fc.record({
  zone: fc.constantFrom(
    'UTC',
    'America/New_York',
    'America/Havana',
    'Europe/Berlin',
    'Asia/Kathmandu',
    'Australia/Lord_Howe',
  ),
  interval: fc.constantFrom('HOUR', 'DAY', 'DAY', 'WEEK', 'MONTH', 'QUARTER', 'YEAR'),
  range: fc
    .tuple(time, time)
    .filter(([from, to]) => from !== to)
    .map(([from, to]) => (from < to ? { from, to } : { from: to, to: from })),
  whole: fc.boolean(),
  includeTests: fc.constantFrom(false, false, true),
  filter: fc.option(fc.constantFrom(...FILTERS), { nil: null, freq: 2 }),
  group: fc.option(fc.constantFrom(...GROUPS), { nil: null, freq: 2 }),
  one: fc.constantFrom(...names),
})

type Question = typeof question extends fc.Arbitrary<infer One> ? One : never

/** Of the intervals that are equally long in UTC, milliseconds: where the period before is so easily told. */
const LENGTHS: Record<string, number> = { HOUR: 60 * MINUTE, DAY: 1_440 * MINUTE, WEEK: 10_080 * MINUTE }

const WHOLE = { from: new Date(START).toISOString(), to: new Date(START + (SPAN_MINUTES + 1) * MINUTE).toISOString() }

const PLAIN: Omit<Question, 'filter'> = {
  ...{ zone: 'UTC', interval: 'DAY', range: WHOLE, whole: true, includeTests: false, group: null, one: 'MESSAGES' },
}

async function check(
  ask: Ask,
  all: readonly StoredConversation[],
  { zone, interval, whole, includeTests, one, ...asked }: Question,
) {
  const range = whole ? WHOLE : asked.range
  const groupBy = asked.group && { ...groupByOf(asked.group), first: 2 }
  // As many as there is room for: 121 buckets of an hour, three lines each with groups.
  const measures = groupBy || interval === 'HOUR' ? [...new Set<MeasureName>(['CONVERSATIONS', one])] : names
  const compareTo = 'PREVIOUS_PERIOD'
  const variables = {
    ...{ measures, interval, range, timeZone: zone, filter: asked.filter?.[0], includeTests, groupBy, compareTo },
  }
  const { data, errors } = await ask(SERIES, variables)
  expect(errors, JSON.stringify(variables)).toBeUndefined()
  const lines: Line[] = data.conversationSeries.lines

  const fits = asked.filter?.[1] ?? (() => true)
  const isTest = asked.filter?.[0].isTest
  const tests = isTest ?? includeTests
  const within = (one: StoredConversation, from: string, to: string) =>
    Date.parse(one.startedAt) >= Date.parse(from) && Date.parse(one.startedAt) < Date.parse(to)
  const counting = all.filter(({ isTest }) => tests || !isTest)
  const fitting = counting.filter(fits)
  const keysOf = (one: StoredConversation) =>
    (asked.group ? groupKeys(asked.group, one) : [null]).map((key) => JSON.stringify(key))
  const own = lines.flatMap(({ group }) => (group && !group.isOther ? [JSON.stringify(group.key)] : []))

  for (const { measure, group, total, totalSampleCount, previousTotal, points } of lines) {
    const members = fitting.filter((one) => {
      const keys = keysOf(one)
      return (
        group === null ||
        (group.isOther ? keys.some((key) => !own.includes(key)) : keys.includes(JSON.stringify(group.key)))
      )
    })
    const found = members.filter((one) => within(one, range.from, range.to))
    const expected = [found, ...points.map(({ start, end }) => found.filter((one) => within(one, start, end)))]
    const told = [total, ...points.map(({ value }) => value)]
    const back = (LENGTHS[interval] ?? 0) * points.length
    if (zone === 'UTC' && back > 0) {
      const before = (time: string) => new Date(Date.parse(time) - back).toISOString()
      expected.push(members.filter((one) => within(one, before(range.from), before(range.to))))
      told.push(previousTotal)
    }
    for (const [i, value] of told.entries()) {
      const real = MODEL[measure](expected[i] ?? [], counting)
      if (value === null || real === null || Math.abs(value - real) > 1e-12 * Math.abs(real))
        expect({ measure, i, value }).toEqual({ measure, i, value: real })
    }
    const countOf = COUNTED[measure] ?? MODEL[measure]
    expect({ measure, counts: [totalSampleCount, ...points.map(({ sampleCount }) => sampleCount)] }).toEqual({
      measure,
      counts: expected.slice(0, points.length + 1).map((found) => countOf(found, counting)),
    })
  }
  if (measures.includes('CONVERSATIONS') && !COUNTS_IN_EACH.includes(asked.group ?? '')) {
    const filter = { and: [{ startedAt: range }, asked.filter?.[0] ?? {}, tests ? {} : { isTest: false }] }
    const listed = await ask('query ($filter: ConversationFilter) { conversations(filter: $filter) { totalCount } }', {
      filter,
    })
    const counted = lines
      .filter(({ measure }) => measure === 'CONVERSATIONS')
      .flatMap(({ points }) => points.map(({ value }) => value ?? 0))
    expect(counted.reduce((sum, value) => sum + value, 0)).toBe(listed.data.conversations.totalCount)
  }
}

test('every measure is what the transcripts say, whatever was written and however it is asked for', {
  timeout: 120_000,
}, async () => {
  let runs = 0
  await fc.assert(
    fc.asyncProperty(history, fc.array(question, { minLength: 16, maxLength: 16 }), async (writes, questions) => {
      const { ask } = await server.newTenant()
      await replay(ask, writes)
      const all = await readAll(ask)
      for (const one of questions) await check(ask, all, one)
      // And each filter in turn over everything, where those without one are answered otherwise.
      runs += 1
      const filter = FILTERS[runs % FILTERS.length] ?? null
      await check(ask, all, { ...PLAIN, filter })
    }),
    {
      numRuns: Number(process.env['PROPERTY_RUNS'] ?? 12),
      endOnFailure: true,
    },
  )
})
