import type { NewMessageRow } from '../message-row.ts'
import { redactJson } from './redact-json.ts'
import type { RedactionCounts } from './redact-text.ts'

/** Fields of a message that may contain personal data. Metadata is not redacted, because rows are found by it. */
const TEXTS = ['content', 'translation', 'attachments', 'input', 'output', 'thought', 'error', 'payload'] as const

/** The redacted message, with a count of what was redacted. */
export function redactMessage(message: NewMessageRow): NewMessageRow {
  const counts: RedactionCounts = {}
  const redacted = { ...message }
  for (const name of TEXTS) {
    if (message[name] != null) Object.assign(redacted, { [name]: redactJson(message[name], counts) })
  }
  return Object.keys(counts).length === 0 ? redacted : { ...redacted, redactions: counts }
}
