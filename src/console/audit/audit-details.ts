import type { Scope } from '../../client/generated/schema-types.ts'
import { SCOPE_TEXTS } from '../parts/scopes.ts'
import { countOf, time } from '../parts/text.ts'
import type { AuditEntry } from './documents.ts'

interface Detail {
  label: string
  show?: (value: unknown) => unknown
}

const seconds = (value: unknown) =>
  typeof value === 'number' && value > 0 ? countOf(value, 'second') : showAny(value, 'None: the old one ended at once')
const minutes = (value: unknown) =>
  typeof value === 'number' && value > 0 ? countOf(value, 'minute') : showAny(value, 'Never')
const moment = (value: unknown) =>
  typeof value === 'string' && Number.isFinite(Date.parse(value)) ? time(value) : showAny(value, 'Never')
const orNone = (none: string) => (value: unknown) => showAny(value, none)
const scopes = (value: unknown) =>
  Array.isArray(value)
    ? value.map((scope) => SCOPE_TEXTS[scope as Scope]?.label ?? text(scope)).join(', ')
    : text(value)

const DOCUMENT_TEXTS: ReadonlyMap<unknown, string> = new Map([
  ['ANY', 'Any document'],
  ['REGISTERED', 'Registered documents only'],
  ['COMPONENTS', 'Documents of the web components only'],
])

/** The labels and formats of an event's details. Any other detail is shown under its own name. */
const DETAILS: ReadonlyMap<string, Detail> = new Map<string, Detail>([
  ['name', { label: 'Name' }],
  ['scopes', { label: 'Scopes', show: scopes }],
  ['expiresAt', { label: 'Expires', show: moment }],
  ['autoCreateTenants', { label: 'Creates tenants on first write' }],
  ['requestsPerMinute', { label: 'Requests per minute', show: orNone('No limit of its own') }],
  ['allowedNetworks', { label: 'Allowed networks', show: orNone('Any address') }],
  ['noteChanged', { label: 'Note changed' }],
  ['repeated', { label: 'Returned again, to a retry' }],
  ['overlapSeconds', { label: 'Old secret accepted for', show: seconds }],
  ['timeZone', { label: 'Time zone' }],
  ['allowedOrigins', { label: 'Allowed origins', show: orNone('None') }],
  ['derivesSentiment', { label: 'Derives sentiment' }],
  ['derivesLanguage', { label: 'Derives language' }],
  ['derivesTokenCount', { label: 'Derives token counts' }],
  ['derivesCost', { label: 'Derives costs' }],
  ['abandonAfterMinutes', { label: 'Idle conversations are abandoned after', show: minutes }],
  ['redactsPersonalData', { label: 'Redacts personal data' }],
  ['redactsPhoneNumbers', { label: 'Redacts phone numbers' }],
  ['phoneRegion', { label: 'Region of phone numbers', show: orNone('None') }],
  ['redactsIbans', { label: 'Redacts IBANs' }],
  ['redactionPatterns', { label: 'Redaction patterns', show: orNone('None') }],
  ['onFirstWrite', { label: 'Created on first write' }],
  ['subject', { label: 'For', show: orNone('Nobody in particular') }],
  ['restrictedBy', { label: 'Restricted by', show: orNone('Nothing') }],
  ['issuer', { label: 'Issuer (iss)' }],
  ['documents', { label: 'Allowed documents', show: (value) => DOCUMENT_TEXTS.get(value) ?? text(value) }],
  ['sha256Hashes', { label: 'SHA-256 hashes' }],
  ['reason', { label: 'Reason' }],
  ['namedTenantId', { label: 'Tenant named in the request' }],
  ['suppressed', { label: 'Similar attempts before it, without events of their own' }],
  ['field', { label: 'Field' }],
  ['lackedScopes', { label: 'Missing scopes', show: scopes }],
])

/** The details of an event as names and values, in the order of the log. */
export const detailsOf = ({ details }: AuditEntry): { label: string; value: unknown }[] =>
  Object.entries(details).map(([name, value]) => {
    const { label, show = text } = DETAILS.get(name) ?? { label: name }
    return { label, value: show(value) }
  })

/** How many similar attempts before this one have no event of their own. */
export const suppressedOf = ({ details: { suppressed } }: AuditEntry): number =>
  typeof suppressed === 'number' ? suppressed : 0

const showAny = (value: unknown, none: string) =>
  value === null || value === 0 || value === '' || (Array.isArray(value) && value.length === 0) ? none : text(value)

/** A value in words; a nested value as JSON. */
function text(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'Yes' : 'No'
  if (typeof value === 'string') return value
  if (Array.isArray(value) && value.every((entry) => typeof entry === 'string')) return value.join(', ')
  return JSON.stringify(value)
}
