import { isExact } from '../input/exact-number.ts'

/** Limits on a JSON text. */
export interface JsonLimits {
  /** Objects, lists, texts, numbers, booleans and nulls. Names of members do not count. */
  values: number
  /** Nesting of objects and lists. */
  depth: number
}

export type JsonExcess = keyof JsonLimits

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPENING_LIST = 0x5b
const CLOSING_LIST = 0x5d
const OPENING_OBJECT = 0x7b
const CLOSING_OBJECT = 0x7d
const PLUS = 0x2b
const MINUS = 0x2d
const POINT = 0x2e

const isDigit = (byte: number) => byte >= 0x30 && byte <= 0x39

/** `e`, in either case. */
const isExponent = (byte: number) => (byte | 0x20) === 0x65

/** A double keeps all digits of a number of up to this many characters, unless it has an exponent. */
const KEPT_LENGTH = 15

/**
 * Counts the values and the depth of a JSON text while its bytes arrive: parsing a text of many values takes seconds,
 * counting them milliseconds. The bytes of UTF-8 characters beyond ASCII are never ASCII, so they need no decoding.
 * Text that is not valid JSON is counted as if it were, and left to the parser, which stops at the first mistake.
 */
export class JsonScanner {
  readonly #limits: JsonLimits
  #values = 1
  #depth = 0
  #isInText = false
  #isEscaped = false
  /** Whether an object or list has just been opened: it has a value if anything but its end follows. */
  #isOpened = false
  /** The beginning of a number that may continue in the next chunk. */
  #number = ''
  #losesNumbers = false
  #scanned = 0
  /** Where the scanner's current member of the outermost object begins. */
  #memberAt = 0

  constructor(limits: JsonLimits) {
    this.#limits = limits
  }

  get values(): number {
    return this.#values
  }

  /** Whether the text so far has a number that would lose digits as a double. */
  get losesNumbers(): boolean {
    return this.#losesNumbers
  }

  /** Byte offset of the member of the outermost object that was scanned last. */
  get memberAt(): number {
    return this.#memberAt
  }

  /** Returns which limit the text exceeds so far; null if none. */
  scan(bytes: Uint8Array): JsonExcess | null {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let i = this.#number === '' ? 0 : this.#skipNumber(chunk, 0); i < chunk.length; i++) {
      if (this.#isInText) {
        i = this.#skipText(chunk, i)
        continue
      }
      const byte = chunk[i] ?? 0
      const excess = this.#take(byte, i)
      if (excess) return excess
      if (isDigit(byte) || byte === MINUS) i = this.#skipNumber(chunk, i) - 1
    }
    this.#scanned += chunk.length
    return null
  }

  /** Returns the offset of the last byte of the text in this chunk. */
  #skipText(chunk: Uint8Array, from: number): number {
    for (let i = from; i < chunk.length; i++) {
      const byte = chunk[i]
      if (this.#isEscaped) this.#isEscaped = false
      else if (byte === BACKSLASH) this.#isEscaped = true
      else if (byte === QUOTE) {
        this.#isInText = false
        return i
      }
    }
    return chunk.length
  }

  /** Returns the offset after the number in this chunk. */
  #skipNumber(chunk: Buffer, from: number): number {
    let end = from
    let hasExponent = false
    for (; end < chunk.length; end++) {
      const byte = chunk[end] ?? 0
      if (isExponent(byte)) hasExponent = true
      else if (!isDigit(byte) && byte !== POINT && byte !== MINUS && byte !== PLUS) break
    }
    const isCut = end === chunk.length
    if (!isCut && !hasExponent && this.#number === '' && end - from <= KEPT_LENGTH) return end
    const text = this.#number + chunk.toString('latin1', from, end)
    this.#number = isCut ? text : ''
    if (!isCut && !this.#losesNumbers) this.#losesNumbers = !isExact(text)
    return end
  }

  #take(byte: number, offset: number): JsonExcess | null {
    // Spaces, tabs and line ends may stand anywhere between tokens.
    if (byte <= 0x20) return null
    if (byte === COMMA) {
      this.#values += 1
      if (this.#depth === 1) this.#memberAt = this.#scanned + offset + 1
    } else if (this.#isOpened && byte !== CLOSING_LIST && byte !== CLOSING_OBJECT) {
      this.#values += 1
    }
    this.#isOpened = byte === OPENING_LIST || byte === OPENING_OBJECT
    if (this.#isOpened) {
      this.#depth += 1
      if (this.#depth === 1) this.#memberAt = this.#scanned + offset + 1
    } else if (byte === CLOSING_LIST || byte === CLOSING_OBJECT) this.#depth -= 1
    else if (byte === QUOTE) this.#isInText = true
    if (this.#depth > this.#limits.depth) return 'depth'
    return this.#values > this.#limits.values ? 'values' : null
  }
}
