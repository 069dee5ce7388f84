/** Characters `[start, end)` of a text. */
export interface Span {
  start: number
  end: number
}

/**
 * Text in which character escapes of JSON and of URLs are decoded. Full-width letters, the digits of any script, spaces
 * of any width and dashes of any kind are mapped to one form each. Escapes such as `\n` stay: see `isEscapeLetter`.
 */
export interface DecodedText {
  characters: string
  /** The spans of the source that spans of `characters` stand for, in the same order. */
  inSource: (spans: readonly Span[]) => readonly Span[]
}

/** What dashes are decoded to: not a hyphen, which may be part of an address, while a dash may be next to one. */
export const DASH = '\u2010'

// With any number of backslashes, because JSON within JSON has several. The lookbehind keeps long runs of them linear.
const CODE = '(?:u[dD][89abAB][\\da-fA-F]{2}\\\\+u[dD][c-fC-F][\\da-fA-F]{2}|u[\\da-fA-F]{4}|x[\\da-fA-F]{2})'
const ESCAPE = `(?<!\\\\)\\\\+${CODE}`
// Only the punctuation of URLs, because elsewhere a digit or a letter often follows a percent sign.
const PERCENT_ENCODED = '%(?:2[\\da-fA-F]|3[a-fA-F]|40)'
const FULL_WIDTH = '\\uff0b\\uff0d\\uff0e\\uff20-\\uff3a\\uff3f\\uff41-\\uff5a\\ufe6b'
const UNIT = new RegExp(
  `${ESCAPE}|${PERCENT_ENCODED}|[[\\p{Nd}--[0-9]][\\p{Zs}-- ][\\p{Pd}--\\-]\\u2212${FULL_WIDTH}]`,
  'gv',
)

export const plainText = (source: string): DecodedText => ({ characters: source, inSource: (spans) => spans })

export function decodeText(source: string): DecodedText {
  const shifts: Shift[] = []
  let by = 0
  const characters = source.replace(UNIT, (unit, index: number) => {
    const character = decodeUnit(unit)
    if (unit.length > character.length) {
      const end = index - by + character.length
      by += unit.length - character.length
      shifts.push({ end, by })
    }
    return character
  })
  return { characters, inSource: (spans) => shiftSpans(spans, shifts) }
}

/** How far ahead (`by`) the source is after a unit that ends at `end` once it is decoded. */
interface Shift {
  end: number
  by: number
}

function shiftSpans(spans: readonly Span[], shifts: readonly Shift[]): readonly Span[] {
  let next = 0
  const shift = (index: number) => {
    while (next < shifts.length && (shifts[next] as Shift).end <= index) next += 1
    return index + (shifts[next - 1]?.by ?? 0)
  }
  return shifts.length === 0 ? spans : spans.map(({ start, end }) => ({ start: shift(start), end: shift(end) }))
}

function decodeUnit(unit: string): string {
  if (unit.startsWith('%')) return String.fromCharCode(Number.parseInt(unit.slice(1), 16))
  if (!unit.startsWith('\\')) return simplify(unit)
  const codes = unit.split(/\\+/).slice(1)
  return simplify(String.fromCharCode(...codes.map((hex) => Number.parseInt(hex.slice(1), 16))))
}

function simplify(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x80) return character
  if (DIGIT.test(character)) return digitOf(code)
  if (code >= 0xff01 && code <= 0xff5e) return String.fromCharCode(code - 0xfee0)
  if (code === 0xfe6b) return '@'
  if (/\p{Zs}/u.test(character)) return ' '
  return /[\p{Pd}\u2212]/u.test(character) ? DASH : character
}

const DIGIT = /^\p{Nd}$/u

/** Unicode assigns decimal digits in runs of ten, starting with zero. */
function digitOf(code: number): string {
  let first = code
  while (DIGIT.test(String.fromCodePoint(first - 1))) first -= 1
  return String((code - first) % 10)
}

const isLetterOfEscape = (code: number) =>
  code === 0x6e || code === 0x72 || code === 0x74 || code === 0x62 || code === 0x66

/** Whether the letter at `index` belongs to an escape (`\n`, `\r`, `\t`, `\b`, `\f`), and not to the word after it. */
export const isEscapeLetter = (characters: string, index: number) =>
  isLetterOfEscape(characters.charCodeAt(index)) && characters[index - 1] === '\\'
