import { html, nothing, type TemplateResult } from 'lit'
import type { SeriesLine } from '../client/generated/schema-types.ts'
import { metricsStyles } from './charts/metrics.css.ts'
import { withOutcomes, withoutUnknownRates } from './charts/outcome-rates.ts'
import { metricsCsv } from './charts/series-csv.ts'
import { type LoadedSeries, SeriesElement } from './charts/series-element.ts'
import type { SeriesRequest } from './charts/series-request.ts'
import { renderSparkline } from './charts/sparkline.ts'
import { renderChange, renderValue } from './charts/value-template.ts'
import { values } from './charts/values.css.ts'
import { define } from './define.ts'
import type { SharedSession, Viewer } from './shared-session.ts'

const DEFAULT_MEASURES = [
  ...['CONVERSATIONS', 'END_USERS', 'BOT_HANDLED_RATE', 'ESCALATION_RATE', 'SENTIMENT_MEAN', 'DURATION_MEAN'],
]

/** `compare="false"` turns it off: removing the attribute can't, because the default is true. */
const trueByDefault = { fromAttribute: (value: string | null) => value !== 'false' }

/** `<parley-metrics>`: the total of each measure, with its change and a sparkline. */
export class ParleyMetrics extends SeriesElement {
  static override properties = { compare: { converter: trueByDefault } }

  static override styles = [...SeriesElement.styles, values, metricsStyles]

  constructor() {
    super()
    this.measures = DEFAULT_MEASURES
    this.compare = true
  }

  /** What is shown, as CSV. Empty as long as nothing is. */
  exportCsv(): string {
    return this.loaded ? metricsCsv(this.loaded) : ''
  }

  protected request(): SeriesRequest {
    const request = this.requestOf(null, null)
    return { ...request, measures: withOutcomes(request.measures) }
  }

  protected override async load(shared: SharedSession, viewer: Viewer, signal: AbortSignal): Promise<LoadedSeries> {
    const { measures } = this.requestOf(null, null)
    const { series, asked } = await super.load(shared, viewer, signal)
    return { series: { ...series, lines: withoutUnknownRates(series.lines, measures) }, asked }
  }

  protected loadArguments(): readonly unknown[] {
    return [String(this.measures), this.range, this.compare, this.includeTests, this.weekStart]
  }

  protected renderLoaded({ series: { lines }, asked }: LoadedSeries): TemplateResult {
    const isCompared = asked.compareTo !== null
    return html`<dl class="tiles of-${lines.length} ${this.isLoading ? 'is-stale' : ''}">${lines.map((line) => this.#tile(line, isCompared))}</dl>`
  }

  /** Zeros already say that there is nothing. */
  protected override renderEmpty(loaded: LoadedSeries): TemplateResult {
    return html`${this.renderLoaded(loaded)}<slot name="empty"></slot>`
  }

  protected renderSkeleton(): TemplateResult {
    const measures = String(this.measures).split(',')
    const bar = html`<span class="skeleton"></span>`
    const tile = html`<div class="tile">
      <div class="dt">${bar}</div>
      <div class="total">${bar}</div>
      ${this.compare ? html`<div><span class="change"></span></div>` : nothing}
      <div><div class="sparkline"></div></div>
    </div>`
    return html`<div class="tiles of-${measures.length}">${measures.map(() => tile)}</div>`
  }

  #tile({ measure, total = null, previousTotal = null, points }: SeriesLine, isCompared: boolean) {
    const reader = { language: this.language, text: this.words }
    return html`<div class="tile" part="tile">
      <dt part="title" title=${this.text(measure)}>${this.text(measure)}</dt>
      <dd class="total">${renderValue(measure, total, reader)}</dd>
      ${isCompared ? html`<dd>${renderChange(measure, total, previousTotal, reader)}</dd>` : nothing}
      <dd>${renderSparkline(points)}</dd>
    </div>`
  }
}

define('parley-metrics', ParleyMetrics)
