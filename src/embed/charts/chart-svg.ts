import { nothing, svg, type TemplateResult } from 'lit'
import type { ChartLine, ChartPoint, Panel } from './chart-model.ts'
import type { Axes } from './chart-scales.ts'
import { type LinePoint, linePath } from './line-path.ts'

/** With more lines than this, only the one that is pointed at is compared: nobody could follow twice as many. */
const MOST_COMPARED = 2

export interface ActivePoint {
  bucket: number
  /** The line's id. */
  line: string | null
}

/** Grid and labels of the axes. */
export function renderAxes(axes: Axes, xTicks: readonly { at: number; text: string }[]): TemplateResult {
  const { x, y, left, right, bottom, yTicks } = axes
  return svg`
    ${yTicks.map(
      ({ value, text }) => svg`
        <line class=${value === 0 ? 'zero' : 'grid'} x1=${left} x2=${right} y1=${crisp(y(value))} y2=${crisp(y(value))}></line>
        <text class="tick" x=${left - 8} y=${y(value)} dy="0.32em" text-anchor="end">${text}</text>`,
    )}
    ${xTicks.map(({ at, text }) => {
      return svg`<text class="tick" x=${x.center(at)} y=${bottom + 18} text-anchor="middle">${text}</text>`
    })}`
}

/** The bars or lines of the visible groups, over those of the previous period. */
export function renderMarks({ kind }: Panel, lines: readonly ChartLine[], axes: Axes): TemplateResult {
  if (kind === 'LINES') {
    const previous = lines.length <= MOST_COMPARED ? lines.map((one) => renderPrevious(one, axes)) : nothing
    return svg`${previous}${lines.map((one) => renderLine(one, axes))}`
  }
  return kind === 'STACK' ? renderStack(lines, axes) : renderBars(lines, axes)
}

/** What is pointed at. */
export function renderActive(axes: Axes, panel: Panel, lines: readonly ChartLine[], active: ActivePoint) {
  const { x, y, top, bottom } = axes
  const band = svg`<rect class="active" x=${x.center(active.bucket) - x.step / 2} width=${x.step} y=${top} height=${bottom - top} rx="3"></rect>`
  if (panel.kind !== 'LINES') return band
  const dots = lines.map(({ points, color, id }) => {
    const value = points[active.bucket]?.value ?? null
    if (value === null) return nothing
    const radius = id === active.line ? 5 : 3.5
    return svg`<circle class="dot s${color}" cx=${x.center(active.bucket)} cy=${y(value)} r=${radius}></circle>`
  })
  const pointedAt = lines.length > MOST_COMPARED ? lines.find(({ id }) => id === active.line) : undefined
  return svg`${band}${pointedAt ? renderPrevious(pointedAt, axes) : nothing}${dots}`
}

function renderBars(lines: readonly ChartLine[], { x, y }: Axes): TemplateResult {
  const slot = x.width / Math.max(1, lines.length)
  return svg`${lines.map(({ points, previous, color }, index) =>
    points.map(({ value, isPartial }, bucket) => {
      const start = x.start(bucket) + slot * index
      const before = previous?.[bucket] ?? null
      const inset = previous ? slot * 0.2 : 0
      return svg`
        ${before ? bar(start, slot, y(0), y(before), `previous s${color}`) : nothing}
        ${value ? bar(start + inset, slot - 2 * inset, y(0), y(value), `bar s${color}${isPartial ? ' partial' : ''}`) : nothing}`
    }),
  )}`
}

function renderStack(lines: readonly ChartLine[], { x, y }: Axes): TemplateResult {
  const { width } = x
  const buckets = lines[0]?.points.length ?? 0
  return svg`${Array.from({ length: buckets }, (_, bucket) => {
    const start = x.start(bucket)
    const before = lines.reduce((sum, { previous }) => sum + (previous?.[bucket] ?? 0), 0)
    const inset = lines[0]?.previous ? width * 0.2 : 0
    let below = 0
    return svg`
      ${before ? bar(start, width, y(0), y(before), 'previous whole') : nothing}
      ${lines.map(({ points, color }) => {
        const { value, isPartial } = points[bucket] ?? NOTHING
        if (!value) return nothing
        const from = y(below)
        below += value
        return bar(start + inset, width - 2 * inset, from, y(below), `bar s${color}${isPartial ? ' partial' : ''}`)
      })}`
  })}`
}

const NOTHING: ChartPoint = { value: null, isPartial: false }

/** A value other than zero has a visible height. */
function bar(x: number, width: number, from: number, to: number, classes: string): TemplateResult {
  const height = Math.max(1, Math.abs(from - to))
  const y = to <= from ? from - height : from
  return svg`<rect class=${classes} x=${x} y=${y} width=${Math.max(1, width)} height=${height} rx=${Math.min(2, width / 4)}></rect>`
}

/** A line with gaps where there is no value. What leads to a partial bucket is lighter. */
function renderLine({ points, color }: ChartLine, axes: Axes): TemplateResult {
  const place = (bucket: number) => placeOf(points[bucket]?.value, bucket, axes)
  const whole = points.map(({ isPartial }, bucket) => (isPartial ? null : place(bucket)))
  const partial = points.flatMap(({ isPartial }, bucket): LinePoint[] =>
    isPartial || points[bucket - 1]?.isPartial ? [place(bucket - 1), place(bucket), null] : [],
  )
  return svg`
    <path class="line s${color}" d=${linePath(whole)}></path>
    ${partial.length > 0 ? svg`<path class="line partial s${color}" d=${linePath(partial)}></path>` : nothing}
    ${points.map(({ isPartial }, bucket) => {
      const at = place(bucket)
      if (!at || !(isPartial || isAlone(points, bucket))) return nothing
      return svg`<circle class="dot s${color}${isPartial ? ' partial' : ''}" cx=${at[0]} cy=${at[1]} r="3"></circle>`
    })}`
}

function renderPrevious({ previous, color }: ChartLine, axes: Axes) {
  if (!previous) return nothing
  const path = linePath(previous.map((value, bucket) => placeOf(value, bucket, axes)))
  return svg`<path class="line previous s${color}" d=${path}></path>`
}

/** Null if there is no value, or no such bucket: the previous period may be longer. */
const placeOf = (value: number | null | undefined, bucket: number, { x, y }: Axes): LinePoint =>
  value === null || value === undefined || bucket >= x.count ? null : [x.center(bucket), y(value)]

const isAlone = (points: readonly ChartPoint[], bucket: number) =>
  (points[bucket - 1]?.value ?? null) === null && (points[bucket + 1]?.value ?? null) === null

/** In the middle of a pixel, so that a line of one pixel is sharp. */
const crisp = (position: number) => Math.round(position) + 0.5
