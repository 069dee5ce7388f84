/** Longer entries are not read: no server accepts them in one request, and one endless line must not fill the memory. */
export const MAX_ENTRY_BYTES = 16 * 1024 * 1024

/** Null instead of an entry that is too long. */
type Pieces = AsyncGenerator<Buffer | null, void>

/**
 * Splits bytes, not text: node:readline also breaks lines at U+2028, which JSON allows inside a string, and would
 * silently replace bytes that are not UTF-8 with U+FFFD.
 */
export async function* splitLines(chunks: AsyncIterable<Buffer>): Pieces {
  const line = new Piece()
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      line.add(chunk.subarray(start, end))
      yield line.take()
      start = end + 1
    }
    line.add(chunk.subarray(start))
  }
  if (line.size > 0) yield line.take()
}

const NEWLINE = 0x0a
const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c]
export const OPENING_BRACKET = 0x5b
/** White space, and the byte order mark. */
export const AROUND_LIST = new Set([0x20, 0x09, 0x0d, 0x0a, 0xef, 0xbb, 0xbf])
const isOpening = (byte: number) => byte === OPENING_BRACKET || byte === 0x7b
const isClosing = (byte: number) => byte === 0x5d || byte === 0x7d

/**
 * Splits a list in JSON into the bytes of its elements, which are parsed one by one as lines are. Parsers of streams make
 * an event or an object of every value, with numbers rounded; finding the ends of elements needs no more than brackets.
 */
export async function* splitList(chunks: AsyncIterable<Buffer>): Pieces {
  const element = new Piece()
  let depth = 0
  let isInString = false
  let isEscaped = false
  for await (const chunk of chunks) {
    // Where the element goes on in this chunk.
    let start = 0
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] as number
      if (depth === 0 && byte !== OPENING_BRACKET) {
        if (!AROUND_LIST.has(byte)) throw new Error('there is something else than a list in it')
      } else if (isEscaped) isEscaped = false
      else if (isInString) {
        if (byte === BACKSLASH) isEscaped = true
        else if (byte === QUOTE) isInString = false
      } else if (byte === QUOTE) isInString = true
      else if (isOpening(byte)) {
        depth += 1
        if (depth === 1) start = at + 1
      } else if (byte === COMMA || isClosing(byte)) {
        const isEnd = depth === 1
        if (byte !== COMMA) depth -= 1
        if (!isEnd) continue
        element.add(chunk.subarray(start, at))
        yield element.take()
        start = at + 1
      }
    }
    if (depth > 0) element.add(chunk.subarray(start))
  }
  if (depth > 0) throw new Error('it ends within the list')
}

/** The bytes of an entry that came so far. */
class Piece {
  size = 0
  #parts: Buffer[] = []

  add(part: Buffer) {
    this.size += part.length
    if (this.size <= MAX_ENTRY_BYTES) this.#parts.push(part)
  }

  take(): Buffer | null {
    const bytes = this.size <= MAX_ENTRY_BYTES ? Buffer.concat(this.#parts) : null
    this.#parts = []
    this.size = 0
    return bytes
  }
}
