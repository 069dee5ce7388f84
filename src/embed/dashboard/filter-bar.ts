import { html, nothing, type TemplateResult } from 'lit'
import type { ConversationFilter, TimeRange } from '../../client/generated/schema-types.ts'
import { ENGLISH, type Text, type Texts } from '../texts.ts'
import { RANGES } from '../time-range.ts'
import {
  type Choice,
  type Choices,
  choiceOf,
  FACET_FIELDS,
  type FacetField,
  SEVERAL,
  selectedValues,
} from './choices.ts'
import { intervalsFor } from './intervals.ts'

/** What a reader can change. */
export interface Selection {
  range: string
  /** Empty: what suits the range. */
  interval: string
  filter: ConversationFilter | null
  /** Empty: not grouped. */
  groupBy: string
  compare: boolean
}

export interface FilterBar extends Selection {
  text: Text
  /** The first and the last moment of the range. */
  period: TimeRange
  /** How a range of two dates is written. */
  rangeLabel: string
  /** Null if the token may not read conversations: then there is nothing to choose from. */
  choices: Choices | null
  /** Whether there are numbers, which the interval, groups and the comparison are about. */
  hasNumbers: boolean
  /** Whether the bar shows all controls where there is little room. */
  isOpen: boolean
  onToggle(): void
  onRange(range: string): void
  onInterval(interval: string): void
  onChoice(field: FacetField, value: string): void
  onGroupBy(groupBy: string): void
  onCompare(compare: boolean): void
  onExport(): void
}

const GROUPS = ['CHANNEL', 'AGENT', 'STATUS', 'LANGUAGE', 'OUTCOME'] as const

/** Selects and buttons above the numbers. Where there is little room, all but the range are behind a button. */
export function renderFilterBar(bar: FilterBar): TemplateResult {
  const { text, isOpen } = bar
  return html`<div class="filters ${isOpen ? 'open' : ''}" role="group" aria-label=${text('filters')} part="filters">
    ${select(text('range'), bar.range, rangeChoices(bar), bar.onRange)}
    <button type="button" class="toggle" aria-expanded=${isOpen} aria-controls="more" @click=${bar.onToggle}>
      ${text('filters')}${numberOfChoices(bar)}
    </button>
    <div class="more" id="more">
      ${bar.hasNumbers ? select(text('interval'), bar.interval, intervalChoices(bar), bar.onInterval) : nothing}
      ${FACET_FIELDS.map((field) => renderChoice(bar, field))}
      ${bar.hasNumbers ? renderNumberControls(bar) : nothing}
      <button type="button" class="export" @click=${bar.onExport}>${text('exportCsv')}</button>
    </div>
  </div>`
}

const renderNumberControls = (bar: FilterBar) => html`
  ${select(bar.text('groupBy'), bar.groupBy, groupChoices(bar), bar.onGroupBy)}
  <label class="compare" title=${bar.text('comparePrevious')}>
    <input
      type="checkbox"
      .checked=${bar.compare}
      @change=${(event: Event) => bar.onCompare((event.target as HTMLInputElement).checked)}
    />
    ${bar.text('compare')}
  </label>`

function renderChoice(bar: FilterBar, field: FacetField) {
  if (!bar.choices) return nothing
  const value = choiceOf(bar.filter, field)
  const known = bar.choices[field].map((choice) => ({ ...choice, label: valueLabel(bar, field, choice) }))
  const choices = [{ value: '', label: bar.text(`all${field}`) }, ...known]
  // What the page has chosen is shown, whether or not it occurs in the range.
  if (value === SEVERAL) {
    const count = selectedValues(bar.filter, field).length
    choices.push({ value, label: bar.text('severalChoices', { count }) })
  } else if (!choices.some((choice) => choice.value === value))
    choices.push({ value, label: valueLabel(bar, field, { value, label: value }) })
  const choose = (chosen: string) => {
    if (chosen !== SEVERAL) bar.onChoice(field, chosen)
  }
  return select(bar.text(`by${field}`), value, choices, choose)
}

/** The name of an enum value, or the label that the server gives. */
function valueLabel({ text }: FilterBar, field: string, { value, label }: Choice): string {
  const [first = '', ...rest] = value.toLowerCase()
  const name = `${field.toLowerCase()}${first.toUpperCase()}${rest.join('')}`
  return name in ENGLISH ? text(name as keyof Texts) : label
}

function rangeChoices({ text, range, rangeLabel }: FilterBar): Choice[] {
  const choices = RANGES.map((name) => ({ value: name as string, label: text(name) }))
  return choices.some(({ value }) => value === range) ? choices : [...choices, { value: range, label: rangeLabel }]
}

const intervalChoices = ({ text, period, interval }: FilterBar): Choice[] => [
  { value: '', label: text('intervalAutomatic') },
  ...intervalsFor(period, interval).map((value) => ({ value, label: text(`interval${value}`) })),
]

function groupChoices({ text, groupBy }: FilterBar): Choice[] {
  const choices = GROUPS.map((value) => ({ value: value as string, label: text(`groupBy${value}`) }))
  if (groupBy && !choices.some(({ value }) => value === groupBy)) choices.push({ value: groupBy, label: groupBy })
  return [{ value: '', label: text('groupByNothing') }, ...choices]
}

function numberOfChoices({ filter }: FilterBar) {
  const count = FACET_FIELDS.filter((field) => choiceOf(filter, field) !== '').length
  return count > 0 ? html`<span class="count">${count}</span>` : nothing
}

const select = (label: string, value: string, choices: readonly Choice[], onChange: (value: string) => void) => html`
  <span class="select">
    <select aria-label=${label} @change=${(event: Event) => onChange((event.target as HTMLSelectElement).value)}>
      ${choices.map(
        (choice) => html`<option value=${choice.value} .selected=${choice.value === value}>${choice.label}</option>`,
      )}
    </select>
  </span>`
