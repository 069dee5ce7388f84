import { html, type TemplateResult } from 'lit'
import type { SeriesMeasure } from '../../client/generated/schema-types.ts'
import { formatValue, NO_VALUE } from '../format.ts'
import type { Text } from '../texts.ts'
import { changeOf } from './change.ts'

interface Reader {
  language: string
  text: Text
}

/** A value as people read it, with the exact one for programs. */
export function renderValue(measure: SeriesMeasure, value: number | null, { language, text }: Reader): TemplateResult {
  if (value === null)
    return html`<data value=""><span aria-hidden="true">${NO_VALUE}</span><span class="visually-hidden">${text('noData')}</span></data>`
  return html`<data value=${String(value)}>${formatValue(measure, value, language)}</data>`
}

const SENTENCES = {
  MORE: 'moreThanPrevious',
  LESS: 'lessThanPrevious',
  SAME: 'sameAsPrevious',
  NEAR: 'nearPrevious',
} as const
/** How a total has changed: an arrow and how much, and a sentence for those who do not see them. */
export function renderChange(
  measure: SeriesMeasure,
  total: number | null,
  previous: number | null,
  { language, text }: Reader,
): TemplateResult {
  const change = changeOf(measure, total, previous, language)
  const before = previous === null ? text('noData') : formatValue(measure, previous, language)
  const was = html`<span class="was">${text('previousValue', { value: before })}</span>`
  if (!change) return html`<span class="change">${was}</span>`
  const { direction, tone, isPoints } = change
  const amount = isPoints && change.amount ? text('points', { value: change.amount }) : change.amount
  const arrow = direction === 'MORE' ? '↑ ' : direction === 'LESS' ? '↓ ' : ''
  const shown = arrow ? `${arrow}${amount}` : text(direction === 'SAME' ? 'noChange' : 'hardlyAnyChange')
  return html`<span class="change">
    <span class="delta ${arrow ? tone : 'was'}" aria-hidden="true">${shown}</span>
    <span class="visually-hidden">${text(SENTENCES[direction], { amount })}.</span>
    ${was}
  </span>`
}
