import type { InputPath } from '../errors.ts'
import type { TimeSlice } from '../fairness/time-slice.ts'
import { unlessBlank } from '../input/check-input.ts'
import { LIMITS } from '../input/limits.ts'
import {
  type CheckSize,
  loadRedaction,
  maxCharacters,
  maxJsonBytes,
  redactFields,
} from '../messages/redaction/redact-value.ts'
import type { RedactionSettings } from '../tenants/tenant-settings.sql.ts'
import { type PlainValues, plainEntries } from './plain-fields.ts'

type Maybe<Value> = Value | null | undefined

/** The free-text fields of a conversation. Ids, names and metadata are not redacted, because rows are found by them. */
type Texts = PlainValues & { analysis?: Maybe<object>; recording?: Maybe<{ url: string }> }

type Analysis = { [Name in keyof typeof TEXTS_OF_ANALYSIS]?: unknown }

const TEXTS: { [name: string]: CheckSize } = Object.fromEntries(
  plainEntries.flatMap(([name, { isRedacted, maxLength = LIMITS.text }]) =>
    isRedacted ? [[name, maxCharacters(maxLength)]] : [],
  ),
)
const TEXTS_OF_RECORDING = { url: maxCharacters(LIMITS.text) } as const
const json = maxJsonBytes(LIMITS.json)
/** The rest of an analysis is not the caller's: its keys and its status. */
const TEXTS_OF_ANALYSIS = { summary: maxCharacters(LIMITS.text), tags: json, extractedData: json } as const

export const hasTexts = (fields: Texts) =>
  [...Object.keys(TEXTS), 'analysis', 'recording'].some((name) => fields[name as keyof Texts] != null)

/** The fields with these texts redacted as the tenant wants it. Absent stays absent, and null stays null. */
export async function redactConversation<Fields extends Texts>(
  fields: Fields,
  settings: RedactionSettings,
  timeSlice: TimeSlice,
  path: InputPath,
): Promise<Fields> {
  const redact = hasTexts(fields) ? await loadRedaction(settings, timeSlice) : null
  if (!redact) return fields
  const redacted = { ...fields, ...(await redactFields<Texts>(fields, TEXTS, redact, { counts: {}, path })) }
  const { analysis, recording } = fields
  if (recording != null) {
    const at = [...path, 'recording']
    redacted.recording = await redactFields(recording, TEXTS_OF_RECORDING, redact, { counts: {}, path: at })
  }
  if (analysis != null) {
    const at = [...path, 'analysis']
    const found = await redactFields<Analysis>(analysis, TEXTS_OF_ANALYSIS, redact, { counts: {}, path: at })
    redacted.analysis = withoutBlankTags(found)
    json(redacted.analysis, at)
  }
  return redacted
}

/** A replacement may be empty, and the input accepts no blank tags. */
function withoutBlankTags<Given extends Analysis>(analysis: Given): Given {
  if (!Array.isArray(analysis.tags)) return analysis
  return { ...analysis, tags: analysis.tags.filter((tag) => unlessBlank(tag) !== null) }
}
