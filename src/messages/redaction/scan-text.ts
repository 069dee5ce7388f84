import { findAll } from './find-all.ts'

/** Properties of a text that tell whether there can be anything to redact. */
export interface TextScan {
  hasAt: boolean
  /** At least as many as the digits of the longest number, whatever separates them. */
  digits: number
  /** Whether the text has encoded characters: see `decodeText`. */
  isEncoded: boolean
}

const AT = 1
const DIGIT = 2
const ENCODED = 4
const ESCAPE = 8
const SEPARATOR = 16

/** A table lookup is four times as fast as a character class of many ranges. */
const FLAGS = new Uint8Array(0x1_0000)
/**
 * Between them are the ideographs and syllables of East Asia, which no pattern below matches. Checking all would take
 * 10 ms at startup.
 */
const RANGES = [
  [0, 0x3100],
  [0xa600, 0xac00],
  [0xfe00, 0x1_0000],
] as const
flag(/[@\uff20\ufe6b]/g, AT)
flag(/\p{Nd}/gu, DIGIT)
flag(
  /[[\p{Nd}--[0-9]][\p{Zs}-- ][\p{Pd}--\-]\u2212\uff0b\uff0d\uff0e\uff20-\uff3a\uff3f\uff41-\uff5a\ufe6b]/gv,
  ENCODED,
)
flag(/[\\%]/g, ESCAPE)
flag(/[.\p{Zs}\p{Pd}\u2212\uff0e]/gu, SEPARATOR)
// Surrogates that may be the two halves of a digit.
FLAGS.fill(DIGIT | ENCODED, 0xd801, 0xd83b)
FLAGS.fill(SEPARATOR, 0xdc00, 0xe000)

function flag(characters: RegExp, bit: number) {
  for (const [start, end] of RANGES) {
    const units = String.fromCharCode(...Array.from({ length: end - start }, (_, index) => start + index))
    for (const { index } of findAll(characters, units)) FLAGS[start + index] = (FLAGS[start + index] ?? 0) | bit
  }
}

const CHARACTER_CODE = /\\[ux][\da-fA-F]{2}|%[2-4]/
const AT_CODE = /[%x0]40|fe6b|ff20/i

export function scanText(text: string): TextScan {
  let flags = 0
  let digits = 0
  let longest = 0
  for (let index = 0; index < text.length; index += 1) {
    const found = FLAGS[text.charCodeAt(index)] ?? 0
    flags |= found
    if (found & DIGIT) digits += 1
    else if (!(found & SEPARATOR)) digits = 0
    if (digits > longest) longest = digits
  }
  const isEscaped = (flags & ESCAPE) !== 0 && CHARACTER_CODE.test(text)
  return {
    hasAt: (flags & AT) !== 0 || (isEscaped && AT_CODE.test(text)),
    digits: isEscaped ? text.length : longest,
    isEncoded: (flags & ENCODED) !== 0 || isEscaped,
  }
}
