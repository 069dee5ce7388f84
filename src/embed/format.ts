import type { SeriesMeasure } from '../client/generated/schema-types.ts'
import { MEASURES } from './charts/measures.ts'

/** Shown if there is no value. */
export const NO_VALUE = '–'

const formats = new Map<string, Intl.NumberFormat>()

/** Making a format takes longer than using it. */
function numberFormat(language: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${language} ${JSON.stringify(options)}`
  let format = formats.get(key)
  if (!format) {
    format = new Intl.NumberFormat(language, options)
    formats.set(key, format)
  }
  return format
}

/** A number without a unit, exact if it is an integer. */
export const formatNumber = (value: number, language: string): string =>
  numberFormat(language, { maximumFractionDigits: Number.isInteger(value) ? 0 : 2 }).format(value)

/** A measure's value as people read it. */
export function formatValue(measure: SeriesMeasure, value: number | null | undefined, language: string): string {
  if (value === null || value === undefined) return NO_VALUE
  const { unit, isSum } = MEASURES[measure]
  switch (unit) {
    case 'COUNT':
    case 'TOKENS':
      return formatNumber(value, language)
    case 'RATIO':
      return percent(value, language, 1)
    case 'MILLISECONDS':
      return formatDuration(value, language)
    case 'US_DOLLARS':
      return formatDollars(value, language)
    case 'SCORE':
      return formatScore(value, language, isSum ? 0 : 2)
  }
}

/** A value as the label of an axis, where room is short. */
export function formatTick(measure: SeriesMeasure, value: number, language: string): string {
  const compact = { notation: 'compact', maximumFractionDigits: 2 } as const
  switch (MEASURES[measure].unit) {
    case 'COUNT':
    case 'TOKENS':
      return numberFormat(language, compact).format(value)
    case 'US_DOLLARS':
      return value !== 0 && Math.abs(value) < 1
        ? formatDollars(value, language)
        : numberFormat(language, { ...compact, ...DOLLARS, minimumFractionDigits: 0 }).format(value)
    case 'RATIO':
      return numberFormat(language, { style: 'percent', maximumFractionDigits: 2 }).format(value)
    case 'SCORE':
      return numberFormat(language, { signDisplay: 'exceptZero', maximumFractionDigits: 2 }).format(value)
    case 'MILLISECONDS':
      return value === 0 ? '0' : formatDuration(value, language)
  }
}

export const percent = (value: number, language: string, digits: number): string =>
  numberFormat(language, {
    style: 'percent',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value)

const formatScore = (value: number, language: string, digits: number) =>
  numberFormat(language, {
    signDisplay: 'exceptZero',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value)

const DOLLARS = { style: 'currency', currency: 'USD', currencyDisplay: 'narrowSymbol' } as const

/** A message often costs less than a cent. */
function formatDollars(value: number, language: string): string {
  const size = Math.abs(value)
  const digits = size === 0 || size >= 1 ? { maximumFractionDigits: 2 } : { maximumFractionDigits: 4 }
  const small = { minimumSignificantDigits: 1, maximumSignificantDigits: 2 }
  return numberFormat(language, { ...DOLLARS, ...(size > 0 && size < 0.001 ? small : digits) }).format(value)
}

const SECOND = 1_000
const MINUTE = 60_000
/** From the largest: what is shown of a duration is one unit and the next. */
const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', MINUTE],
] as const

/** Such as 450 ms, 1.2 sec, 3 min 20 sec, 2 hr 5 min. */
export function formatDuration(milliseconds: number, language: string): string {
  const sign = milliseconds < 0 ? -1 : 1
  const size = Math.abs(milliseconds)
  // What would be rounded to 1,000 milliseconds is a second, and to 60.0 seconds a minute.
  if (size < 999.5) return unit('millisecond', milliseconds, language, size < 10 && size % 1 !== 0 ? 1 : 0)
  if (size < 59_950) return unit('second', milliseconds / SECOND, language, 1)
  // Less than a day is shown to the minute, less than an hour to the second.
  const found = UNITS.findIndex(([, length], at) => size + (at ? SECOND : MINUTE) / 2 >= length)
  const [name, length] = UNITS[found] ?? UNITS[2]
  const [smaller, part] = UNITS[found + 1] ?? (['second', SECOND] as const)
  const parts = Math.round(size / part)
  const [whole, rest] = [Math.floor((parts * part) / length), parts % (length / part)]
  const first = unit(name, sign * whole, language, 0)
  return rest === 0 ? first : `${first} ${unit(smaller, rest, language, 0)}`
}

/** Latin scripts have one symbol for each, shorter than what is customary in prose. */
const SYMBOLS = { day: 'd', hour: 'h', minute: 'min', second: 's', millisecond: 'ms' }

function unit(name: keyof typeof SYMBOLS, value: number, language: string, digits: number): string {
  const options = { maximumFractionDigits: digits }
  const text = numberFormat(language, { style: 'unit', unit: name, unitDisplay: 'short', ...options }).format(value)
  if (!/\p{Script=Latin}/u.test(text)) return text
  return `${numberFormat(language, options).format(value)}\u00a0${SYMBOLS[name]}`
}
