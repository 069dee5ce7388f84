import { createHash } from 'node:crypto'
import { type Fields, isFields } from '../../../client/convert/values.ts'
import type { LogConversationInput, MessageInput } from '../../../client/generated/schema-types.ts'
import type { Entry } from '../read-entries.ts'

/** A format of files: each line, or each element of a list, holds a conversation. */
export interface Format {
  name: string
  /** Whether conversations have times of their own. */
  times: 'always' | 'sometimes' | 'never'
  recognises(value: unknown): boolean
  /** `JSON.parse`, or exactly if it holds numbers that are logged. */
  parse(text: string): unknown
  /** Throws a `MalformedEntry` or a `ConversionError` if the value holds no conversation. `times`: when it takes place, if that is given. */
  convert(value: unknown, entry: Entry, times: TimeRange | null): Converted
}

/** When a conversation may take place: messages lie in [start, end). */
export interface TimeRange {
  start: Date
  end: Date
}

export interface Converted {
  input: ImportedConversation
  /** What is left out or changed, by kind, each time that it is. */
  losses: string[]
}

/** With an external id and `RETURN_EXISTING`, so that it is stored once however often it is sent. */
export type ImportedConversation = Omit<LogConversationInput, 'messages'> & {
  externalId: string
  onConflict: 'RETURN_EXISTING'
  messages: MessageInput[]
}

/** An entry that holds no conversation. The message says why. */
export class MalformedEntry extends Error {}

export function objectOf(value: unknown): Fields {
  if (!isFields(value)) throw new MalformedEntry('is not an object')
  return value
}

/**
 * The id of a conversation, or one made of what its entry holds and where that is, so that the same file can be imported
 * again. Without the place, people who said the same would be one conversation.
 */
export function externalIdOf(given: unknown, { number, bytes }: Entry): string {
  if (typeof given === 'string' && given.trim() !== '') return given
  if (typeof given === 'number') return String(given)
  const hash = createHash('sha256')
    .update(bytes ?? '')
    .digest('hex')
  return `import-${hash.slice(0, 32)}-${number}`
}
