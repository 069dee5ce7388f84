import { html, nothing } from 'lit'
import { shownName } from '../parts/name.ts'
import type { Column } from '../parts/table.ts'
import { countOf, relativeTime, time } from '../parts/text.ts'
import { hashOf } from '../routes.ts'
import { detailsOf, suppressedOf } from './audit-details.ts'
import { ACTION_TEXTS, ACTOR_TEXTS, OBJECT_TEXTS, OUTCOME_TEXTS } from './audit-texts.ts'
import type { AuditEntry } from './documents.ts'

export interface ColumnOptions {
  nowMs(): number
  onActor(id: string): void
}

export const auditColumns = ({ nowMs, onActor }: ColumnOptions): readonly Column<AuditEntry>[] => [
  {
    label: 'When',
    cell: ({ occurredAt }) =>
      html`<span>${time(occurredAt)}<span class="sub">${relativeTime(occurredAt, nowMs())}</span></span>`,
  },
  { label: 'Who', cell: (event) => actorCell(event, onActor) },
  {
    label: 'What',
    cell: (event) => html`<div><span>${ACTION_TEXTS[event.action] ?? event.action}</span>${detailsCell(event)}</div>`,
  },
  { label: 'Object', cell: objectCell },
  { label: 'Tenant', cell: ({ tenantId }) => (tenantId ? tenantLink(tenantId) : 'Account') },
  { label: 'Outcome', cell: outcomeCell },
  {
    label: 'From',
    cell: ({ clientAddress, requestId }) =>
      html`<span>${clientAddress ?? '–'}${requestId ? html`<span class="sub">Request <span class="mono">${shownName(requestId)}</span></span>` : nothing}</span>`,
  },
]

const tenantLink = (id: string) => html`<a href=${hashOf({ page: 'tenants', id })}>${shownName(id)}</a>`

function actorCell({ actor: { kind, credentialId, name, subject } }: AuditEntry, onActor: (id: string) => void) {
  return html`<span>${name ? shownName(name) : credentialId ? 'Unknown' : ACTOR_TEXTS[kind]}
    ${name || credentialId ? html`<span class="sub">${ACTOR_TEXTS[kind] ?? kind}</span>` : nothing}
    ${subject && subject !== name ? html`<span class="sub">For ${shownName(subject)}</span>` : nothing}
    ${
      credentialId
        ? html`<span class="sub"><a href=${hashOf({ page: 'audit', id: credentialId })} title="Show only what this actor did"
            @click=${() => onActor(credentialId)}>${shownName(credentialId)}</a></span>`
        : nothing
    }</span>`
}

function objectCell({ objectType, objectId }: AuditEntry) {
  if (!objectType) return '–'
  return html`<span>${OBJECT_TEXTS[objectType] ?? objectType}${objectId ? html`<span class="sub">${objectLink(objectType, objectId)}</span>` : nothing}</span>`
}

function objectLink(type: NonNullable<AuditEntry['objectType']>, id: string) {
  if (type === 'TENANT') return tenantLink(id)
  return type === 'API_KEY'
    ? html`<a href=${hashOf({ page: 'keys', by: 'key', id })}>${shownName(id)}</a>`
    : shownName(id)
}

function outcomeCell(event: AuditEntry) {
  const suppressed = suppressedOf(event)
  return html`<span><span class="badge ${event.outcome === 'DONE' ? 'good' : 'bad'}">${OUTCOME_TEXTS[event.outcome] ?? event.outcome}</span>
    ${event.errorCode ? html`<span class="sub mono">${event.errorCode}</span>` : nothing}
    ${suppressed > 0 ? html`<span class="sub">and ${countOf(suppressed, 'similar attempt')} before it</span>` : nothing}</span>`
}

function detailsCell(event: AuditEntry) {
  const details = detailsOf(event)
  if (details.length === 0) return nothing
  return html`<details>
    <summary>Details</summary>
    <dl class="facts">${details.map(({ label, value }) => html`<dt>${shownName(label)}</dt><dd>${typeof value === 'string' ? shownName(value) : value}</dd>`)}</dl>
  </details>`
}
