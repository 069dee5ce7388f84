import { html, nothing, type TemplateResult } from 'lit'
import type { ChartLine, Panel } from './chart-model.ts'
import { lineName, type SeriesView } from './series-view.ts'
import { renderValue } from './value-template.ts'

/** The numbers of a chart. Those of the previous period stand beside those that they are compared with. */
export function renderTable(view: SeriesView, panel: Panel, lines: readonly ChartLine[]): TemplateResult {
  const { text, names, previousNames, buckets } = view
  const value = (number: number | null) => html`<td>${renderValue(panel.measure, number, view)}</td>`
  const previousName = (line: ChartLine) => text('previousOf', { name: lineName(view, line, panel) })
  return html`<table>
    <caption class="visually-hidden">${text('tableOf', { measure: text(panel.measure) })}</caption>
    <thead>
      <tr>
        <th scope="col">${text('period')}</th>
        ${lines.map((line) => html`<th scope="col">${lineName(view, line, panel)}</th>${line.previous ? html`<th scope="col">${previousName(line)}</th>` : nothing}`)}
      </tr>
    </thead>
    <tbody>
      ${names.map(
        ({ name }, at) => html`<tr>
          <th scope="row">${name}${buckets[at]?.isPartial ? html` <span class="tag">${text('partial')}</span>` : nothing}${
            previousNames?.[at] ? html`<span class="was"> ${previousNames[at].name}</span>` : nothing
          }</th>
          ${lines.map(({ points, previous }) => html`${value(points[at]?.value ?? null)}${previous ? value(previous[at] ?? null) : nothing}`)}
        </tr>`,
      )}
    </tbody>
    <tfoot>
      <tr>
        <th scope="row">${text('total')}</th>
        ${lines.map(({ total, previousTotal, previous }) => html`${value(total)}${previous ? value(previousTotal) : nothing}`)}
      </tr>
    </tfoot>
  </table>`
}
