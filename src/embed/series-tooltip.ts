import { html, nothing, type TemplateResult } from 'lit'
import type { ChartLine, Panel } from './chart-model.ts'
import type { ActivePoint } from './chart-svg.ts'
import { formatValue } from './format.ts'
import { MEASURES } from './measures.ts'
import { lineName, type SeriesView } from './series-view.ts'
import { renderValue } from './value-template.ts'

/** What is said of the point that is pointed at, for those who see it. */
export function renderTooltip(
  view: SeriesView,
  panel: Panel,
  lines: readonly ChartLine[],
  active: ActivePoint,
): TemplateResult {
  const { text, names, previousNames, buckets } = view
  const before = previousNames?.[active.bucket]
  const row = (
    line: ChartLine,
  ) => html`<div class="row ${view.isGrouped && line.id === active.line ? 'is-active' : ''}">
    <span class="swatch s${line.color}"></span>
    <span class="name">${lineName(view, line, panel)}</span>
    ${renderValue(panel.measure, line.points[active.bucket]?.value ?? null, view)}
  </div>`
  const previousRow = (line: ChartLine) => html`<div class="row">
    <span class="name">${view.isGrouped ? view.nameOf(line) : before?.name}</span>
    <span class="was">${renderValue(panel.measure, line.previous?.[active.bucket] ?? null, view)}</span>
  </div>`
  return html`<div class="tooltip" part="tooltip" aria-hidden="true">
    <div class="when">${names[active.bucket]?.name}${buckets[active.bucket]?.isPartial ? html` <span class="tag">· ${text('partialLong')}</span>` : nothing}</div>
    ${lines.map(row)}
    ${before && view.isGrouped ? html`<div class="was">${before.name}</div>` : nothing}
    ${before ? lines.map(previousRow) : nothing}
  </div>`
}

/** The same, to be read aloud: "8 March: 12 conversations, partial". */
export function spokenPoint(view: SeriesView, panel: Panel, line: ChartLine, bucket: number, noun: string): string {
  const { text, language, names, previousNames, buckets, isGrouped } = view
  const value = line.points[bucket]?.value ?? null
  const said = (number: number | null) =>
    number === null ? text('noData') : formatValue(panel.measure, number, language)
  // "1 conversations" is no English.
  const isCounted =
    MEASURES[panel.measure].isSum && MEASURES[panel.measure].unit !== 'MILLISECONDS' && value !== 1 && value !== null
  const parts = [
    text(isCounted ? 'pointOfCount' : 'point', {
      bucket: names[bucket]?.spoken ?? '',
      measure: noun,
      value: said(value),
    }),
    ...(buckets[bucket]?.isPartial ? [text('partial')] : []),
    ...(previousNames?.[bucket] ? [`${previousNames[bucket].spoken}: ${said(line.previous?.[bucket] ?? null)}`] : []),
  ]
  return `${isGrouped ? `${view.nameOf(line)}, ` : ''}${parts.join(', ')}`
}
