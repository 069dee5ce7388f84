import { html, nothing, type TemplateResult } from 'lit'
import { shownName } from '../parts/name.ts'
import { countOf, time } from '../parts/text.ts'
import type { TenantDetails } from './documents.ts'
import { ENRICHMENT_TEXTS, REDACTION_TEXTS } from './tenant-form.ts'

/** The settings of a tenant. */
export const tenantFacts = (tenant: TenantDetails): TemplateResult =>
  html`<dl class="facts">
    <dt>Id</dt>
    <dd class="mono">${shownName(tenant.id)}</dd>
    <dt>Name</dt>
    <dd>${shownName(tenant.name)}</dd>
    <dt>Time zone</dt>
    <dd>${tenant.timeZone}</dd>
    <dt>Created</dt>
    <dd>${time(tenant.createdAt)}</dd>
    <dt>Allowed origins</dt>
    <dd>${tenant.allowedOrigins.join(', ') || 'None of its own'}</dd>
    <dt>Derived</dt>
    <dd>${textsOf(ENRICHMENT_TEXTS, tenant.enrichment)}</dd>
    <dt>Redacted</dt>
    <dd>${textsOf(REDACTION_TEXTS, tenant)}${tenant.phoneRegion ? html` Phone numbers also in the national format of ${tenant.phoneRegion}.` : nothing}</dd>
    ${
      tenant.redactionPatterns
        ? html`<dt>Redaction patterns</dt>
            <dd>${renderPatterns(tenant.redactionPatterns)}</dd>`
        : nothing
    }
    <dt>Idle conversations</dt>
    <dd>
      ${tenant.abandonAfterMinutes === 0 ? 'Stay open' : `Closed after ${countOf(tenant.abandonAfterMinutes, 'minute')}`}
    </dd>
  </dl>`

const renderPatterns = (patterns: NonNullable<TenantDetails['redactionPatterns']>) =>
  patterns.length === 0
    ? 'None'
    : html`<ul>
        ${patterns.map(({ name, pattern, replacement }) => html`<li>${shownName(name)}: <code>${shownName(pattern)}</code> becomes <code>${shownName(replacement)}</code></li>`)}
      </ul>`

/** The texts of those that are switched on. */
function textsOf<Name extends string>(
  texts: Readonly<Record<Name, string>>,
  values: NoInfer<Record<Name, boolean>>,
): string {
  const names = Object.keys(texts) as Name[]
  const shown = names.filter((name) => values[name]).map((name) => texts[name])
  return shown.length === 0 ? 'Nothing.' : `${shown.join('; ')}.`
}
