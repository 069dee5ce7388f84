import { html, nothing, type TemplateResult } from 'lit'
import type { RegisterTokenIssuerInput, TokenDocuments } from '../../client/generated/schema-types.ts'
import { type FormValues, select, textArea, textField } from '../parts/fields.ts'
import { shownName } from '../parts/name.ts'
import type { Issuer } from './documents.ts'
import { parseKeys } from './parse-keys.ts'

export const DOCUMENT_TEXTS: Readonly<Record<TokenDocuments, { label: string; meaning: string }>> = {
  ANY: { label: 'Any', meaning: 'Any: every query that its scopes allow' },
  REGISTERED: { label: 'Registered', meaning: 'Registered: only queries that were registered in advance' },
  COMPONENTS: { label: 'Components', meaning: 'Components: only what Parley’s web components send' },
}

const DOCUMENT_CHOICES = Object.entries(DOCUMENT_TEXTS).map(([value, { meaning }]) => ({ value, label: meaning }))

export type KeySource = 'url' | 'keys'

/** Where the keys of an issuer come from. */
export const sourceOf = ({ jwksUrl }: Pick<Issuer, 'jwksUrl'>): KeySource => (jwksUrl == null ? 'keys' : 'url')

export interface IssuerFieldsOptions {
  problemOf(name: string): string | null
  source: KeySource
  onSource(source: KeySource): void
  /** Why the keys were not sent. */
  keysProblem: string | null
  /** The issuer with its current values; null for a new one. */
  issuer: Issuer | null
}

/** The audience, the keys and the tenant claim. */
export const issuerFields = ({
  problemOf,
  source,
  onSource,
  keysProblem,
  issuer,
}: IssuerFieldsOptions): TemplateResult =>
  html`${textField({
    name: 'audience',
    label: 'Audience (aud)',
    required: true,
    value: issuer?.audience ?? '',
    hint: 'The exact aud of its tokens, such as the address of this server.',
    problem: problemOf('audience'),
  })}
  ${select({
    name: 'source',
    label: 'Keys',
    value: source,
    choices: [
      { value: 'url', label: 'JWKS URL: Parley fetches them' },
      { value: 'keys', label: 'Public keys: listed here' },
    ],
    onChange: (value) => onSource(value as KeySource),
  })}
  ${
    source === 'url'
      ? textField({
          name: 'jwksUrl',
          label: 'JWKS URL',
          type: 'url',
          required: true,
          value: issuer?.jwksUrl ?? '',
          placeholder: 'https://auth.example.com/.well-known/jwks.json',
          hint: 'Provided by your auth server: https, on a public address. New keys there are found automatically.',
          problem: problemOf('jwksUrl'),
        })
      : textArea({
          name: 'keys',
          label: 'Public keys',
          rows: 6,
          required: true,
          value: issuer?.keys ? JSON.stringify(issuer.keys, null, 2) : '',
          hint: 'As JSON: one JWK, a list, or a JWKS {"keys": […]}. RSA, EC or Ed25519. Never a private key.',
          problem: keysProblem ?? problemOf('keys'),
        })
  }
  ${textField({
    name: 'tenantClaim',
    label: 'Tenant claim',
    required: true,
    value: issuer?.tenantClaim ?? 'tenant',
    hint: 'The claim that contains the id of the tenant.',
    problem: problemOf('tenantClaim'),
  })}`

export const documentsField = (documents: TokenDocuments, problem: string | null): TemplateResult =>
  select({ name: 'documents', label: 'Allowed documents', value: documents, choices: DOCUMENT_CHOICES, problem })

/** The source of the keys as it was entered, or why it can't be sent. */
export function enteredKeys(
  values: FormValues,
  source: KeySource,
): { source: Pick<RegisterTokenIssuerInput, 'jwksUrl' | 'keys'> } | { problem: string } {
  if (source === 'url') return { source: { jwksUrl: values.text('jwksUrl').trim() } }
  const parsed = parseKeys(values.text('keys'))
  return 'problem' in parsed ? parsed : { source: parsed }
}

const MAX_SHOWN_KEYS = 5

/** Where the keys come from, as text: what somebody entered never becomes a link. */
export function keysText({ jwksUrl, keys }: Pick<Issuer, 'jwksUrl' | 'keys'>): TemplateResult {
  if (jwksUrl != null) return html`<span class="mono">${shownName(jwksUrl)}</span>`
  const all = keys ?? []
  return html`<span>${all.length} listed here
    ${all.slice(0, MAX_SHOWN_KEYS).map((key) => html`<span class="sub mono">${shownName(keyText(key))}</span>`)}
    ${all.length > MAX_SHOWN_KEYS ? html`<span class="sub">and ${all.length - MAX_SHOWN_KEYS} more</span>` : nothing}</span>`
}

/** Such as key-1 (EC, ES256). */
export function keyText({ kid, kty, crv, alg }: Record<string, unknown>): string {
  const kinds = [kty, alg ?? crv].filter((part) => typeof part === 'string')
  return `${typeof kid === 'string' ? kid : 'no kid'} (${kinds.join(', ')})`
}
