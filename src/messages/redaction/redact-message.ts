import type { InputPath } from '../../errors.ts'
import { LIMITS } from '../../input/limits.ts'
import type { Attachment, UntimedRow } from '../message-row.ts'
import type { RedactionCounts } from './redact-text.ts'
import { maxCharacters, maxJsonBytes, type Redact, redactFields } from './redact-value.ts'

const text = maxCharacters(LIMITS.content)
const json = maxJsonBytes(LIMITS.json)
const name = maxCharacters(LIMITS.name)
/** Fields of a message that may contain personal data. Metadata is not redacted, because rows are found by it. */
const TEXTS = {
  ...{ content: text, translation: text, thought: text, error: text },
  ...{ input: json, output: json, payload: json },
} as const
const TEXTS_OF_ATTACHMENT = { url: maxCharacters(LIMITS.text), name, mediaType: name } as const

/** The redacted message, with a count of what was redacted. */
export async function redactMessage<Row extends UntimedRow>(
  message: Row,
  redact: Redact,
  path: InputPath,
): Promise<Row> {
  const counts: RedactionCounts = {}
  const redacted = await redactFields(message, TEXTS, redact, { counts, path })
  if (message.attachments) {
    const attachments: Attachment[] = []
    for (const [index, one] of message.attachments.entries()) {
      const at = [...path, 'attachments', index]
      attachments.push(await redactFields(one, TEXTS_OF_ATTACHMENT, redact, { counts, path: at }))
    }
    redacted.attachments = attachments
  }
  return Object.keys(counts).length === 0 ? redacted : { ...redacted, redactions: counts }
}
