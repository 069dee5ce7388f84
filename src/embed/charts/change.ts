import type { SeriesMeasure } from '../../client/generated/schema-types.ts'
import { formatNumber, formatValue, percent } from '../format.ts'
import { MEASURES } from './measures.ts'

/** How a total differs from that of the previous period. */
export interface Change {
  direction: 'MORE' | 'LESS' | 'SAME' | 'NEAR'
  tone: 'good' | 'bad' | 'neutral'
  /** How much, without a sign. Percentage points for a share. */
  amount: string
  isPoints: boolean
}

/** Null if there is nothing to compare. Shares change by points, scores by their difference, all others in percent. */
export function changeOf(
  measure: SeriesMeasure,
  value: number | null | undefined,
  previous: number | null | undefined,
  language: string,
): Change | null {
  if (value == null || previous == null) return null
  const { unit, moreIs } = MEASURES[measure]
  const isPoints = unit === 'RATIO'
  if (value === previous) return { direction: 'SAME', tone: 'neutral', amount: '', isPoints }
  const difference = Math.abs(value - previous)
  const amount = amountOf(measure, difference, previous, language)
  const isAlike = formatValue(measure, value, language) === formatValue(measure, previous, language)
  // An arrow would contradict a change that is shown as 0, or two values that look alike.
  if (isAlike || amount === amountOf(measure, 0, previous, language))
    return { direction: 'NEAR', tone: 'neutral', amount, isPoints }
  const isMore = value > previous
  const tone = moreIs === null ? 'neutral' : (moreIs === 'GOOD') === isMore ? 'good' : 'bad'
  return { direction: isMore ? 'MORE' : 'LESS', tone, amount, isPoints }
}

function amountOf(measure: SeriesMeasure, difference: number, previous: number, language: string): string {
  const { unit } = MEASURES[measure]
  if (unit === 'RATIO') return formatNumber(Math.round(difference * 1_000) / 10, language)
  if (unit === 'SCORE') return formatValue(measure, difference, language).replace(/^\+/, '')
  // Nothing is no percentage of nothing.
  if (previous === 0) return formatValue(measure, difference, language)
  const share = difference / Math.abs(previous)
  return percent(share, language, share < 0.1 ? 1 : 0)
}
