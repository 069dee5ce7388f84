/**
 * The form in which texts are compared: NFKC, case-folded, without what nobody sees. JavaScript has no case folding. Upper
 * case and back is nearly the same, and makes one letter of i, İ and ı as well, which languages pair differently.
 */
export function foldText(text: string): string {
  const composed = text.replace(APART, ' $& ').replace(MARKS_TOO_MANY, '$1').normalize('NFKC')
  const lower = composed.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ').replaceAll('i\u0307', 'i')
  return lower.replace(UNSEEN, '').normalize('NFKC').replace(OTHER_DIGITS, asciiDigit)
}

/** NFKC makes letters or digits of them, such as №, ™ and ½, which would become part of the word beside them. */
const APART = /[℀℁℅℆№℠℡™℻¼-¾⅐-⅟↉]/g

/** To put marks into their order takes time that grows with the square of their number. No language has so many. */
const MARKS_TOO_MANY = /(\p{M}{30})\p{M}+/gu

/**
 * Soft hyphens, joiners, directional marks and the like; what surrounds a character, such as a keycap; what stretches
 * Arabic words; and the signs that Armenian puts over a letter for its tone.
 */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Me}\u0640\u055b\u055c\u055e]+/gu

const OTHER_DIGITS = /[\p{Nd}--[0-9]]/gv

const IS_DIGIT = /^\p{Nd}$/u

const known = new Map<string, string>()

/** Decimal digits stand in rows of ten, which begin with the zero. */
function asciiDigit(digit: string): string {
  const found = known.get(digit)
  if (found !== undefined) return found
  const code = digit.codePointAt(0) ?? 0
  let first = code
  while (IS_DIGIT.test(String.fromCodePoint(first - 1))) first -= 1
  const ascii = String((code - first) % 10)
  known.set(digit, ascii)
  return ascii
}
