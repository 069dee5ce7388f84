import { type InputPath, limitExceeded } from '../../errors.ts'
import type { TimeSlice } from '../../fairness/time-slice.ts'
import type { RedactionSettings } from '../../tenants/tenant-settings.sql.ts'
import { loadOptionalRedaction } from './optional-redaction.ts'
import { redactJson } from './redact-json.ts'
import type { RedactionCounts } from './redact-text.ts'

/** Redacts a JSON value, and adds what it redacted to `counts`. */
export type Redact = <Value>(value: Value, counts: RedactionCounts) => Value | Promise<Value>

/** Refuses a redacted value that is too large: replacements can be longer than what they replace. */
export type CheckSize = (value: unknown, path: InputPath) => void

export const maxCharacters =
  (limit: number): CheckSize =>
  (value, path) => {
    if (String(value).length > limit)
      throw limitExceeded(path, `is longer than ${limit} characters once it is redacted.`, limit)
  }

export const maxJsonBytes =
  (limit: number): CheckSize =>
  (value, path) => {
    if (Buffer.byteLength(JSON.stringify(value)) > limit)
      throw limitExceeded(path, `is larger than ${limit} bytes of JSON once it is redacted.`, limit)
  }

/** The object with the values of these fields redacted. Its own keys stay: they are not the caller's. */
export async function redactFields<Fields extends object>(
  fields: Fields,
  checks: { readonly [Name in keyof Fields]?: CheckSize },
  redact: Redact,
  { counts, path }: { counts: RedactionCounts; path: InputPath },
): Promise<Fields> {
  const redacted = { ...fields }
  for (const [name, check] of Object.entries(checks) as [keyof Fields & string, CheckSize][]) {
    if (fields[name] == null) continue
    const value = await redact(fields[name], counts)
    if (value !== fields[name]) check(value, [...path, name])
    redacted[name] = value
  }
  return redacted
}

/** Null if the tenant wants nothing redacted. Its own patterns come first: they see a text as it was sent. */
export async function loadRedaction(settings: RedactionSettings, timeSlice: TimeSlice): Promise<Redact | null> {
  const optional = await loadOptionalRedaction(settings, timeSlice)
  if (!optional) return settings.redactsPersonalData ? redactJson : null
  if (!settings.redactsPersonalData) return (value, counts) => optional.redact(value, counts)
  return async (value, counts) => redactJson(await optional.redact(value, counts), counts)
}
