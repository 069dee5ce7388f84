import { html, nothing, svg, type TemplateResult } from 'lit'
import { guard } from 'lit/directives/guard.js'
import type { ChartLine, Panel } from './chart-model.ts'
import { type Axes, axesOf, type Size, xTicksOf } from './chart-scales.ts'
import { type ActivePoint, renderActive, renderAxes, renderMarks } from './chart-svg.ts'
import { renderTable } from './series-table.ts'
import { renderTooltip } from './series-tooltip.ts'
import type { SeriesView } from './series-view.ts'
import { renderChange, renderValue } from './value-template.ts'

/** What a panel is drawn with, and whom it tells what somebody does. */
export interface PanelOptions {
  view: SeriesView
  size: Size | null
  /** Of the labels beside the y axes. */
  left: number
  hidden: ReadonlySet<string>
  active: ActivePoint | null
  /** Whether the details of the active point are shown here. */
  isPointedAt: boolean
  isTable: boolean
  helpId: string
  onToggleLine(line: string): void
  onToggleTable(): void
  onPointer(event: PointerEvent, axes: Axes): void
  onLeave(event: Event): void
  onKey(event: KeyboardEvent): void
  onFocus(event: FocusEvent): void
  onSelect(): void
}

export const visibleLines = ({ lines }: Panel, hidden: ReadonlySet<string>) => lines.filter(({ id }) => !hidden.has(id))

/** One measure: its title and total, and its chart or table. */
export function renderPanel(panel: Panel, options: PanelOptions): TemplateResult {
  const { view, isTable, onToggleTable, hidden } = options
  const { text, loaded } = view
  const name = text(panel.measure)
  const lines = visibleLines(panel, hidden)
  const isCompared = loaded.asked.compareTo !== null
  const table = guard([view, panel, [...hidden].join()], () => renderTable(view, panel, lines))
  return html`<figure class="panel">
    <figcaption class="head">
      <span class="title" part="title" title=${name}>${name}</span>
      ${view.isGrouped && panel.hasTotal ? renderValue(panel.measure, panel.total, view) : nothing}
      <button type="button" class="quiet" aria-label="${isTable ? text('showChart') : text('showTable')}: ${name}" @click=${onToggleTable}>
        ${isTable ? text('showChart') : text('showTable')}
      </button>
    </figcaption>
    ${
      view.isGrouped
        ? renderLegend(panel, options)
        : html`<div class="numbers">
      <span class="total">${renderValue(panel.measure, panel.total, view)}</span>
      ${isCompared ? renderChange(panel.measure, panel.total, panel.previousTotal, view) : nothing}
    </div>`
    }
    ${
      isTable
        ? html`<div class="table" role="region" tabindex="0" aria-label=${text('tableOf', { measure: name })}>${table}</div>`
        : html`${renderPlot(panel, lines, options)}<div class="visually-hidden">${table}</div>`
    }
  </figure>`
}

function renderLegend(panel: Panel, { view, hidden, onToggleLine }: PanelOptions) {
  const button = (line: ChartLine) => html`<button
    type="button"
    aria-pressed=${!hidden.has(line.id)}
    title=${view.nameOf(line)}
    @click=${() => onToggleLine(line.id)}
  ><span class="swatch s${line.color}"></span><span class="name">${view.nameOf(line)}</span>${renderValue(panel.measure, line.total, view)}</button>`
  return html`<div class="legend" part="legend" role="group" aria-label=${view.text('groupsOf', { measure: view.text(panel.measure) })}>
    ${panel.lines.map(button)}
  </div>`
}

function renderPlot(panel: Panel, lines: readonly ChartLine[], options: PanelOptions) {
  const { view, size, active, isPointedAt, helpId } = options
  const { text } = view
  const axes = size && axesOf(panel, lines, size, options.left, view.language)
  return html`<div
    class="plot"
    role="application"
    tabindex="0"
    aria-roledescription=${text('chartRole')}
    aria-label=${text('chartOf', { measure: text(panel.measure) })}
    aria-describedby=${helpId}
    data-measure=${panel.measure}
    @pointermove=${(event: PointerEvent) => axes && options.onPointer(event, axes)}
    @pointerdown=${(event: PointerEvent) => axes && options.onPointer(event, axes)}
    @pointerleave=${options.onLeave}
    @keydown=${options.onKey}
    @focus=${options.onFocus}
    @blur=${options.onLeave}
    @click=${options.onSelect}
  >
    ${axes ? renderSvg(panel, lines, axes, options) : nothing}
    ${active && isPointedAt ? renderTooltip(view, panel, lines, active) : nothing}
  </div>`
}

function renderSvg(
  panel: Panel,
  lines: readonly ChartLine[],
  axes: Axes,
  { view, active, size, left, hidden }: PanelOptions,
) {
  const texts = view.names.map(({ tick }) => tick)
  const still = guard([view, panel, size, left, [...hidden].join()], () => {
    const xTicks = xTicksOf(texts, axes.right - axes.left, axes.fontSize).map((at) => ({ at, text: texts[at] ?? '' }))
    return svg`${renderAxes(axes, xTicks)}${renderMarks(panel, lines, axes)}`
  })
  return html`<svg width=${axes.width} height=${axes.height} aria-hidden="true" focusable="false">
    ${active ? renderActive(axes, panel, lines, active) : nothing}${still}
  </svg>`
}
