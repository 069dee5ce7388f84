import { type Reference, referenceOf } from './logged-input.ts'
import type { Entry } from './outbox.ts'

/** What an entry takes besides its JSON. */
const ENTRY_BYTES = 500

/** A write to a conversation. Throws if its input can't be sent as JSON. */
export function entryOf(
  operation: Entry['operation'],
  conversation: Reference | null | undefined,
  input: object,
): Entry {
  const { messages, ...others } = input as { messages?: readonly unknown[] }
  const isAppend = operation === 'append'
  const fields = JSON.stringify(isAppend ? others : input)
  // An own `toJSON` can make anything of it.
  if (!fields?.startsWith('{"')) throw new TypeError('what is logged must be an object with fields')
  const entries = isAppend ? (messages ?? []).map((message) => JSON.stringify(message)) : []
  return {
    ...{ operation, lane: laneOf(conversation), conversation: nameOf(conversation), fields, messages: entries },
    idempotencyKey: crypto.randomUUID(),
    bytes: entries.reduce((sum, entry) => sum + bytesOf(entry), bytesOf(fields) + ENTRY_BYTES),
    ...{ count: 1, failures: 0, failedAt: 0, isApart: false, isUnderWay: false, wasSent: false },
    isOpenEnded: isAppend && hasOnlyMessages(others),
  }
}

/** Besides `by` and `createIfMissing`, which are the same in the lane. */
const hasOnlyMessages = (append: object) => Object.values(append).filter((value) => value !== undefined).length === 2

/** What a text takes in memory: two bytes a character, unless all fit in one. */
const bytesOf = (text: string) => (/[^\0-\xff]/.test(text) ? 2 * text.length : text.length)

function nameOf(reference: Reference | null | undefined): string | null {
  const { id, externalId } = reference == null ? {} : referenceOf(reference)
  return id ?? externalId ?? null
}

let unnamed = 0

/** What is written to one conversation is sent in its order. */
function laneOf(reference: Reference | null | undefined): string {
  if (reference == null) return `unnamed ${unnamed++}`
  const { id, externalId } = referenceOf(reference)
  return id == null ? `external ${externalId}` : `id ${id}`
}
