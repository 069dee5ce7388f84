import { ConversionError } from '../../client/convert/values.ts'
import { type Converted, type Format, MalformedEntry, type TimeRange } from './formats/format.ts'
import type { ImportSummary } from './import-summary.ts'
import { type Entry, parseEntry } from './read-entries.ts'
import { RepeatedIds } from './repeated-ids.ts'

/** What the server accepts, according to its query `limits`. */
export interface ServerLimits {
  maxBodyBytes: number
  maxMessagesPerCall: number
  maxConversationsPerCall: number
}

/** A conversation, and the number of its entry in the file. */
export interface ReadConversation extends Converted {
  entry: number
  /** The entry before it that has the same id; null if none. */
  repeats: number | null
}

/** Entries that are settled together: those that hold a conversation are logged in one call. */
export interface Batch {
  first: number
  last: number
  /** Without blank ones. */
  entryCount: number
  conversations: ReadConversation[]
}

/** What a body contains around the conversations, rounded up. */
const ENVELOPE_BYTES = 1_024

/** While the server stores a call, it holds some fifty times as much (measured at 500 conversations of 2 KB). */
const MAX_BATCH_BYTES = 1_048_576

/**
 * Yields a file's conversations in batches that the server accepts in one call. What can't be sent is noted in the
 * summary. Reads on only when the next batch is asked for.
 */
export async function* readBatches(
  entries: AsyncIterable<Entry>,
  format: Format,
  timesOf: (entry: Entry) => TimeRange | null,
  limits: ServerLimits,
  summary: ImportSummary,
): AsyncGenerator<Batch, void> {
  // Half, to stay well under the limit, whatever is around them. A larger conversation is sent by itself.
  const maxBytes = Math.min(limits.maxBodyBytes / 2, MAX_BATCH_BYTES)
  let batch = new OpenBatch()
  const ids = new RepeatedIds()
  for await (const entry of entries) {
    const read = readConversation(entry, format, timesOf, summary, ids)
    const bytes = read ? Buffer.byteLength(JSON.stringify(read.input)) : 0
    const messages = read?.input.messages.length ?? 0
    const isFull =
      batch.bytes + bytes > maxBytes ||
      batch.messages + messages > limits.maxMessagesPerCall ||
      batch.entryCount >= limits.maxConversationsPerCall
    if (isFull && batch.entryCount > 0) {
      yield batch
      batch = new OpenBatch()
    }
    batch.take(entry)
    if (!read) continue
    if (bytes + ENVELOPE_BYTES > limits.maxBodyBytes) {
      const message = `is larger than the ${limits.maxBodyBytes} bytes that the server accepts in a request.`
      summary.noteRefused(read, 'LIMIT_EXCEEDED', message)
    } else batch.add(read, bytes)
  }
  if (batch.entryCount > 0) yield batch
}

class OpenBatch implements Batch {
  first = 0
  last = 0
  entryCount = 0
  conversations: ReadConversation[] = []
  /** Of the conversations, as JSON. */
  bytes = 0
  messages = 0

  take({ number }: Entry) {
    if (this.entryCount === 0) this.first = number
    this.last = number
    this.entryCount += 1
  }

  add(conversation: ReadConversation, bytes: number) {
    this.conversations.push(conversation)
    this.bytes += bytes
    this.messages += conversation.input.messages.length
  }
}

function readConversation(
  entry: Entry,
  format: Format,
  timesOf: (entry: Entry) => TimeRange | null,
  summary: ImportSummary,
  ids: RepeatedIds,
): ReadConversation | null {
  try {
    const converted = format.convert(parseEntry(entry.bytes, format.parse), entry, timesOf(entry))
    summary.noteRead(converted)
    return { ...converted, entry: entry.number, repeats: ids.note(converted.input.externalId, entry.number) }
  } catch (error) {
    if (!(error instanceof MalformedEntry || error instanceof ConversionError)) throw error
    summary.noteMalformed(entry.number, error.message)
    return null
  }
}
