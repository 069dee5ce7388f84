import { type Reference, referenceOf } from './logged-input.ts'
import type { Entry } from './outbox.ts'

/** What an entry takes besides its JSON. */
const ENTRY_BYTES = 500

const NONE: readonly string[] = []

/** A write to a conversation. Throws if its input can't be sent as JSON. */
export function entryOf(
  operation: Entry['operation'],
  conversation: Reference | null | undefined,
  input: object,
): Entry {
  const { messages } = input as { messages?: readonly unknown[] }
  const isAppend = operation === 'append'
  const fields = JSON.stringify(isAppend ? { ...input, messages: undefined } : input)
  // An own `toJSON` can make anything of it.
  if (!fields?.startsWith('{"')) throw new TypeError('what is logged must be an object with fields')
  // Without its brackets, so that others can be joined to it.
  const list = isAppend ? JSON.stringify(messages).slice(1, -1) : ''
  return {
    operation,
    lane: laneOf(conversation),
    conversation: nameOf(conversation),
    fields,
    messages: list ? [list] : NONE,
    messageCount: isAppend ? (messages?.length ?? 0) : 0,
    idempotencyKey: '',
    count: 1,
    bytes: ENTRY_BYTES + bytesOf(fields) + bytesOf(list),
    failures: 0,
    failedAt: 0,
    most: Number.POSITIVE_INFINITY,
    isOpenEnded: isAppend && hasOnlyMessages(input),
    wasSent: false,
    number: 0,
    place: 'WAITING',
    older: null,
    newer: null,
  }
}

/** Besides `by` and `createIfMissing`, which are the same in the lane. */
const hasOnlyMessages = (append: object) => Object.values(append).filter((value) => value !== undefined).length === 3

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
