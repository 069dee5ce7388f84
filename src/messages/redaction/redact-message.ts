import type { Attachment, NewMessageRow } from '../message-row.ts'
import type { RedactionCounts } from './redact-text.ts'
import { type Redact, redactFields } from './redact-value.ts'

/** Fields of a message that may contain personal data. Metadata is not redacted, because rows are found by it. */
const TEXTS = ['content', 'translation', 'input', 'output', 'thought', 'error', 'payload'] as const
const TEXTS_OF_ATTACHMENT = ['url', 'name', 'mediaType'] as const

/** The redacted message, with a count of what was redacted. */
export async function redactMessage(message: NewMessageRow, redact: Redact): Promise<NewMessageRow> {
  const counts: RedactionCounts = {}
  const redacted = await redactFields(message, TEXTS, redact, counts)
  if (message.attachments) {
    const attachments: Attachment[] = []
    for (const one of message.attachments)
      attachments.push(await redactFields(one, TEXTS_OF_ATTACHMENT, redact, counts))
    redacted.attachments = attachments
  }
  return Object.keys(counts).length === 0 ? redacted : { ...redacted, redactions: counts }
}
