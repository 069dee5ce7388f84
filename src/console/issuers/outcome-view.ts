import { html, nothing, type TemplateResult } from 'lit'
import { nameText, shownName } from '../parts/name.ts'
import { scopeBadges } from '../parts/scopes.ts'
import { time } from '../parts/text.ts'
import { hashOf } from '../routes.ts'
import { showValue } from './decode-token.ts'
import type { TokenOutcome } from './documents.ts'
import { REFUSAL_TEXTS } from './refusal-texts.ts'
import { distance } from './token-view.ts'

/** The claim `iss` of the tokens that Parley itself signs. */
const OWN_ISSUER = 'parley'

const RESTRICTIONS: Readonly<Record<string, string>> = {
  agents: 'some agents',
  endUserIds: 'some end users',
  documents: 'some documents',
}

/** The outcome in a sentence, for screen readers. */
export const inShort = ({ reason }: TokenOutcome): string =>
  reason ? `Refused: ${REFUSAL_TEXTS[reason].heading}.` : 'Accepted.'

/** Whether a token is accepted; if not, why, and what to do about it. */
export const outcomeView = (outcome: TokenOutcome, iss: unknown, nowMs: number): TemplateResult =>
  html`<div class="card">
    ${outcome.reason ? refusedView(outcome.reason, outcome) : acceptedView(outcome)}
    <dl class="facts">
      <dt>Issuer</dt>
      <dd>${issuerText(outcome, iss)}</dd>
      ${
        outcome.tenant
          ? html`<dt>Tenant</dt>
              <dd><a href=${hashOf({ page: 'tenants', id: outcome.tenant.id })}>${shownName(outcome.tenant.name)}</a> <code>${shownName(outcome.tenant.id)}</code></dd>`
          : nothing
      }
      ${outcome.accepted ? rightsView(outcome, nowMs) : nothing}
    </dl>
  </div>`

const acceptedView = ({ scopes }: TokenOutcome) =>
  html`<p><span class="badge good">Accepted</span></p>
    <h3>A request with this token would be accepted now</h3>
    ${
      scopes?.length === 0
        ? html`<p class="notice warning">
            But it can’t do anything, because its issuer may grant none of the scopes that it names. Edit the issuer, or
            change the scopes of the token.
          </p>`
        : nothing
    }`

const refusedView = (reason: NonNullable<TokenOutcome['reason']>, { claim }: TokenOutcome) => {
  const { heading, advice } = REFUSAL_TEXTS[reason]
  return html`<p><span class="badge bad">Refused</span></p>
    <h3>${heading}</h3>
    ${claim ? html`<p>The problem is the claim <code>${shownName(claim)}</code>.</p>` : nothing}
    <p>${advice}</p>
    <p class="code">Reason: ${reason}</p>`
}

function issuerText({ tokenIssuer }: TokenOutcome, iss: unknown) {
  if (tokenIssuer) {
    const { name, issuer } = tokenIssuer
    return html`${name ? html`${shownName(name)} ` : nothing}<code>${shownName(issuer)}</code>, registered`
  }
  if (iss === OWN_ISSUER) return 'Parley itself: it is an embed token'
  return iss === undefined ? 'The token names none' : html`<code><bdi>${showValue(iss)}</bdi></code>, not registered`
}

const rightsView = ({ scopes, subject, expiresAt, restrictedBy }: TokenOutcome, nowMs: number) =>
  html`<dt>Scopes</dt>
    <dd>${scopes?.length ? scopeBadges(scopes) : 'None'}</dd>
    <dt>Subject</dt>
    <dd>${subject == null ? 'The token names none' : shownName(subject)}</dd>
    <dt>Expires</dt>
    <dd>${expiresAt ? html`${time(expiresAt)}, ${distance(Date.parse(expiresAt) - nowMs)}` : 'Never'}</dd>
    <dt>Restricted to</dt>
    <dd>${restrictedBy?.length ? restrictedBy.map((name) => nameText(restrictionText(name))).join(', ') : 'Nothing: it can read all data of its tenant'}</dd>`

const restrictionText = (name: string) =>
  RESTRICTIONS[name] ?? `a value of ${name.replace(/^metadata\.(.*)$/s, 'metadata “$1”')}`
