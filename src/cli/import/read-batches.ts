import type { ImportSummary } from './import-summary.ts'
import { type Line, MAX_LINE_BYTES } from './read-lines.ts'
import { type ConvertedDialogue, convertDialogue, MalformedLine, parseLine, type TimeRange } from './taskmaster.ts'

/** What the server takes, as its query `limits` answers. */
export interface ServerLimits {
  maxBodyBytes: number
  maxMessagesPerCall: number
  maxConversationsPerCall: number
}

/** A conversation, and the line of the file that it was. */
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

/** What stands in a body around the conversations, rounded up. */
const ENVELOPE_BYTES = 1_024

/** While it stores a call, the server holds some fifty times as much (measured at 500 conversations of 2 KB). */
const MAX_BATCH_BYTES = 1_048_576

/**
 * A file's conversations in batches, each of what the server takes in one call. What can't be sent is noted in the summary.
 * Reads on only when it is asked for the next one.
 */
export async function* readBatches(
  lines: AsyncIterable<Line>,
  timesOf: (line: Line) => TimeRange,
  limits: ServerLimits,
  summary: ImportSummary,
): AsyncGenerator<Batch, void> {
  // Half: well under it, whatever stands around them. A conversation that is larger goes by itself.
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
      const message = `is larger than the ${limits.maxBodyBytes} bytes that the server takes in a request.`
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
