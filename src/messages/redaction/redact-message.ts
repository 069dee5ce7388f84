import type { NewMessageRow } from '../message-row.ts'
import { redactJson } from './redact-json.ts'
import type { RedactionCounts } from './redact-text.ts'

/** What people, or tools about them, may have put into a message. Its metadata is what rows are looked up by, and stays. */
const TEXTS = ['content', 'translation', 'input', 'output', 'thought', 'error', 'payload'] as const

/** The message as it may be stored, with what was taken out of it counted. */
export function redactMessage(message: NewMessageRow): NewMessageRow {
  const counts: RedactionCounts = {}
  const redacted = { ...message }
  for (const name of TEXTS) {
    if (message[name] != null) Object.assign(redacted, { [name]: redactJson(message[name], counts) })
  }
  return Object.keys(counts).length === 0 ? redacted : { ...redacted, redactions: counts }
}
