import { TimeSlice } from '../../../src/fairness/time-slice.ts'
import type { RedactionCounts } from '../../../src/messages/redaction/redact-text.ts'
import { loadRedaction } from '../../../src/messages/redaction/redact-value.ts'
import type { RedactionSettings } from '../../../src/tenants/tenant-settings.sql.ts'

const OFF: RedactionSettings = {
  redactsPersonalData: false,
  redactsPhoneNumbers: false,
  phoneRegion: null,
  redactsIbans: false,
  redactionPatterns: [],
}

/** What is left of a value with these settings, and what was redacted. */
export async function redactWith<Value>(
  settings: Partial<RedactionSettings>,
  value: Value,
): Promise<[Value, RedactionCounts]> {
  const slice = new TimeSlice({ charge: () => false, rested: () => {} })
  const redact = await loadRedaction({ ...OFF, ...settings }, slice)
  const counts: RedactionCounts = {}
  return [redact ? await redact(value, counts) : value, counts]
}

export const pattern = (source: string, replacement = '[x]') => ({ name: 'x', pattern: source, replacement })
