import type { NewMessageRow } from '../message-row.ts'
import type { RedactionCounts } from './redact-text.ts'
import type { Redact } from './redact-value.ts'

/** Fields of a message that may contain personal data. Metadata is not redacted, because rows are found by it. */
const TEXTS = ['content', 'translation', 'attachments', 'input', 'output', 'thought', 'error', 'payload'] as const

/** The redacted message, with a count of what was redacted. */
export async function redactMessage(message: NewMessageRow, redact: Redact): Promise<NewMessageRow> {
  const counts: RedactionCounts = {}
  const redacted = { ...message }
  for (const name of TEXTS) {
    if (message[name] != null) Object.assign(redacted, { [name]: await redact(message[name], counts) })
  }
  return Object.keys(counts).length === 0 ? redacted : { ...redacted, redactions: counts }
}
