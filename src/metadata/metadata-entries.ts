/**
 * Metadata as rows of `conversation_metadata`: one for each value, under the JSON pointer of its path. A value is
 * written so that the byte order of the text is the order of the value, and so that no two types are ever equal:
 *
 *   z        null                     o        an object (its own values follow under longer paths)
 *   b0, b1   false, true              a        an array
 *   d…       a number: its double     e…       an element of the array, written as a value
 *   s…       a string
 */
export interface MetadataEntry {
  path: string
  value: string
}

export type Scalar = string | number | boolean | null

/** Strings are indexed by this many characters; a filter on a longer one looks at the metadata itself as well. */
export const INDEXED_CHARACTERS = 128

/** RFC 6901: `['a', 'b/c']` is `/a/b~1c`. */
export const toPointer = (path: readonly string[]) =>
  path.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

export const fromPointer = (pointer: string) =>
  pointer
    .slice(1)
    .split('/')
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))

export function metadataEntries(metadata: Record<string, unknown>): MetadataEntry[] {
  const entries = new Map<string, MetadataEntry>()
  const add = (path: string, value: string) => entries.set(`${path}\0${value}`, { path, value })
  const visit = (object: object, prefix: string) => {
    for (const [key, value] of Object.entries(object)) {
      const path = prefix + toPointer([key])
      if (Array.isArray(value)) {
        add(path, 'a')
        for (const element of value) if (isScalar(element)) add(path, `e${encodeScalar(element)}`)
      } else if (isScalar(value)) add(path, encodeScalar(value))
      else {
        add(path, 'o')
        visit(value as object, path)
      }
    }
  }
  visit(metadata, '')
  return [...entries.values()]
}

export const isScalar = (value: unknown): value is Scalar => typeof value !== 'object' || value === null

export function encodeScalar(value: Scalar): string {
  if (value === null) return 'z'
  if (typeof value === 'boolean') return value ? 'b1' : 'b0'
  if (typeof value === 'number') return `d${encodeDouble(value)}`
  return `s${indexedPart(value)}`
}

/** The value of an entry; undefined for objects, arrays, and strings that may be longer than what is indexed. */
export function decodeScalar(value: string): Scalar | undefined {
  if (value === 'z') return null
  if (value.startsWith('b')) return value === 'b1'
  if (value.startsWith('d')) return decodeDouble(value.slice(1))
  if (value.startsWith('s')) return isWholeString(value.slice(1)) ? value.slice(1) : undefined
  return undefined
}

/** Cut between code points, not inside one. */
export const indexedPart = (text: string) =>
  text.length <= INDEXED_CHARACTERS
    ? text
    : [...text.slice(0, INDEXED_CHARACTERS * 2)].slice(0, INDEXED_CHARACTERS).join('')

/** Whether the index holds all of a string, so that its entry decides. */
export const isWholeString = (text: string) => [...text.slice(0, INDEXED_CHARACTERS * 2)].length < INDEXED_CHARACTERS

/** A double's bits in the order of the numbers: the sign is flipped, and negative numbers are inverted as a whole. */
function encodeDouble(number: number): string {
  const bits = Buffer.alloc(8)
  bits.writeDoubleBE(number === 0 ? 0 : number)
  return order(bits, (bits[0] ?? 0) >= 0x80).toString('hex')
}

function decodeDouble(hex: string): number {
  const bits = Buffer.from(hex, 'hex')
  return order(bits, (bits[0] ?? 0) < 0x80).readDoubleBE()
}

function order(bits: Buffer, negative: boolean): Buffer {
  return Buffer.from(bits.map((byte, i) => (negative ? ~byte : i === 0 ? byte ^ 0x80 : byte)))
}
