/**
 * The form in which texts are compared: NFKC, case-folded, without invisible characters. JavaScript has no case
 * folding. Converting to upper case and back is nearly the same. It also turns i, İ and ı, which languages pair
 * differently, into one letter.
 */
export function foldText(text: string): string {
  const composed = text.replace(APART, ' $& ').replace(MARKS_TOO_MANY, '$1').normalize('NFKC')
  const lower = composed.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ').replaceAll('i\u0307', 'i')
  return lower.replace(UNSEEN, '').normalize('NFKC').replace(OTHER_DIGITS, asciiDigit)
}

/** NFKC turns these, such as №, ™ and ½, into letters or digits, which would become part of the word next to them. */
const APART = /[℀℁℅℆№℠℡™℻¼-¾⅐-⅟↉]/g

/** Sorting combining marks takes time that grows with the square of their number. No language uses so many. */
const MARKS_TOO_MANY = /(\p{M}{30})\p{M}+/gu

/**
 * Soft hyphens, joiners, directional marks and the like; marks that enclose a character, such as a keycap; the
 * character that stretches Arabic words; and the Armenian marks for intonation, which are put over a letter.
 */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Me}\u0640\u055b\u055c\u055e]+/gu

const OTHER_DIGITS = /[\p{Nd}--[0-9]]/gv

const IS_DIGIT = /^\p{Nd}$/u

const known = new Map<string, string>()

/** Decimal digits come in runs of ten that begin with zero. */
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
