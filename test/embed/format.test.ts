import { expect, test } from 'vitest'
import type { SeriesMeasure } from '../../src/client/generated/schema-types.ts'
import { changeOf } from '../../src/embed/charts/change.ts'
import { formatDuration, formatTick, formatValue } from '../../src/embed/format.ts'

/** Spaces that do not break are as good as others. */
const plain = (text: string) => text.replaceAll(/[\u00a0\u202f]/g, ' ')

test.each<[SeriesMeasure, number | null, string, string]>([
  ['CONVERSATIONS', 1_234_567, 'en', '1,234,567'],
  ['CONVERSATIONS', 1_234_567, 'de', '1.234.567'],
  ['CONVERSATIONS', 0, 'en', '0'],
  ['TURNS_MEAN', 2.345, 'en', '2.35'],
  ['BOT_HANDLED_RATE', 0.4567, 'en', '45.7%'],
  ['BOT_HANDLED_RATE', 0.4567, 'de', '45,7 %'],
  ['BOT_HANDLED_RATE', 1, 'en', '100.0%'],
  ['SENTIMENT_MEAN', 0.256, 'en', '+0.26'],
  ['SENTIMENT_MEAN', -0.5, 'en', '-0.50'],
  ['SENTIMENT_MEAN', -0.001, 'en', '0.00'],
  ['RATING_SUM', -12, 'en', '-12'],
  ['COST_SUM', 1234.5, 'en', '$1,234.50'],
  ['COST_MEAN', 0.0123, 'en', '$0.0123'],
  ['COST_MEAN', 0.000012, 'en', '$0.000012'],
  ['COST_SUM', 0, 'en', '$0.00'],
  ['DURATION_MEAN', 200_000, 'en', '3 min 20 s'],
  ['SENTIMENT_MEAN', null, 'en', '–'],
])('%s %s in %s is %s', (measure, value, language, expected) => {
  expect(plain(formatValue(measure, value, language))).toBe(expected)
})

test.each([
  [0, '0 ms'],
  [1.5, '1.5 ms'],
  [450, '450 ms'],
  [999.4, '999 ms'],
  [999.6, '1 s'],
  [1_000, '1 s'],
  [1_234, '1.2 s'],
  [59_949, '59.9 s'],
  [59_950, '1 min'],
  [60_000, '1 min'],
  [3_599_400, '59 min 59 s'],
  [3_599_600, '1 h'],
  [7_500_000, '2 h 5 min'],
  [86_369_000, '23 h 59 min'],
  [86_370_000, '1 d'],
  [86_399_000, '1 d'],
  [86_400_000, '1 d'],
  [183_600_000, '2 d 3 h'],
  [-200_000, '-3 min 20 s'],
])('%s milliseconds are %s', (milliseconds, expected) => {
  expect(plain(formatDuration(milliseconds, 'en'))).toBe(expected)
})

test('a script of its own has words of its own for durations', () => {
  expect(plain(formatDuration(200_000, 'ja'))).toBe('3 分 20 秒')
  expect(plain(formatDuration(1_234, 'de'))).toBe('1,2 s')
})

test.each<[SeriesMeasure, number, string]>([
  ['CONVERSATIONS', 1_200, '1.2K'],
  ['BOT_HANDLED_RATE', 0.25, '25%'],
  ['SENTIMENT_MEAN', 0.5, '+0.5'],
  ['COST_SUM', 0.05, '$0.05'],
  ['COST_SUM', 0.2, '$0.20'],
  ['COST_SUM', 2_000_000, '$2M'],
  ['DURATION_MEAN', 0, '0'],
  ['DURATION_MEAN', 120_000, '2 min'],
])('beside an axis %s %s is %s', (measure, value, expected) => {
  expect(plain(formatTick(measure, value, 'en'))).toBe(expected)
})

test.each<[SeriesMeasure, number | null, number | null, object | null]>([
  ['CONVERSATIONS', 112, 100, { direction: 'MORE', amount: '12%', tone: 'neutral' }],
  ['CONVERSATIONS', 99, 100, { direction: 'LESS', amount: '1.0%' }],
  ['CONVERSATIONS', 5, 0, { direction: 'MORE', amount: '5' }],
  ['CONVERSATIONS', 0, 0, { direction: 'SAME' }],
  ['CONVERSATIONS', 100_000, 100_001, { direction: 'NEAR', tone: 'neutral' }],
  ['CONVERSATIONS', null, 5, null],
  ['SENTIMENT_MEAN', 0.1, null, null],
  ['SENTIMENT_MEAN', 0.354, 0.346, { direction: 'NEAR', tone: 'neutral' }],
  ['SENTIMENT_MEAN', -0.5, -0.25, { direction: 'LESS', amount: '0.25', tone: 'bad' }],
  ['ESCALATION_RATE', 0.301, 0.28, { direction: 'MORE', amount: '2.1', isPoints: true, tone: 'bad' }],
  ['BOT_HANDLED_RATE', 0.301, 0.28, { direction: 'MORE', amount: '2.1', tone: 'good' }],
  ['DURATION_MEAN', 90_000, 60_000, { direction: 'MORE', amount: '50%', tone: 'neutral' }],
])('%s %s after %s', (measure, value, previous, expected) => {
  const change = changeOf(measure, value, previous, 'en')
  if (expected === null) expect(change).toBe(null)
  else expect(change).toMatchObject(expected)
})
