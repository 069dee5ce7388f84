import type { SeriesMeasure } from '../../client/generated/schema-types.ts'
import { formatTick } from '../format.ts'
import type { ChartLine, Panel } from './chart-model.ts'
import { MEASURES } from './measures.ts'

/** Of a chart, in pixels. */
export interface Size {
  width: number
  height: number
  /** Of the labels. */
  fontSize: number
}

/** Where the buckets are beside each other. (d3's scales would be a kilobyte, and know no time zones.) */
export interface Band {
  count: number
  /** From one bucket to the next. */
  step: number
  /** Of a bar. */
  width: number
  start(bucket: number): number
  center(bucket: number): number
}

export interface Axes extends Size {
  left: number
  right: number
  top: number
  bottom: number
  x: Band
  y: (value: number) => number
  yTicks: { value: number; text: string }[]
}

const TOP = 10
const BOTTOM = 26
const RIGHT = 1
const TICK_HEIGHT = 44

/** The scales of one chart. `left` is the same for all charts of an element, so that they share the x axis. */
export function axesOf(panel: Panel, lines: readonly ChartLine[], size: Size, left: number, language: string): Axes {
  const [right, bottom] = [Math.max(size.width - RIGHT, left + 1), Math.max(size.height - BOTTOM, TOP + 1)]
  const ticks = yTicksOf(panel, lines, size.height, language)
  const values = ticks.map(({ value }) => value)
  const [min, max] = [Math.min(...values), Math.max(...values)]
  const y = (value: number) => bottom - ((value - min) / (max - min)) * (bottom - TOP)
  const x = bandOf(panel.lines[0]?.points.length ?? 0, left, right)
  return { ...size, left, right, top: TOP, bottom, x, y, yTicks: ticks }
}

/** Of a step, what is left free between two bars. */
const GAP = 0.28

function bandOf(count: number, left: number, right: number): Band {
  const step = (right - left) / Math.max(1, count)
  const width = step * (1 - GAP)
  const start = (bucket: number) => left + bucket * step + (step - width) / 2
  return { count, step, width, start, center: (bucket) => start(bucket) + width / 2 }
}

/** How wide the labels beside the y axes are. */
export function labelWidth(
  panels: readonly { panel: Panel; lines: readonly ChartLine[] }[],
  { height, fontSize }: Size,
  language: string,
): number {
  const texts = panels.flatMap(({ panel, lines }) => yTicksOf(panel, lines, height, language).map(({ text }) => text))
  return Math.ceil(Math.max(0, ...texts.map((text) => textWidth(text, fontSize)))) + 12
}

/** About: measuring would take a layout. Chinese and Japanese characters are as wide as high. */
function textWidth(text: string, fontSize: number): number {
  let width = 0
  for (const character of text) width += character > '\u2e80' ? 1 : 0.57
  return width * fontSize
}

function yTicksOf(panel: Panel, lines: readonly ChartLine[], height: number, language: string) {
  const [min, max] = extentOf(panel, lines)
  const count = Math.max(2, Math.min(5, Math.floor((height - TOP - BOTTOM) / TICK_HEIGHT)))
  return ticksOf(panel.measure, min, max, count).map((value) => ({
    value,
    text: formatTick(panel.measure, value, language),
  }))
}

/** The smallest and the largest value, and zero: bars and lines begin there. */
function extentOf({ kind, lines: all }: Panel, lines: readonly ChartLine[]): [number, number] {
  const sums: number[] = []
  const values: number[] = [0]
  for (let bucket = 0; bucket < (all[0]?.points.length ?? 0); bucket += 1) {
    let [now, before] = [0, 0]
    for (const { points, previous } of lines) {
      const value = points[bucket]?.value ?? 0
      const earlier = previous?.[bucket] ?? 0
      now += value
      before += earlier
      values.push(value, earlier)
    }
    sums.push(now, before)
  }
  const extent = kind === 'STACK' ? sums.concat(0) : values
  return [Math.min(...extent), Math.max(...extent)]
}

const SECOND = 1_000
const HOUR = 3_600 * SECOND
/** Lengths between ticks that people count time by. */
const TIME_STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800].map((seconds) => seconds * SECOND),
  ...[1, 2, 3, 6, 12, 24, 48, 120, 240].map((hours) => hours * HOUR),
]

/** Round values that cover the range, in steps of its unit: there is no half conversation. */
export function ticksOf(measure: SeriesMeasure, min: number, max: number, count: number): number[] {
  const { unit, isSum } = MEASURES[measure]
  const top = min === 0 && max === 0 ? 1 : max
  const rough = (top - min) / count
  const isWhole = isSum && (unit === 'COUNT' || unit === 'TOKENS' || unit === 'SCORE')
  const step = unit === 'MILLISECONDS' ? timeStep(rough) : decimalStep(rough, isWhole)
  const [first, last] = [Math.floor(min / step + 1e-9), Math.ceil(top / step - 1e-9)]
  // 3 × 0.1 would be 0.30000000000000004.
  return Array.from({ length: last - first + 1 }, (_, at) => Number(((first + at) * step).toPrecision(12)))
}

const timeStep = (rough: number) => TIME_STEPS.find((step) => step >= rough) ?? decimalStep(rough / HOUR, false) * HOUR

function decimalStep(rough: number, isWhole: boolean): number {
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) ?? 10) * power
  return isWhole ? Math.max(1, Math.round(step)) : step
}

/** Which labels of the x axis fit: evenly spaced, and never the last two on top of each other. */
export function xTicksOf(texts: readonly string[], width: number, fontSize: number): number[] {
  const widest = Math.max(1, ...texts.map((text) => textWidth(text, fontSize))) + 18
  const fitting = Math.max(1, Math.floor(width / widest))
  const every = niceStep(Math.ceil(texts.length / fitting))
  return texts.flatMap((_, at) => (at % every === 0 ? [at] : []))
}

/** Such as every 2nd, 7th or 24th bucket. */
const STEPS = [1, 2, 3, 4, 5, 6, 7, 10, 12, 14, 24, 28, 48, 72]
const niceStep = (step: number) => STEPS.find((nice) => nice >= step) ?? step
