/** Where a line goes, in pixels; null is a gap. */
export type LinePoint = readonly [x: number, y: number] | null

/** A path of straight lines. (d3-shape has the same, but brings all its other shapes along: 5 KB compressed.) */
export function linePath(points: readonly LinePoint[]): string {
  return points
    .map((point, at) => (point ? `${points[at - 1] ? 'L' : 'M'}${round(point[0])},${round(point[1])}` : ''))
    .join('')
}

const round = (position: number) => Math.round(position * 100) / 100
