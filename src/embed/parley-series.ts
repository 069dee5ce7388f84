import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import type { SeriesMeasure } from '../client/generated/schema-types.ts'
import { AttributeError } from './attribute-error.ts'
import { chartStyles } from './charts/chart.css.ts'
import type { Panel } from './charts/chart-model.ts'
import { pointAfter, pointAt } from './charts/chart-pointer.ts'
import { labelWidth, type Size } from './charts/chart-scales.ts'
import type { ActivePoint } from './charts/chart-svg.ts'
import { selectionFilter } from './charts/group-filter.ts'
import { seriesStyles } from './charts/series.css.ts'
import { seriesCsv } from './charts/series-csv.ts'
import { type LoadedSeries, SeriesElement } from './charts/series-element.ts'
import { type PanelOptions, renderPanel, visibleLines } from './charts/series-panel.ts'
import type { SeriesRequest } from './charts/series-request.ts'
import { spokenPoint } from './charts/series-tooltip.ts'
import { type SeriesView, viewOf } from './charts/series-view.ts'
import { values } from './charts/values.css.ts'
import { define } from './define.ts'

/** The point that is pointed at. All charts mark its bucket; the one it is in shows its details. */
interface Active extends ActivePoint {
  measure: SeriesMeasure
  isByKey: boolean
}

const CHARTS = ['auto', 'bar', 'line']

/** `<parley-series>`: measures over time, one chart below the other. */
export class ParleySeries extends SeriesElement {
  static override properties: PropertyDeclarations = {
    interval: {},
    groupBy: { attribute: 'group-by' },
    chart: {},
    height: { type: Number },
    active: { state: true },
    hiddenLines: { state: true },
    tables: { state: true },
    size: { state: true },
  }

  static override styles = [...SeriesElement.styles, values, seriesStyles, chartStyles]

  /** A `SeriesInterval`. Default: one that fits the range. */
  declare interval: string | null
  /** A `SeriesDimension`, or `metadata:` and a key. */
  declare groupBy: string | null
  /** `auto`, `bar` or `line`. */
  declare chart: string
  /** Of each chart, in pixels. Default: the CSS property `--parley-chart-height`, or 220. */
  declare height: number | null
  declare private active: Active | null
  declare private hiddenLines: ReadonlySet<string>
  /** What is shown as a table. */
  declare private tables: ReadonlySet<SeriesMeasure>
  declare private size: Size | null
  #view: SeriesView | null = null
  #observed: Element | null = null
  readonly #observer = new ResizeObserver(() => this.#measure())

  constructor() {
    super()
    this.measures = ['CONVERSATIONS']
    this.interval = null
    this.groupBy = null
    this.chart = 'auto'
    this.height = null
    this.active = null
    this.hiddenLines = new Set()
    this.tables = new Set()
    this.size = null
  }

