/** What of a text tells whether anything must be looked for. */
export interface TextScan {
  hasAt: boolean
  /** No fewer than the digits of the longest number, with whatever separates them. */
  digits: number
  /** Whether a character stands for another: see `decodeText`. */
  isEncoded: boolean
}

const AT = 1
const DIGIT = 2
const ENCODED = 4
const ESCAPE = 8
const SEPARATOR = 16

/** A look-up in a table is four times as fast as a character class of many ranges. Surrogates may be those of a digit. */
const FLAGS = new Uint8Array(0x1_0000)
flag(/[@\uff20\ufe6b]/, AT)
flag(/[\p{Nd}\ud801-\ud83a]/u, DIGIT)
flag(
  /[[\p{Nd}--[0-9]][\p{Zs}-- ][\p{Pd}--\-]\u2212\uff0b\uff0d\uff0e\uff20-\uff3a\uff3f\uff41-\uff5a\ufe6b\ud801-\ud83a]/v,
  ENCODED,
)
flag(/[\\%]/, ESCAPE)
flag(/[.\p{Zs}\p{Pd}\u2212\uff0e\udc00-\udfff]/u, SEPARATOR)

function flag(characters: RegExp, bit: number) {
  for (let code = 0; code < FLAGS.length; code += 1) {
    if (characters.test(String.fromCharCode(code))) FLAGS[code] = (FLAGS[code] ?? 0) | bit
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
