import type { TimeSlice } from '../fairness/time-slice.ts'
import { loadRedaction } from '../messages/redaction/redact-value.ts'
import type { RedactionSettings } from '../tenants/tenant-settings.sql.ts'
import { type PlainValues, plainEntries } from './plain-fields.ts'

/** The free-text fields of a conversation. Ids, names and metadata are not redacted, because rows are found by them. */
type Texts = PlainValues & { analysis?: unknown }

const TEXTS = [...plainEntries.flatMap(([name, { isRedacted }]) => (isRedacted ? [name] : [])), 'analysis' as const]

export const hasTexts = (fields: Texts) => TEXTS.some((name) => fields[name] != null)

/** The fields with these texts redacted as the tenant wants it. Absent stays absent, and null stays null. */
export async function redactConversation<Fields extends Texts>(
  fields: Fields,
  settings: RedactionSettings,
  timeSlice: TimeSlice,
): Promise<Fields> {
  const redact = hasTexts(fields) ? await loadRedaction(settings, timeSlice) : null
  if (!redact) return fields
  const redacted = { ...fields }
  for (const name of TEXTS) {
    if (fields[name] != null) Object.assign(redacted, { [name]: await redact(fields[name], {}) })
  }
  return redacted
}