  /** What is shown, as CSV. Empty as long as nothing is. */
  exportCsv(): string {
    const { loaded } = this
    return loaded ? seriesCsv(this.#viewOf(loaded), (line) => this.hiddenLines.has(line)) : ''
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#observer.disconnect()
    this.#observed = null
  }

  protected request(): SeriesRequest {
    if (!CHARTS.includes(this.chart)) throw new AttributeError('chart', this.chart)
    return this.requestOf(this.interval, this.groupBy)
  }

  protected loadArguments(): readonly unknown[] {
    const { measures, range, compare, includeTests, weekStart, interval, groupBy } = this
    // The kind of chart is not sent, but an invalid one is reported.
    return [String(measures), range, compare, includeTests, weekStart, interval, groupBy, CHARTS.includes(this.chart)]
  }

  protected renderLoaded(loaded: LoadedSeries): TemplateResult {
    const view = this.#viewOf(loaded)
    const { active, size } = this
    const shown = view.panels.map((panel) => ({ panel, lines: visibleLines(panel, this.hiddenLines) }))
    const left = size ? labelWidth(shown, size, view.language) : 0
    const panels = view.panels.map((panel) => renderPanel(panel, this.#optionsOf(panel, view, left)))
    const spoken = active?.isByKey ? this.#spoken(view, active) : ''
    return html`<div class="panels ${this.isLoading ? 'is-stale' : ''}">${panels}</div>
      <p id="help" class="visually-hidden">${this.text('chartHelp')}</p>
      <p class="visually-hidden" role="status">${spoken}</p>`
  }

  /** Empty axes say more than an empty box. */
  protected override renderEmpty(loaded: LoadedSeries): TemplateResult {
    return html`<div class="in-place">
      <div>${this.renderLoaded(loaded)}</div>
      <div class="nothing"><slot name="empty"><p>${this.emptyText()}</p></slot></div>
    </div>`
  }

  protected renderSkeleton(): TemplateResult {
    const measures = String(this.measures).split(',')
    return html`<div class="panels">${measures.map(
      () => html`<div class="panel">
        <div class="head"><span class="skeleton title"></span></div>
        <div class="numbers"><span class="skeleton"></span></div>
        <div class="plot skeleton"></div>
      </div>`,
    )}</div>`
  }

  protected override updated(): void {
    const root = this.renderRoot.querySelector<HTMLElement>('.root')
    if (this.height) root?.style.setProperty('--chart-height', `${this.height}px`)
    else root?.style.removeProperty('--chart-height')
    const plot = this.renderRoot.querySelector('figure .plot')
    if (plot !== this.#observed) {
      this.#observer.disconnect()
      if (plot) this.#observer.observe(plot)
      this.#observed = plot
    }
    this.#placeTooltip()
  }

  #viewOf(loaded: LoadedSeries): SeriesView {
    const { chart, language } = this
    const known = this.#view
    if (known?.loaded === loaded && known.language === language && known.chart === chart && known.texts === this.texts)
      return known
    this.#view = viewOf(loaded, { chart, language, texts: this.texts, text: this.words })
    // Another answer has other points, and maybe other groups.
    if (known?.loaded !== loaded) this.active = null
    return this.#view
  }

  #optionsOf(panel: Panel, view: SeriesView, left: number): PanelOptions {
    const { measure } = panel
    const { active, hiddenLines: hidden, size } = this
    const select = (point: ActivePoint | null, isByKey: boolean) => {
      this.active = point && { ...point, measure, isByKey }
    }
    return {
      ...{ view, size, left, hidden, active, helpId: 'help' },
      isPointedAt: active?.measure === measure,
      isTable: this.tables.has(measure),
      onToggleLine: (line) => {
        this.hiddenLines = toggled(hidden, line)
      },
      onToggleTable: () => {
        this.tables = toggled(this.tables, measure)
      },
      onPointer: (event, axes) => select(pointAt(placeIn(event), axes, panel, visibleLines(panel, hidden)), false),
      onLeave: (event) => {
        // A lifted finger leaves the chart as well, but the details stay.
        if (!(event instanceof PointerEvent && event.pointerType === 'touch')) select(null, false)
      },
      onKey: (event) => this.#onKey(event, panel, view, (point) => select(point, true)),
      onFocus: ({ currentTarget }) => {
        const isByKey = currentTarget instanceof Element && currentTarget.matches(':focus-visible')
        if (isByKey) select(this.#startOf(panel, view), true)
      },
      onSelect: () => this.#select(view, panel),
    }
  }

  #startOf(panel: Panel, view: SeriesView): ActivePoint {
    return { bucket: view.buckets.length - 1, line: visibleLines(panel, this.hiddenLines)[0]?.id ?? null }
  }

  #onKey(event: KeyboardEvent, panel: Panel, view: SeriesView, select: (point: ActivePoint | null) => void) {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === 'Escape') {
      // A dialog that the chart is in stays open.
      if (this.active) event.stopPropagation()
      return select(null)
    }
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault()
      return this.#select(view, panel)
    }
    const start = this.#startOf(panel, view)
    const from = this.active?.measure === panel.measure ? this.active : start
    const next = pointAfter(event.key, from, view.buckets.length, visibleLines(panel, this.hiddenLines))
    if (!next) return
    event.preventDefault()
    select(this.active ? next : start)
  }

  #select(view: SeriesView, { measure, lines }: Panel) {
    const { active } = this
    const bucket = active && view.buckets[active.bucket]
    if (!bucket || active.measure !== measure) return
    const { series, asked } = view.loaded
    const line = lines.find(({ id }) => id === active.line)
    const group = line?.group ?? null
    const { dimension, metadataPath } = asked.groupBy ?? {}
    const by = dimension ? { dimension } : { metadataPath }
    this.emit('parley-select', {
      bucket: { start: bucket.start, end: bucket.end, label: bucket.label },
      group: line && group ? { ...by, key: group.key ?? null, label: view.nameOf(line) } : null,
      measure,
      filter: selectionFilter(asked, series, bucket, group),
    })
  }

  #spoken(view: SeriesView, { measure, line, bucket }: Active): string | typeof nothing {
    const panel = view.panels.find((one) => one.measure === measure)
    const of = panel?.lines.find(({ id }) => id === line)
    return panel && of ? spokenPoint(view, panel, of, bucket, this.nounOf(measure)) : nothing
  }

  #measure() {
    const plot = this.#observed
    if (!(plot instanceof HTMLElement)) return
    const [width, height] = [plot.clientWidth, plot.clientHeight]
    const fontSize = Number.parseFloat(getComputedStyle(plot).fontSize) * 0.82
    const { size } = this
    if (size?.width === width && size.height === height && size.fontSize === fontSize) return
    this.size = width > 0 && height > 0 ? { width, height, fontSize } : null
  }

  /** Beside the bucket, on the side that has room for it. */
  #placeTooltip() {
    const { active, size } = this
    const tooltip = this.renderRoot.querySelector<HTMLElement>('.tooltip')
    const marked = tooltip?.parentElement?.querySelector('rect.active')
    if (!tooltip || !marked || !active || !size) return
    const [from, width] = [Number(marked.getAttribute('x')), Number(marked.getAttribute('width'))]
    const { offsetWidth } = tooltip
    const after = from + width + 8
    const before = from - offsetWidth - 8
    const left = after + offsetWidth <= size.width ? after : before >= 0 ? before : size.width - offsetWidth
    tooltip.style.setProperty('left', `${Math.max(0, Math.min(left, size.width - offsetWidth))}px`)
  }
}

/** In the chart, whatever part of it was hit. */
function placeIn({ clientX, clientY, currentTarget }: PointerEvent) {
  const { left = 0, top = 0 } = currentTarget instanceof Element ? currentTarget.getBoundingClientRect() : {}
  return { offsetX: clientX - left, offsetY: clientY - top }
}

function toggled<Item>(items: ReadonlySet<Item>, item: Item): ReadonlySet<Item> {
  const others = new Set(items)
  if (!others.delete(item)) others.add(item)
  return others
}

define('parley-series', ParleySeries)
