import { html, nothing, type TemplateResult } from 'lit'
import { formatValue } from '../format.ts'
import type { ChartLine, Panel } from './chart-model.ts'
import type { ActivePoint } from './chart-svg.ts'
import { MEASURES } from './measures.ts'
import { lineName, type SeriesView } from './series-view.ts'
import { renderValue } from './value-template.ts'

/** The details of the active point. */
export function renderTooltip(
  view: SeriesView,
  panel: Panel,
  lines: readonly ChartLine[],
  active: ActivePoint,
): TemplateResult {
  const { text, names, previousNames, buckets } = view
  const before = previousNames?.[active.bucket]
  const value = (number: number | null | undefined) => renderValue(panel.measure, number ?? null, view)
  const row = (line: ChartLine) => html`<tr class=${view.isGrouped && line.id === active.line ? 'is-active' : ''}>
    <td><span class="swatch s${line.color}"></span></td>
    <td class="name">${lineName(view, line, panel)}</td>
    <td>${value(line.points[active.bucket]?.value)}</td>
    ${line.previous ? html`<td class="was">${value(line.previous[active.bucket])}</td>` : nothing}
  </tr>`
  return html`<div class="tooltip" part="tooltip" aria-hidden="true">
    <div class="when">${names[active.bucket]?.name}</div>
    ${buckets[active.bucket]?.isPartial ? html`<div class="was">${text('partialLong')}</div>` : nothing}
    <table>${lines.map(row)}</table>
    ${before ? html`<div class="was">${text('comparedWith', { bucket: before.name })}</div>` : nothing}
  </div>`
}

/** The same for screen readers: "8 March: 12 conversations, partial". */
export function spokenPoint(view: SeriesView, panel: Panel, line: ChartLine, bucket: number, noun: string): string {
  const { text, language, names, previousNames, buckets, isGrouped } = view
  const value = line.points[bucket]?.value ?? null
  const said = (number: number | null) =>
    number === null ? text('noData') : formatValue(panel.measure, number, language)
  // "1 conversations" is not English.
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
