import { line } from 'd3-shape'
import { html, nothing, svg, type TemplateResult } from 'lit'
import type { SeriesPoint } from '../client/generated/schema-types.ts'

const [WIDTH, HEIGHT, EDGE] = [100, 32, 2]

/** A line without axes. It is stretched to the width of its tile, but its stroke is not. */
export function renderSparkline(points: readonly SeriesPoint[]): TemplateResult {
  const values = points.flatMap(({ value }) => value ?? [])
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)]
  const x = (at: number) => (points.length > 1 ? (at / (points.length - 1)) * WIDTH : WIDTH / 2)
  const y = (value: number) => HEIGHT - EDGE - ((value - low) / (high - low || 1)) * (HEIGHT - 2 * EDGE)
  const path = line<SeriesPoint>()
    .defined(({ value }) => value != null)
    .x((_, at) => x(at))
    .y(({ value }) => y(value ?? 0))
  const isLast = (at: number) => at === points.length - 1 && (points[at]?.isPartial ?? false)
  const whole = path.defined(({ value }, at) => value != null && !isLast(at))([...points])
  const ending = path.defined(({ value }, at) => value != null && at >= points.length - 2)([...points])
  return html`<svg class="sparkline" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true" focusable="false">
    <path class="spark" d=${whole ?? ''}></path>
    ${isLast(points.length - 1) ? svg`<path class="spark partial" d=${ending ?? ''}></path>` : nothing}
  </svg>`
}
