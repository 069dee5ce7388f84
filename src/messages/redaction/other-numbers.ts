import type { Span } from './decoded-text.ts'
import { findAll } from './find-all.ts'
import { isInUserInfo } from './user-info.ts'

/** Numbers that could be card numbers by their digits, but not by what surrounds them. */

const LONGEST_PHONE_NUMBER = 15
const LONGEST_IMEI = 16
const IMEI_BEFORE = /imei(?:sv)?(?:\s*(?:numbers?|no|nr|code|is|[12]))*[\s.:=#()"'-]*$/i
const LONGEST_IMEI_WORDS = 32

/**
 * A phone number with its country code (E.164), an IMEI introduced as one, part of an IBAN, or part of a URL's user
 * info.
 */
export function isOtherNumber(characters: string, span: Span): boolean {
  return [isPhoneNumber, isImei, isInIban, isInUserInfo].some((isIt) => isIt(characters, span))
}

function isPhoneNumber(characters: string, { start, end }: Span): boolean {
  return characters[start - 1] === '+' && countDigits(characters.slice(start, end)) <= LONGEST_PHONE_NUMBER
}

function isImei(characters: string, { start, end }: Span): boolean {
  const before = characters.slice(Math.max(start - LONGEST_IMEI_WORDS, 0), start)
  return IMEI_BEFORE.test(before) && countDigits(characters.slice(start, end)) <= LONGEST_IMEI
}

const countDigits = (text: string) => text.replace(/\D/g, '').length

/** An IBAN (ISO 13616), in groups of four or without spaces. */
const IBAN = /(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?(?![A-Za-z0-9])/g
const LONGEST_IBAN = 34 + 8

function isInIban(characters: string, span: Span): boolean {
  const from = Math.max(span.start - LONGEST_IBAN, 0)
  for (const { 0: text, index } of findAll(IBAN, characters.slice(from, span.end + LONGEST_IBAN))) {
    const end = from + index + ibanLength(text)
    if (from + index < span.start && end >= span.end) return true
  }
  return false
}

/** How much of the text is the IBAN: a word that looks like one more group may follow it. 0 if there is none. */
function ibanLength(text: string): number {
  for (let end = text.length; end > 0; end = text.lastIndexOf(' ', end - 1)) {
    if (hasIbanChecksum(text.slice(0, end).replaceAll(' ', ''))) return end
  }
  return 0
}

function hasIbanChecksum(iban: string): boolean {
  if (iban.length < 15) return false
  let rest = 0
  for (const character of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(character, 36)
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97
  }
  return rest === 1
}
