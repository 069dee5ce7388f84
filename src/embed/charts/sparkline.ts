import { html, nothing, svg, type TemplateResult } from 'lit'
import type { SeriesPoint } from '../../client/generated/schema-types.ts'
import { type LinePoint, linePath } from './line-path.ts'

const [WIDTH, HEIGHT, EDGE] = [100, 32, 2]

/** A line without axes. It stretches to the width of its tile; its stroke keeps its width. */
export function renderSparkline(points: readonly SeriesPoint[]): TemplateResult {
  const values = points.flatMap(({ value }) => value ?? [])
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)]
  const x = (at: number) => (points.length > 1 ? (at / (points.length - 1)) * WIDTH : WIDTH / 2)
  const y = (value: number) => HEIGHT - EDGE - ((value - low) / (high - low || 1)) * (HEIGHT - 2 * EDGE)
  const places = points.map(({ value }, at): LinePoint => (value == null ? null : [x(at), y(value)]))
  // The last bucket is often not over yet.
  const isPartial = points.at(-1)?.isPartial ?? false
  return html`<svg class="sparkline" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true" focusable="false">
    <path class="spark" d=${linePath(isPartial ? places.slice(0, -1) : places)}></path>
    ${isPartial ? svg`<path class="spark partial" d=${linePath(places.slice(-2))}></path>` : nothing}
  </svg>`
}
