import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'

/** Longer lines are not read: no server accepts them in one request, and one endless line must not fill the memory. */
export const MAX_LINE_BYTES = 16 * 1024 * 1024

export interface Line {
  /** The line number, counted from 1 as in an editor. */
  number: number
  /** Its position among the lines that are not blank, from 0. */
  position: number
  /** Null if it is longer than MAX_LINE_BYTES. */
  bytes: Buffer | null
}

/** The lines of a file that are not blank. Gunzips the file if it is gzip, whatever its name. */
export async function* readLines(file: string): AsyncGenerator<Line, void> {
  let position = 0
  let number = 0
  for await (const bytes of splitLines(await openStream(file))) {
    number += 1
    if (bytes === null || !isBlank(bytes)) yield { number, position: position++, bytes }
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

const NEWLINE = 0x0a

/**
 * Splits bytes, not text: node:readline also breaks lines at U+2028, which JSON allows inside a string, and would
 * silently replace bytes that are not UTF-8 with U+FFFD.
 */
async function* splitLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer | null, void> {
  let parts: Buffer[] = []
  let size = 0
  const keep = (part: Buffer) => {
    size += part.length
    if (size <= MAX_LINE_BYTES) parts.push(part)
  }
  const take = () => {
    const line = size <= MAX_LINE_BYTES ? Buffer.concat(parts) : null
    parts = []
    size = 0
    return line
  }
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      keep(chunk.subarray(start, end))
      yield take()
      start = end + 1
    }
    keep(chunk.subarray(start))
  }
  if (size > 0) yield take()
}

const BLANK = new Set([0x20, 0x09, 0x0d])

const isBlank = (bytes: Buffer) => bytes.every((byte) => BLANK.has(byte))
