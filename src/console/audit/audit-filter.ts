import { html, nothing, type TemplateResult } from 'lit'
import type { AuditAction, AuditEventFilter, AuditOutcome } from '../../client/generated/schema-types.ts'
import { checkList, FormValues, select, textField } from '../parts/fields.ts'
import { ACTION_TEXTS, ACTIONS, OUTCOME_TEXTS } from './audit-texts.ts'

const HOUR_MS = 3_600_000

const PERIODS: ReadonlyMap<string, number> = new Map([
  ['hour', HOUR_MS],
  ['day', 24 * HOUR_MS],
  ['week', 7 * 24 * HOUR_MS],
  ['month', 30 * 24 * HOUR_MS],
])

const PERIOD_CHOICES = [
  { value: '', label: 'Any time' },
  { value: 'hour', label: 'Last hour' },
  { value: 'day', label: 'Last 24 hours' },
  { value: 'week', label: 'Last 7 days' },
  { value: 'month', label: 'Last 30 days' },
  { value: 'between', label: 'Between two times' },
]

const OUTCOME_CHOICES = [
  { value: '', label: 'Any' },
  ...Object.entries(OUTCOME_TEXTS).map(([value, label]) => ({ value, label })),
]

export interface FilterForm {
  actions: readonly AuditAction[]
  period: string
  /** Why the period is invalid. */
  problem: string | null
  /** Why the actor is invalid. */
  actorProblem: string | null
}

export const EMPTY_FORM: FilterForm = { actions: [], period: '', problem: null, actorProblem: null }

/** Names are not unique. */
const NOT_AN_ACTOR = 'This is not the id of a key (key_…) or an issuer (issuer_…). Names are not accepted.'

/** The fields and buttons of the filter. */
export const filterFields = (
  { actions, period, problem, actorProblem }: FilterForm,
  buttons: TemplateResult,
): TemplateResult =>
  html`<div class="toolbar">
      ${textField({
        ...{ name: 'actor', label: 'Actor', placeholder: 'Any: key_… or issuer_…', required: true },
        problem: actorProblem,
      })}
      ${textField({ name: 'tenant', label: 'Tenant', placeholder: 'Any', required: true })}
      ${select({ name: 'outcome', label: 'Outcome', choices: OUTCOME_CHOICES })}
      ${select({ name: 'period', label: 'Period', choices: PERIOD_CHOICES })}
      ${
        period === 'between'
          ? html`${textField({ name: 'from', label: 'From', type: 'datetime-local', required: true })}
            ${textField({ name: 'to', label: 'To', type: 'datetime-local', required: true, problem })}`
          : nothing
      }
      ${buttons}
    </div>
    <details class="choices">
      <summary>Actions: ${actions.length === 0 ? 'all' : actions.map((action) => ACTION_TEXTS[action]).join(', ')}</summary>
      ${checkList({
        name: 'actions',
        label: 'Actions',
        hint: 'Check none to see all.',
        checks: ACTIONS.map((action) => ({ value: action, label: ACTION_TEXTS[action] })),
      })}
    </details>`

/** What the filter's appearance depends on. */
export function readForm(form: HTMLFormElement): FilterForm {
  const values = new FormValues(form)
  const period = values.text('period')
  const [from, to] = [values.text('from'), values.text('to')]
  const actor = values.text('actor').trim()
  const isBackwards = period === 'between' && from !== '' && to !== '' && to <= from
  return {
    actions: values.all<AuditAction>('actions'),
    period,
    problem: isBackwards ? 'The end must be after the start.' : null,
    actorProblem: actor === '' || /^(key|issuer)_/.test(actor) ? null : NOT_AN_ACTOR,
  }
}

/** The filter of the form, whose period ends now. */
export function readFilter(form: HTMLFormElement, nowMs: number): AuditEventFilter {
  const values = new FormValues(form)
  const actions = values.all<AuditAction>('actions')
  const [actorId, tenantId] = [values.textOrNull('actor'), values.textOrNull('tenant')]
  const outcome = values.text('outcome') as AuditOutcome | ''
  const occurredAt = periodOf(values, nowMs)
  return {
    ...(actions.length > 0 ? { actions } : {}),
    ...(actorId ? { actorIds: [actorId.trim()] } : {}),
    ...(tenantId ? { tenantIds: [tenantId.trim()] } : {}),
    ...(outcome ? { outcomes: [outcome] } : {}),
    ...(occurredAt.from || occurredAt.to ? { occurredAt } : {}),
  }
}

function periodOf(values: FormValues, nowMs: number): { from?: string; to?: string } {
  const period = values.text('period')
  const lengthMs = PERIODS.get(period)
  if (lengthMs !== undefined) return { from: new Date(nowMs - lengthMs).toISOString() }
  if (period !== 'between') return {}
  const [from, to] = [values.time('from'), values.time('to')]
  return { ...(from ? { from } : {}), ...(to ? { to } : {}) }
}
