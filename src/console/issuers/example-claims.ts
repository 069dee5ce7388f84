import { html, type TemplateResult } from 'lit'
import { snippet } from '../parts/copy-button.ts'
import type { Issuer } from './documents.ts'

const LIFETIME_S = 600

/** Example claims of a token of the issuer. */
export function exampleClaims(
  { issuer, audience, tenantClaim, scopes }: Pick<Issuer, 'issuer' | 'audience' | 'tenantClaim' | 'scopes'>,
  nowMs: number,
): string {
  const issuedAt = Math.floor(nowMs / 1_000)
  const standard = { iss: issuer, aud: audience, iat: issuedAt, exp: issuedAt + LIFETIME_S }
  return JSON.stringify({ ...standard, [tenantClaim]: 'the id of a tenant', scopes }, null, 2)
}

/** What an issuer's tokens must contain, for whoever writes the code that signs them. */
export const tokenGuide = (issuer: Issuer, nowMs: number): TemplateResult =>
  html`<p>Sign tokens with these claims. The header needs the <code>alg</code> and the <code>kid</code> of the key.</p>
    ${snippet('Claims of a token', exampleClaims(issuer, nowMs))}
    <ul class="hint">
      <li><code>iat</code> and <code>exp</code> are in seconds since 1970, and <code>exp</code> is at most 24 hours ahead.</li>
      <li><code>${issuer.tenantClaim}</code> is the id of an existing tenant.</li>
      <li><code>scopes</code> is optional: the default is ANALYTICS_READ and CONVERSATIONS_READ. <code>sub</code> may name the user.</li>
    </ul>`
