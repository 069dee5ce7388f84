import { html, type TemplateResult } from 'lit'
import { shownName } from '../parts/name.ts'
import type { Key } from './documents.ts'

/** Which key a dialog is about: several may have the same name. */
export const keyFacts = ({ name, tenantId, hint }: Key): TemplateResult =>
  html`<p class="hint">
    ${shownName(name)}, a key of ${tenantId == null ? 'the account' : html`the tenant ${shownName(tenantId)}`}:
    <code>${hint}</code>
  </p>`
