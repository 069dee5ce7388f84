import type { TimeSlice } from '../fairness/time-slice.ts'
import { unlessBlank } from '../input/check-input.ts'
import { loadRedaction, redactFields } from '../messages/redaction/redact-value.ts'
import type { RedactionSettings } from '../tenants/tenant-settings.sql.ts'
import { type PlainValues, plainEntries } from './plain-fields.ts'

/** The free-text fields of a conversation. Ids, names and metadata are not redacted, because rows are found by them. */
type Texts = PlainValues & { analysis?: object | null | undefined }

type Analysis = { [Name in (typeof TEXTS_OF_ANALYSIS)[number]]?: unknown }

const TEXTS = plainEntries.flatMap(([name, { isRedacted }]) => (isRedacted ? [name] : []))
/** The rest of an analysis is not the caller's: its keys and its status. */
const TEXTS_OF_ANALYSIS = ['summary', 'tags', 'extractedData'] as const

export const hasTexts = (fields: Texts) => [...TEXTS, 'analysis' as const].some((name) => fields[name] != null)

/** The fields with these texts redacted as the tenant wants it. Absent stays absent, and null stays null. */
export async function redactConversation<Fields extends Texts>(
  fields: Fields,
  settings: RedactionSettings,
  timeSlice: TimeSlice,
): Promise<Fields> {
  const redact = hasTexts(fields) ? await loadRedaction(settings, timeSlice) : null
  if (!redact) return fields
  const redacted = await redactFields(fields, TEXTS, redact, {})
  if (fields.analysis == null) return redacted
  const analysis = await redactFields<Analysis>(fields.analysis, TEXTS_OF_ANALYSIS, redact, {})
  return { ...redacted, analysis: withoutBlankTags(analysis) }
}

/** A replacement may be empty, and the input accepts no blank tags. */
function withoutBlankTags<Given extends Analysis>(analysis: Given): Given {
  if (!Array.isArray(analysis.tags)) return analysis
  return { ...analysis, tags: analysis.tags.filter((tag) => unlessBlank(tag) !== null) }
}
