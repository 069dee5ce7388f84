import type { ImportSummary } from './import-summary.ts'
import { type Line, MAX_LINE_BYTES } from './read-lines.ts'
import { type ConvertedDialogue, convertDialogue, MalformedLine, parseLine, type TimeRange } from './taskmaster.ts'

/** What the server accepts, according to its query `limits`. */
export interface ServerLimits {
  maxBodyBytes: number
  maxMessagesPerCall: number
  maxConversationsPerCall: number
}

/** A conversation, and its line in the file. */
export interface ReadDialogue extends ConvertedDialogue {
  line: number
}

/** Lines that are settled together: those that hold a conversation are logged in one call. */
export interface Batch {
  firstLine: number
  lastLine: number
  /** Without blank ones. */
  lineCount: number
  dialogues: ReadDialogue[]
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
  lines: AsyncIterable<Line>,
  timesOf: (line: Line) => TimeRange,
  limits: ServerLimits,
  summary: ImportSummary,
): AsyncGenerator<Batch, void> {
  // Half, to stay well under the limit, whatever is around them. A larger conversation is sent by itself.
  const maxBytes = Math.min(limits.maxBodyBytes / 2, MAX_BATCH_BYTES)
  let batch = new OpenBatch()
  for await (const line of lines) {
    const dialogue = parseDialogue(line, timesOf, summary)
    const bytes = dialogue ? Buffer.byteLength(JSON.stringify(dialogue.input)) : 0
    const messages = dialogue?.input.messages.length ?? 0
    const isFull =
      batch.bytes + bytes > maxBytes ||
      batch.messages + messages > limits.maxMessagesPerCall ||
      batch.lineCount >= limits.maxConversationsPerCall
    if (isFull && batch.lineCount > 0) {
      yield batch
      batch = new OpenBatch()
    }
    batch.take(line)
    if (!dialogue) continue
    if (bytes + ENVELOPE_BYTES > limits.maxBodyBytes) {
      const message = `is larger than the ${limits.maxBodyBytes} bytes that the server accepts in a request.`
      summary.noteRefused(dialogue, 'LIMIT_EXCEEDED', message)
    } else batch.add(dialogue, bytes)
  }
  if (batch.lineCount > 0) yield batch
}

class OpenBatch implements Batch {
  firstLine = 0
  lastLine = 0
  lineCount = 0
  dialogues: ReadDialogue[] = []
  /** Of the conversations, as JSON. */
  bytes = 0
  messages = 0

  take({ number }: Line) {
    if (this.lineCount === 0) this.firstLine = number
    this.lastLine = number
    this.lineCount += 1
  }

  add(dialogue: ReadDialogue, bytes: number) {
    this.dialogues.push(dialogue)
    this.bytes += bytes
    this.messages += dialogue.input.messages.length
  }
}

function parseDialogue(line: Line, timesOf: (line: Line) => TimeRange, summary: ImportSummary): ReadDialogue | null {
  try {
    if (line.bytes === null) throw new MalformedLine(`is longer than ${MAX_LINE_BYTES} bytes`)
    const converted = convertDialogue(parseLine(line.bytes), timesOf(line))
    summary.noteRead(converted)
    return { ...converted, line: line.number }
  } catch (error) {
    if (!(error instanceof MalformedLine)) throw error
    summary.noteMalformedLine(line.number, error.message)
    return null
  }
}
