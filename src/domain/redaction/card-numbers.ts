import isLuhn from 'fast-luhn'

export const CARD_REPLACEMENT = '1111 1111 1111 1111'

/** Space, no-break spaces, full stop, hyphen and dashes. */
const SEPARATOR = '[ \\u00a0\\u202f.\\u2010-\\u2015-]'

/** Digits with up to three separators between them; a number that was replaced before stands by itself. */
const RUN = new RegExp(
  `(?<!\\d)${CARD_REPLACEMENT}(?!\\d)|\\d+(?:${SEPARATOR}{1,3}(?!${CARD_REPLACEMENT}(?!\\d))\\d+)*`,
  'g',
)

/**
 * Lengths by first digit, as ISO/IEC 7812 gives them out: 13 are Visa's or Maestro's, 14 Diners', 15 American Express'. None
 * begins with 0, 1 or 7; timestamps and many ids do.
 */
const CARD_NUMBER = /^(?:[2-6]\d{13,18}|[456]\d{12}|[89]\d{15,18})$/
const MIN_DIGITS = 13
const MAX_DIGITS = 19
const LONGEST_GROUP = 7

/** Replaces payment card numbers, whether written as one, in groups, or digit by digit as speech is taken down. */
export function replaceCardNumbers(text: string, onReplace: () => void): string {
  return text.replace(RUN, (run, offset: number) => {
    if (run.length < MIN_DIGITS || run === CARD_REPLACEMENT) return run
    const groups = run.split(/\D+/)
    let result = ''
    let copied = 0
    let at = 0
    for (let first = 0; first < groups.length; ) {
      const count = isFraction(text, offset + at) ? 0 : groupsOfCard(groups, first)
      if (count > 0) {
        onReplace()
        result += run.slice(copied, at) + CARD_REPLACEMENT
      }
      const rest = first + Math.max(count, 1)
      for (; first < rest; first += 1) {
        at += groups[first]?.length ?? 0
        if (count > 0) copied = at
        while (at < run.length && !isDigit(run[at])) at += 1
      }
    }
    return result + run.slice(copied)
  })
}

const isDigit = (character = '') => character >= '0' && character <= '9'

/** Whether the digits at `index` stand behind a decimal point. */
const isFraction = (text: string, index: number) => text[index - 1] === '.' && isDigit(text[index - 2])

/** How many groups from `first` on are one card number; 0: none. Of several readings the longest. */
function groupsOfCard(groups: readonly string[], first: number): number {
  const { length = 0 } = groups[first] ?? {}
  if (length > LONGEST_GROUP) return isCard(groups[first] ?? '') ? 1 : 0
  if (length === 1) return singleDigitsOfCard(groups, first)
  let digits = ''
  let count = 0
  for (let last = first; last < groups.length; last += 1) {
    const group = groups[last] ?? ''
    digits += group
    if (group.length > LONGEST_GROUP || digits.length > MAX_DIGITS) break
    if (isCard(digits)) count = last - first + 1
    // As cards are printed (4-4-4-4, 4-6-5, …) only the last group may be shorter. Those of phone numbers and dates are.
    if (group.length < 4) break
  }
  return count
}

function singleDigitsOfCard(groups: readonly string[], first: number): number {
  if (groups[first - 1]?.length === 1) return 0
  let last = first
  while (groups[last]?.length === 1 && last - first <= MAX_DIGITS) last += 1
  return isCard(groups.slice(first, last).join('')) ? last - first : 0
}

const isCard = (digits: string) => CARD_NUMBER.test(digits) && isLuhn(digits)
