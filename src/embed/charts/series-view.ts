import type { SeriesGroup, SeriesPoint } from '../../client/generated/schema-types.ts'
import type { Text, Texts } from '../texts.ts'
import { type BucketName, bucketNames } from './bucket-names.ts'
import { type ChartLine, type Panel, panelsOf } from './chart-model.ts'
import { groupNames } from './group-names.ts'
import type { LoadedSeries } from './series-element.ts'

/** A loaded series as it is shown: what its charts, buckets and groups are called. */
export interface SeriesView {
  loaded: LoadedSeries
  panels: Panel[]
  buckets: readonly SeriesPoint[]
  names: BucketName[]
  /** Of the previous period; null without one. */
  previousNames: BucketName[] | null
  nameOf(line: ChartLine): string
  isGrouped: boolean
  /** What it was made with. */
  chart: string
  language: string
  texts: Partial<Texts> | null
  text: Text
}

export function viewOf(
  loaded: LoadedSeries,
  options: Pick<SeriesView, 'chart' | 'language' | 'texts' | 'text'>,
): SeriesView {
  const { chart, language, text } = options
  const { series, asked } = loaded
  const { groupBy = null, measures } = asked
  const [first] = series.lines
  const buckets = first?.points ?? []
  const previous = first?.previousPoints ?? null
  const named = (points: readonly Pick<SeriesPoint, 'start'>[], end: string) => {
    const whole = points.map(({ start }, at) => ({ start, end: points[at + 1]?.start ?? end }))
    return bucketNames(whole, series, language, (quarter, year) => text('quarter', { quarter, year }))
  }
  const panels = panelsOf(series, measures, groupBy, chart)
  const groups = namesById(panels, (all) => groupNames(all, groupBy?.dimension, text, language))
  return {
    loaded,
    panels,
    buckets,
    names: named(buckets, buckets.at(-1)?.end ?? series.to),
    previousNames: previous && named(previous, buckets[0]?.start ?? series.from),
    nameOf: ({ id }) => groups.get(id) ?? text('total'),
    isGrouped: groupBy !== null,
    ...options,
  }
}

/** The names of all groups, by the ids of their lines. */
function namesById(panels: readonly Panel[], namesOf: (groups: SeriesGroup[]) => string[]): Map<string, string> {
  const groups = new Map(
    panels.flatMap(({ lines }) => lines.flatMap(({ id, group }) => (group ? [[id, group] as const] : []))),
  )
  const names = namesOf([...groups.values()])
  return new Map([...groups.keys()].map((id, at) => [id, names[at] ?? '']))
}

/** What one line of a chart is called. */
export const lineName = (view: SeriesView, line: ChartLine, panel: Panel): string =>
  view.isGrouped ? view.nameOf(line) : view.text(panel.measure)
