import { isCardNumber, MAX_CARD_DIGITS, MIN_CARD_DIGITS } from './card-issuers.ts'
import type { Span } from './decoded-text.ts'
import { findAll } from './find-all.ts'
import { isOtherNumber } from './other-numbers.ts'

export const CARD_REPLACEMENT = '1111 1111 1111 1111'

/** Text long enough for a card number, with separators: spaces and dashes (decoded), and full stops. */
const LONG_NUMBERS = /\d[\d .\-\u2010]{11,}\d/g
const SEPARATOR = '[ .\\-\\u2010]'

/** Digits with up to three separators between them. An earlier replacement is a run of its own. */
const RUN = new RegExp(
  `(?<!\\d)${CARD_REPLACEMENT}(?!\\d)|\\d+(?:${SEPARATOR}{1,3}(?!${CARD_REPLACEMENT}(?!\\d))\\d+)*`,
  'g',
)
/** The most digits in a group, as in 3782 822463 10005. So a number with a decimal point is not a card number. */
const LONGEST_GROUP = 6

/** Finds payment card numbers, whether written as one number, in groups, or digit by digit as in transcribed speech. */
export function findCardNumbers(characters: string): Span[] {
  const found: Span[] = []
  for (const { 0: numbers, index: start } of findAll(LONG_NUMBERS, characters)) {
    if (digitsOf(numbers) < MIN_CARD_DIGITS) continue
    for (const { 0: run, index } of findAll(RUN, numbers)) {
      if (run.length < MIN_CARD_DIGITS || run === CARD_REPLACEMENT) continue
      found.push(...cardsOfRun(characters, run, start + index))
    }
  }
  return found
}

function digitsOf(text: string): number {
  let digits = 0
  for (let index = 0; index < text.length; index += 1) if (isDigit(text.charCodeAt(index))) digits += 1
  return digits
}

const isDigit = (code: number) => code >= 0x30 && code <= 0x39

function cardsOfRun(characters: string, run: string, index: number): Span[] {
  const groups = findAll(/\d+/g, run).map((group) => ({ digits: group[0], start: index + group.index }))
  const found: Span[] = []
  for (let first = 0; first < groups.length; ) {
    const { start } = groups[first] as Group
    const count = isFraction(characters, start) ? 0 : groupsOfCard(groups, first)
    if (count > 0) {
      const last = groups[first + count - 1] as Group
      const span = { start, end: last.start + last.digits.length }
      if (!isOtherNumber(characters, span)) found.push(span)
    }
    first += Math.max(count, 1)
  }
  return found
}

interface Group {
  digits: string
  start: number
}

/** Whether the digits at `index` follow a decimal point. */
const isFraction = (characters: string, index: number) =>
  characters[index - 1] === '.' && isDigit(characters.charCodeAt(index - 2))

/** How many groups from `first` on form one card number; 0 if none do. The longest reading wins. */
function groupsOfCard(groups: readonly Group[], first: number): number {
  const { digits = '' } = groups[first] ?? {}
  if (digits.length > LONGEST_GROUP) return isCardNumber(digits) ? 1 : 0
  return digits.length === 1 ? singleDigitsOfCard(groups, first) : printedGroupsOfCard(groups, first)
}

function printedGroupsOfCard(groups: readonly Group[], first: number): number {
  let digits = ''
  let count = 0
  for (let last = first; last < groups.length; last += 1) {
    const group = groups[last]?.digits ?? ''
    digits += group
    if (group.length > LONGEST_GROUP || digits.length > MAX_CARD_DIGITS) break
    if (isCardNumber(digits)) count = last - first + 1
    // On printed cards (4-4-4-4, 4-6-5, …), only the last group may be shorter; in phone numbers and dates, others are.
    if (group.length < 4) break
  }
  return count
}

function singleDigitsOfCard(groups: readonly Group[], first: number): number {
  if (groups[first - 1]?.digits.length === 1) return 0
  let last = first
  while (groups[last]?.digits.length === 1 && last - first <= MAX_CARD_DIGITS) last += 1
  const digits = groups.slice(first, last).map((group) => group.digits)
  return isCardNumber(digits.join('')) ? last - first : 0
}
