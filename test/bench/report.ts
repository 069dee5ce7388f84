import type { Spread } from './measure.ts'

/** A table of the benchmark, as Markdown: what is printed can be kept. */
export function printTable(title: string, rows: readonly Record<string, string>[]) {
  const names = Object.keys(rows[0] ?? {})
  const widths = names.map((name) => Math.max(name.length, ...rows.map((row) => row[name]?.length ?? 0)))
  const line = (cells: string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`
  console.log(`\n${title}\n`)
  console.log(line(names))
  console.log(`|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`)
  for (const row of rows) console.log(line(names.map((name) => row[name] ?? '')))
}

const number = (value: number) =>
  value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(value >= 10 ? 3 : 2)

/** `1,234 (1,100–1,300)` */
export const range = ({ median, min, max }: Spread) => `${number(median)} (${number(min)}–${number(max)})`

export const times = (ratio: number) => `${ratio.toFixed(2)}×`

/** Something the project must reach, and what this run says of it. */
export interface Mark {
  asked: string
  measured: string
  holds: boolean
}

export const atLeast = (what: string, asked: number, measured: number): Mark => ({
  asked: `${what}: at least ${asked}×`,
  measured: times(measured),
  holds: measured >= asked,
})

export const atMost = (what: string, asked: number, measured: number): Mark => ({
  asked: `${what}: at most ${asked}×`,
  measured: times(measured),
  holds: measured <= asked,
})

export const under = (what: string, asked: number, measured: number, unit = '×'): Mark => ({
  asked: `${what}: under ${asked}${unit}`,
  measured: unit === '×' ? times(measured) : `${Math.round(measured)}${unit}`,
  holds: measured < asked,
})

export function printMarks(marks: readonly Mark[]) {
  if (marks.length === 0) return
  printTable(
    'What is asked',
    marks.map(({ asked, measured, holds }) => ({ asked, measured, holds: holds ? 'yes' : 'NO' })),
  )
}
