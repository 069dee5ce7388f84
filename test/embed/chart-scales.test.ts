import { expect, test } from 'vitest'
import type { SeriesMeasure } from '../../src/client/generated/schema-types.ts'
import { ticksOf, xTicksOf } from '../../src/embed/charts/chart-scales.ts'
import { linePath } from '../../src/embed/charts/line-path.ts'
import { parseAttributes } from '../../src/embed/charts/series-request.ts'

test.each<[SeriesMeasure, number, number, number[]]>([
  ['CONVERSATIONS', 0, 17, [0, 5, 10, 15, 20]],
  ['CONVERSATIONS', 0, 1, [0, 1]],
  ['CONVERSATIONS', 0, 0, [0, 1]],
  ['TURNS_MEAN', 0, 1, [0, 0.5, 1]],
  ['SENTIMENT_MEAN', -0.3, 0.3, [-0.4, -0.2, 0, 0.2, 0.4]],
  ['RATING_SUM', -3, 1, [-3, -2, -1, 0, 1]],
  ['DURATION_MEAN', 0, 100_000, [0, 30_000, 60_000, 90_000, 120_000]],
  ['DURATION_SUM', 0, 40_000_000, [0, 10_800_000, 21_600_000, 32_400_000, 43_200_000]],
  ['COST_MEAN', 0, 0.003, [0, 0.001, 0.002, 0.003]],
])('the axis of %s from %s to %s has round values that cover it', (measure, min, max, expected) => {
  expect(ticksOf(measure, min, max, 4)).toEqual(expected)
})

test('labels that do not fit are left out, evenly', () => {
  const days = Array.from({ length: 30 }, (_, day) => `${day + 1} Nov`)
  const every = (width: number) => {
    const [first = 0, second = 0] = xTicksOf(days, width, 11.5)
    expect(first).toBe(0)
    return second
  }
  expect([every(1_900), every(1_180), every(310), every(120)]).toEqual([1, 2, 6, 24])
})

test('a line has a gap where there is nothing', () => {
  expect(linePath([[0, 1], [10, 2.004], null, [30, 4], null])).toBe('M0,1L10,2M30,4')
})

test.each([
  ['today', 'HOUR'],
  ['last-30-days', 'DAY'],
  ['this-year', 'MONTH'],
  ['2026-03-01/2026-03-02', 'HOUR'],
  ['2026-01-01/2026-04-01', 'DAY'],
  ['2026-01-01/2026-06-01', 'WEEK'],
  ['2024-01-01/2026-01-01', 'MONTH'],
  ['2010-01-01/2026-01-01', 'YEAR'],
  ['/2026-01-01', 'DAY'],
])('the usual interval of %s is %s', (range, interval) => {
  const attributes = { measures: 'messages, CONVERSATIONS,MESSAGES', groupBy: 'metadata:crm.plan', weekStart: 'sunday' }
  const asked = parseAttributes({ ...attributes, range, interval: null, compare: false, includeTests: false })
  expect(asked).toEqual({
    ...{ measures: ['MESSAGES', 'CONVERSATIONS'], interval, weekStart: 'SUNDAY', compareTo: null, includeTests: false },
    groupBy: { metadataPath: ['crm', 'plan'] },
  })
})
