import { html, type TemplateResult } from 'lit'

const ABSOLUTE = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' })
const EXACT = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' })
const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })

const UNITS = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const

/** A time in the time zone of the browser; its title has seconds and the zone. */
export const time = (iso: string): TemplateResult =>
  html`<time datetime=${iso} title=${EXACT.format(new Date(iso))}>${ABSOLUTE.format(new Date(iso))}</time>`

/** How long ago a time is, or how far ahead. */
export const relativeTime = (iso: string, nowMs: number): TemplateResult =>
  html`<time datetime=${iso} title=${EXACT.format(new Date(iso))}>${formatRelative(Date.parse(iso) - nowMs)}</time>`

export function formatRelative(aheadMs: number): string {
  const seconds = aheadMs / 1_000
  const [unit, length] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? ['second', 1]
  if (unit === 'second') return seconds <= 0 ? 'less than a minute ago' : 'in less than a minute'
  return RELATIVE.format(Math.trunc(seconds / length), unit)
}

export const formatCount = (count: number): string => count.toLocaleString('en')

/** Such as 1 token, 2 tokens. */
export const countOf = (count: number, noun: string): string => `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
