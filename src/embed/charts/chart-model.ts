import type {
  ConversationSeries,
  SeriesDimension,
  SeriesGroup,
  SeriesGroupBy,
  SeriesMeasure,
} from '../../client/generated/schema-types.ts'
import { MEASURES } from './measures.ts'

export type ChartKind = 'BARS' | 'STACK' | 'LINES'

/** A value of a bucket, as far as a chart needs it. */
export interface ChartPoint {
  value: number | null
  isPartial: boolean
}

export interface ChartLine {
  /** Of all lines: what is hidden in one chart is hidden in all. */
  id: string
  /** From 1: which of the series colours it has. */
  color: number
  group: SeriesGroup | null
  points: readonly ChartPoint[]
  previous: readonly (number | null)[] | null
  total: number | null
  previousTotal: number | null
}

export interface Panel {
  measure: SeriesMeasure
  kind: ChartKind
  lines: readonly ChartLine[]
  /** Null if unknown: the means of groups don't give a common mean. */
  total: number | null
  previousTotal: number | null
  hasTotal: boolean
}

const COLORS = 8

/** Groups of which one conversation can be in several. */
const MANY_PER_CONVERSATION: ReadonlySet<SeriesDimension> = new Set([
  ...(['AGENT', 'LABEL', 'TOOL_NAME', 'EVENT_NAME', 'ANALYSIS_TAG'] as const),
])

/** One chart for each measure. */
export function panelsOf(
  { lines }: ConversationSeries,
  measures: readonly SeriesMeasure[],
  groupBy: SeriesGroupBy | null,
  chart: string,
): Panel[] {
  return measures.map((measure) => {
    const own = lines
      .filter((line) => line.measure === measure)
      .map((line, at): ChartLine => {
        const group = line.group ?? null
        return {
          id: group ? `${group.isOther} ${JSON.stringify(group.key)}` : '',
          color: group?.isOther ? COLORS : (at % (groupBy ? COLORS - 1 : COLORS)) + 1,
          group,
          points: line.points.map(({ value, isPartial }) => ({ value: value ?? null, isPartial })),
          previous: line.previousPoints?.map(({ value }) => value ?? null) ?? null,
          total: line.total ?? null,
          previousTotal: line.previousTotal ?? null,
        }
      })
    const isPartition = !groupBy?.dimension || !MANY_PER_CONVERSATION.has(groupBy.dimension)
    const canStack = isPartition && MEASURES[measure].addsUp
    const [first] = own
    const isWhole = !groupBy
    return {
      measure,
      kind: kindOf(measure, chart, groupBy !== null, canStack),
      lines: own,
      hasTotal: isWhole || canStack,
      total: isWhole ? (first?.total ?? null) : canStack ? sumOf(own.map(({ total }) => total)) : null,
      previousTotal: isWhole
        ? (first?.previousTotal ?? null)
        : canStack
          ? sumOf(own.map(({ previousTotal }) => previousTotal))
          : null,
    }
  })
}

function kindOf(measure: SeriesMeasure, chart: string, isGrouped: boolean, canStack: boolean): ChartKind {
  if (chart === 'line') return 'LINES'
  if (!isGrouped) return chart === 'bar' || MEASURES[measure].isSum ? 'BARS' : 'LINES'
  if (canStack) return 'STACK'
  return chart === 'bar' ? 'BARS' : 'LINES'
}

const sumOf = (values: readonly (number | null)[]): number | null =>
  values.reduce((sum, value) => (value === null ? sum : (sum ?? 0) + value), null)
