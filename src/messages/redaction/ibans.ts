import { DASH, isEscapeLetter, type Span } from './decoded-text.ts'
import { findAll } from './find-all.ts'

/** Has the form of an IBAN, and no valid check digits. */
export const IBAN_REPLACEMENT = 'XX00 0000 0000 0000 0000 00'

const BEGINNING = /[A-Za-z]{2}\d{2}/g
const LETTER_OR_DIGIT = /[A-Za-z\d]/

/** International bank account numbers: with the length and the check digits of their country, in groups of four or without. */
export async function loadIbanFinder(): Promise<(characters: string) => Generator<Span | null>> {
  const { countrySpecs, isValidIBAN } = await import('ibantools')
  return function* (characters) {
    let after = 0
    for (const { 0: beginning, index } of findAll(BEGINNING, characters)) {
      const country = countrySpecs[beginning.slice(0, 2).toUpperCase()]
      if (index < after || !country?.chars || !beginsAt(characters, index)) continue
      const { end, letters } = walk(characters, index, country.chars)
      if (isValidIBAN(letters.toUpperCase()) && !LETTER_OR_DIGIT.test(characters[end] ?? '')) {
        after = end
        yield { start: index, end }
      }
      yield null
    }
  }
}

const beginsAt = (characters: string, index: number) =>
  !LETTER_OR_DIGIT.test(characters[index - 1] ?? '') || isEscapeLetter(characters, index - 1)

/** Reads as many letters and digits, with a space or a dash between groups of four. */
function walk(characters: string, start: number, count: number): { end: number; letters: string } {
  let letters = ''
  let end = start
  for (; letters.length < count; end += 1) {
    const character = characters[end] ?? ''
    if (LETTER_OR_DIGIT.test(character)) letters += character
    else if (!isSeparator(character) || letters.length % 4 > 0 || isSeparator(characters[end - 1])) break
  }
  return { end, letters }
}

const isSeparator = (character: string | undefined) => character === ' ' || character === '-' || character === DASH
