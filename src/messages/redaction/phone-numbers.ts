import type { CountryCode, PhoneNumber } from 'libphonenumber-js/max'
import { isEscapeLetter, type Span } from './decoded-text.ts'
import { findAll } from './find-all.ts'

/** Has the form of a phone number, of a country that there is not. */
export const PHONE_REPLACEMENT = '+00 000 000000'

const SEPARATOR = '(?:[ ./\\-\\u2010(]|\\)[ -]?| \\(| [/\\-\\u2010] )'
/** A date after a number is no part of it. */
const DATE_AHEAD = '(?!(?:(?:19|20)\\d\\d-\\d\\d-\\d\\d|\\d\\d?[./]\\d\\d?[./](?:19|20)\\d\\d)(?!\\d))'
const DIGITS = `\\d(?:\\d|${SEPARATOR}${DATE_AHEAD}\\d)*`
/** Digits that may be parts of a phone number, with what may separate its groups. */
const RUN = new RegExp(`[+(]{0,2}${DIGITS}`, 'g')
/** How a number with a plus may go on: after more spaces, or in the next line. */
const REST = new RegExp(`(?:\\s|\\\\[nrt]){1,4}\\(?${DATE_AHEAD}${DIGITS}`, 'y')
const MAX_RESTS = 3
/** Groups of digits, with what belongs before them. */
const GROUP = /[+(]{0,2}\d+/g
const WORD = /[A-Za-z\d_]/
const EXTENSION = /^x\d/i
const MIN_DIGITS = 6
/** E.164 has 15; an international prefix comes before it. */
const MAX_DIGITS = 18
const MAX_GROUPS = 8
const OPEN = /^\((?:[+(]*\(|[^)]*$)/
const INTERNATIONAL = /^\(?\+/
const IP_ADDRESS = /^\d{1,3}(?:\.\d{1,3}){3}$/
/** The rest of an e-mail address whose beginning has a plus. */
const ADDRESS_AHEAD = /^[\w.%+-]*@/
const LONGEST_LOCAL_PART = 64
const DATE = /(?<!\d)(?:\d{4}([-./])\d\d?\1\d\d?|\d\d?([-./])\d\d?\2\d{4})(?!\d)/

/**
 * Phone numbers that exist, as far as the numbering plans tell: with a plus and the calling code, or as they are written
 * in `region`. Digits without any sign that they are a phone number stay: see `isWrittenAsPhoneNumber`.
 */
export async function loadPhoneNumberFinder(
  region: string | null,
): Promise<(characters: string) => Generator<Span | null>> {
  const { parsePhoneNumberFromString } = await import('libphonenumber-js/max')
  // Checked when it was set.
  const country = (region as CountryCode | null) ?? undefined
  const isPhoneNumber = (text: string) => {
    const isInternational = INTERNATIONAL.test(text)
    if (!isInternational && (!country || IP_ADDRESS.test(text) || DATE.test(text))) return false
    const digits = text.replace(/\D/g, '')
    if (digits.length < MIN_DIGITS || digits.length > MAX_DIGITS) return false
    const number = parsePhoneNumberFromString(text.replace(/^\(\+/, '+').replaceAll(/\s|\\[nrt]/g, ' '), {
      ...(country ? { defaultCountry: country } : {}),
      extract: false,
    })
    return number?.isValid() === true && isWrittenAsPhoneNumber(text, digits, number)
  }
  return function* (characters) {
    let after = 0
    for (const { 0: first, index } of findAll(RUN, characters)) {
      if (index < after) continue
      let run = first
      let groups = groupsOf(characters, index, run)
      let found = longest(run, groups, 0, isPhoneNumber)
      if (!found && INTERNATIONAL.test(first)) {
        for (const end of endsOfRests(characters, index + run.length)) {
          run = characters.slice(index, end)
          const tried = groups.length
          groups = groupsOf(characters, index, run)
          found = longest(run, groups, 0, isPhoneNumber, tried)
          if (found || groups.length >= MAX_GROUPS) break
        }
      }
      // A number that follows other digits is a part of something else, unless those are a phone number as well.
      for (; found; found = longest(run, groups, found.last + 1, isPhoneNumber)) {
        after = index + run.length
        yield { start: index + found.start, end: index + found.end }
      }
      yield null
    }
  }
}

/** Where a number that goes on may end. */
function* endsOfRests(characters: string, start: number): Generator<number> {
  REST.lastIndex = start
  for (let rests = 0; rests < MAX_RESTS && REST.test(characters); rests += 1) {
    const end = REST.lastIndex
    yield end
    REST.lastIndex = end
  }
}

/** The groups of a run that may be parts of a phone number. */
const groupsOf = (characters: string, index: number, run: string) =>
  findAll(GROUP, run).slice(
    followsWord(characters, index, run) ? 1 : 0,
    precedesWord(characters, index + run.length) ? -1 : undefined,
  )

/** The first group then belongs to a word. */
const followsWord = (characters: string, start: number, run: string) =>
  WORD.test(characters[start - 1] ?? '') &&
  !isEscapeLetter(characters, start - 1) &&
  !(INTERNATIONAL.test(run) && !isInAddress(characters, start + run.length))

const isInAddress = (characters: string, end: number) =>
  ADDRESS_AHEAD.test(characters.slice(end, end + LONGEST_LOCAL_PART))

/** The last group then belongs to a word. */
const precedesWord = (characters: string, end: number) =>
  WORD.test(characters[end] ?? '') && !EXTENSION.test(characters.slice(end, end + 2))

/** The longest phone number that begins with this group, and ends with or after the group `from`. */
function longest(
  run: string,
  groups: readonly RegExpExecArray[],
  first: number,
  isPhoneNumber: (text: string) => boolean,
  from = first,
): (Span & { last: number }) | null {
  const start = groups[first]?.index ?? 0
  for (let last = Math.min(first + MAX_GROUPS, groups.length) - 1; last >= from; last -= 1) {
    const group = groups[last]
    const end = group ? group.index + group[0].length : start
    const text = run.slice(start, end)
    // A parenthesis that encloses more than the number stays.
    const before = OPEN.test(text) ? 1 : 0
    if (isPhoneNumber(text.slice(before))) return { start: start + before, end, last }
  }
  return null
}

/**
 * Whether anything but its digits says that it is one: a plus or the international prefix 00; or that it is written the
 * national way and begins with a zero or has groups, as neither order ids nor times do.
 */
function isWrittenAsPhoneNumber(text: string, digits: string, number: PhoneNumber): boolean {
  if (INTERNATIONAL.test(text) || digits.startsWith('00')) return true
  const national = number.formatNational().replace(/\D/g, '')
  const isNational = digits === national || digits === `${number.countryCallingCode}${national}`
  return isNational && (digits.startsWith('0') || digits !== text)
}
