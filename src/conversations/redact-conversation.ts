import { redactJson } from '../messages/redaction/redact-json.ts'
import { type PlainValues, plainEntries } from './plain-fields.ts'

/** The free-text fields of a conversation. Ids, names and metadata are not redacted, because rows are found by them. */
type Texts = PlainValues & { analysis?: unknown }

const TEXTS = [...plainEntries.flatMap(([name, { isRedacted }]) => (isRedacted ? [name] : [])), 'analysis' as const]

export const hasTexts = (fields: Texts) => TEXTS.some((name) => fields[name] != null)

/** The fields with these texts redacted. Absent stays absent, and null stays null. */
export function redactConversation<Fields extends Texts>(fields: Fields): Fields {
  const given = TEXTS.filter((name) => fields[name] != null)
  return { ...fields, ...Object.fromEntries(given.map((name) => [name, redactJson(fields[name], {})])) }
}
