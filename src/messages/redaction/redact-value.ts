import type { TimeSlice } from '../../fairness/time-slice.ts'
import type { RedactionSettings } from '../../tenants/tenant-settings.sql.ts'
import { loadOptionalRedaction } from './optional-redaction.ts'
import { redactJson } from './redact-json.ts'
import type { RedactionCounts } from './redact-text.ts'

/** Redacts a JSON value, and adds what it redacted to `counts`. */
export type Redact = <Value>(value: Value, counts: RedactionCounts) => Value | Promise<Value>

/** The object with the values of these fields redacted. Its own keys stay: they are not the caller's. */
export async function redactFields<Fields extends object>(
  fields: Fields,
  names: readonly (keyof Fields)[],
  redact: Redact,
  counts: RedactionCounts,
): Promise<Fields> {
  const redacted = { ...fields }
  for (const name of names) {
    if (fields[name] != null) Object.assign(redacted, { [name]: await redact(fields[name], counts) })
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
