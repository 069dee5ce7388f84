import { redactJson } from '../messages/redaction/redact-json.ts'

/** What is said of a conversation in free text. Ids, names and metadata are what it is looked up by, and stay. */
const TEXTS = ['description', 'feedback', 'analysis'] as const

type Texts = { [Name in (typeof TEXTS)[number]]?: unknown }

export const hasTexts = (fields: Texts) => TEXTS.some((name) => fields[name] != null)

/** The same fields as they may be stored; absent stays absent, and null null. */
export function redactConversation<Fields extends Texts>(fields: Fields): Fields {
  const given = TEXTS.filter((name) => fields[name] != null)
  return { ...fields, ...Object.fromEntries(given.map((name) => [name, redactJson(fields[name], {})])) }
}
