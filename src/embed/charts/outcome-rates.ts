import type { SeriesLine, SeriesMeasure } from '../../client/generated/schema-types.ts'

const RATES: readonly SeriesMeasure[] = ['BOT_HANDLED_RATE', 'ESCALATION_RATE', 'FAILED_ESCALATION_RATE']
const WITH_OUTCOME = 'CONVERSATIONS_WITH_OUTCOME'

/** The measures to ask for: with rates of outcomes, also whether there are outcomes. */
export const withOutcomes = (measures: readonly SeriesMeasure[]): SeriesMeasure[] =>
  measures.some((measure) => RATES.includes(measure))
    ? [...new Set([...measures, WITH_OUTCOME] as const)]
    : [...measures]

/** The lines of the measures. If no conversation has an outcome, rates of outcomes are no data instead of 0%. */
export function withoutUnknownRates(lines: readonly SeriesLine[], measures: readonly SeriesMeasure[]): SeriesLine[] {
  const outcomes = lines.find(({ measure }) => measure === WITH_OUTCOME)
  return lines
    .filter(({ measure }) => measures.includes(measure))
    .map((line) => {
      if (!RATES.includes(line.measure)) return line
      return {
        ...line,
        ...(outcomes?.total === 0 && { total: null, points: [] }),
        ...(outcomes?.previousTotal === 0 && { previousTotal: null }),
      }
    })
}
