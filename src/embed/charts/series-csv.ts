import { type Cell, toCsv } from '../csv.ts'
import type { LoadedSeries } from './series-element.ts'
import type { SeriesView } from './series-view.ts'

/** The columns that name what was asked for. */
const CONTEXT = ['rangeFrom', 'rangeTo', 'timeZone', 'interval', 'includeTests', 'filter']

const contextOf = ({ series: { from, to, timeZone, interval }, asked }: LoadedSeries): Cell[] => [
  ...[from, to, timeZone, interval, asked.includeTests],
  asked.filter && JSON.stringify(asked.filter),
]

/** One row for each measure, group and bucket that is shown, with exact values. */
export function seriesCsv(view: SeriesView, isHidden: (line: string) => boolean): string {
  const { loaded, panels, buckets, isGrouped } = view
  const isCompared = loaded.asked.compareTo !== null
  const [context, previousPoints] = [contextOf(loaded), loaded.series.lines[0]?.previousPoints ?? []]
  const header = [
    ...['measure', ...(isGrouped ? ['group'] : []), 'bucket', 'start', 'end', 'isPartial', 'value', 'sampleCount'],
    ...(isCompared ? ['previousBucket', 'previousValue'] : []),
  ]
  const rows = panels.flatMap(({ measure, lines }) => {
    const asSent = loaded.series.lines.filter((line) => line.measure === measure)
    return lines.flatMap((line, index): Cell[][] => {
      if (isHidden(line.id)) return []
      return buckets.map(({ label, start, end, isPartial }, at) => [
        ...[measure, ...(isGrouped ? [view.nameOf(line)] : []), label, start, end, isPartial],
        ...[line.points[at]?.value, asSent[index]?.points[at]?.sampleCount],
        ...(isCompared ? [previousPoints[at]?.label, line.previous?.[at]] : []),
        ...context,
      ])
    })
  })
  return toCsv([[...header, ...CONTEXT], ...rows])
}

/** One row for each measure, with its exact totals. */
export function metricsCsv(loaded: LoadedSeries): string {
  const isCompared = loaded.asked.compareTo !== null
  const header = ['measure', 'value', 'sampleCount', ...(isCompared ? ['previousValue'] : [])]
  const rows = loaded.series.lines.map(({ measure, total, totalSampleCount, previousTotal }): Cell[] => [
    ...[measure, total, totalSampleCount, ...(isCompared ? [previousTotal] : [])],
    ...contextOf(loaded),
  ])
  return toCsv([[...header, ...CONTEXT], ...rows])
}
