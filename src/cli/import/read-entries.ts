import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { MalformedEntry } from './formats/format.ts'
import { AROUND_LIST, MAX_ENTRY_BYTES, OPENING_BRACKET, splitLines, splitList } from './split-entries.ts'

/** What a file consists of: lines, or the conversations of one list in JSON. */
export type EntryKind = 'line' | 'conversation'

export interface Entry {
  /** Of a line as in an editor; of a conversation in the order of the list. Counted from 1. */
  number: number
  /** Its position among the entries that are not blank, from 0. */
  position: number
  /** Null if it is longer than MAX_ENTRY_BYTES. */
  bytes: Buffer | null
}

/** The entries of a file that are not blank. Gunzips the file if it is gzip, whatever its name. */
export async function* readEntries(file: string, kind: EntryKind): AsyncGenerator<Entry, void> {
  let position = 0
  let number = 0
  const stream = await openStream(file)
  for await (const bytes of kind === 'line' ? splitLines(stream) : splitList(stream)) {
    number += 1
    if (bytes === null || !isBlank(bytes)) yield { number, position: position++, bytes }
  }
}

/** A list in JSON begins with a bracket, and no line of a known format does. */
export async function readEntryKind(file: string): Promise<EntryKind> {
  for await (const chunk of await openStream(file)) {
    const first = chunk.find((byte) => !AROUND_LIST.has(byte))
    if (first !== undefined) return first === OPENING_BRACKET ? 'conversation' : 'line'
  }
  return 'line'
}

/** The JSON of an entry, parsed by `parse`. */
export function parseEntry(bytes: Buffer | null, parse: (text: string) => unknown): unknown {
  if (bytes === null) throw new MalformedEntry(`is longer than ${MAX_ENTRY_BYTES} bytes`)
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new MalformedEntry('is not UTF-8')
  }
  try {
    return parse(text)
  } catch {
    throw new MalformedEntry('is not JSON')
  }
}

async function openStream(file: string): Promise<AsyncIterable<Buffer>> {
  const handle = await open(file)
  if (!(await handle.stat()).isFile()) {
    await handle.close()
    throw new Error('it is read twice, so it must be a regular file')
  }
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0)
  const isGzip = bytesRead === 2 && buffer.readUInt16BE() === 0x1f8b
  // Closes the file at its end, or when nobody reads on.
  const stream = handle.createReadStream({ start: 0 })
  // The error of either stream reaches whoever reads the last one.
  return isGzip ? pipeline(stream, createGunzip(), () => {}) : stream
}

const BLANK = new Set([0x20, 0x09, 0x0d, 0x0a])

const isBlank = (bytes: Buffer) => bytes.every((byte) => BLANK.has(byte))
