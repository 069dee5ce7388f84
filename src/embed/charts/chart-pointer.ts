import type { ChartLine, Panel } from './chart-model.ts'
import type { Axes } from './chart-scales.ts'
import type { ActivePoint } from './chart-svg.ts'

/** The bucket at a place in a chart, and of its lines the nearest. */
export function pointAt(
  { offsetX, offsetY }: { offsetX: number; offsetY: number },
  { x, y, left }: Axes,
  panel: Panel,
  lines: readonly ChartLine[],
): ActivePoint | null {
  if (x.count === 0) return null
  const bucket = Math.min(x.count - 1, Math.max(0, Math.floor((offsetX - left) / x.step)))
  if (panel.kind === 'BARS') {
    const within = (offsetX - x.start(bucket)) / x.width
    const index = Math.min(lines.length - 1, Math.max(0, Math.floor(within * lines.length)))
    return { bucket, line: lines[index]?.id ?? null }
  }
  let nearest: { line: string; distance: number } | null = null
  let below = 0
  for (const { id, points } of lines) {
    const value = points[bucket]?.value ?? null
    if (value === null) continue
    const distance =
      panel.kind === 'STACK' ? outside(offsetY, y(below + value), y(below)) : Math.abs(y(value) - offsetY)
    below += value
    if (value !== 0 || panel.kind === 'LINES')
      if (!nearest || distance < nearest.distance) nearest = { line: id, distance }
  }
  return { bucket, line: nearest?.line ?? lines[0]?.id ?? null }
}

const outside = (position: number, from: number, to: number) => Math.max(from - position, position - to, 0)

/** The point that a key moves to; null if it moves nowhere. */
export function pointAfter(
  key: string,
  { bucket, line }: ActivePoint,
  buckets: number,
  lines: readonly ChartLine[],
): ActivePoint | null {
  const last = buckets - 1
  const at = lines.findIndex(({ id }) => id === line)
  const lineAt = (index: number) => lines[Math.min(lines.length - 1, Math.max(0, index))]?.id ?? null
  switch (key) {
    case 'ArrowRight':
      return { bucket: Math.min(last, bucket + 1), line }
    case 'ArrowLeft':
      return { bucket: Math.max(0, bucket - 1), line }
    case 'Home':
      return { bucket: 0, line }
    case 'End':
      return { bucket: last, line }
    case 'ArrowDown':
      return { bucket, line: lineAt(at + 1) }
    case 'ArrowUp':
      return { bucket, line: lineAt(at - 1) }
    default:
      return null
  }
}
