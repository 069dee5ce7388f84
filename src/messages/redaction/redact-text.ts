import { MIN_CARD_DIGITS } from './card-issuers.ts'
import { CARD_REPLACEMENT, findCardNumbers } from './card-numbers.ts'
import { type DecodedText, decodeText, plainText, type Span } from './decoded-text.ts'
import { findEmailAddresses } from './email-addresses.ts'
import { EMAIL_REPLACEMENT } from './email-domain.ts'
import { findJsonCardNumbers, isJsonWithLongNumbers, quoteOfJsonNumber } from './json-text.ts'
import { findUkNationalInsuranceNumbers, findUsSocialSecurityNumbers } from './national-numbers.ts'
import { scanText, type TextScan } from './scan-text.ts'

/** How many of each kind were redacted. Kinds without any are absent. */
export interface RedactionCounts {
  emailAddresses?: number
  cardNumbers?: number
  usSocialSecurityNumbers?: number
  ukNationalInsuranceNumbers?: number
  phoneNumbers?: number
  ibans?: number
  /** Of the tenant's own patterns. */
  patternMatches?: number
}

export function addCounts(counts: RedactionCounts, more: RedactionCounts): void {
  for (const [kind, found] of Object.entries(more) as [keyof RedactionCounts, number][]) count(counts, kind, found)
}

interface Kind {
  kind: keyof RedactionCounts
  replacement: string
  find: (characters: string) => Span[]
  /** Whether the text can have any. */
  isPossible: (scan: TextScan) => boolean
}

const FEWEST_DIGITS = 6
const MAX_PASSES = 4

/** What is redacted, and what replaces it: Context.ai's replacements, none of which is found again. */
const KINDS: readonly Kind[] = [
  {
    ...{ kind: 'emailAddresses', replacement: EMAIL_REPLACEMENT, find: findEmailAddresses },
    isPossible: ({ hasAt }) => hasAt,
  },
  {
    ...{ kind: 'cardNumbers', replacement: CARD_REPLACEMENT, find: findCardNumbers },
    isPossible: ({ digits }) => digits >= MIN_CARD_DIGITS,
  },
  {
    ...{ kind: 'usSocialSecurityNumbers', replacement: '000-00-0000', find: findUsSocialSecurityNumbers },
    isPossible: ({ digits }) => digits >= 9,
  },
  {
    ...{ kind: 'ukNationalInsuranceNumbers', replacement: 'QQ 12 34 56 C', find: findUkNationalInsuranceNumbers },
    isPossible: ({ digits }) => digits >= FEWEST_DIGITS,
  },
]

const AT_OR_DIGIT = /[@\d]/
/** From the first non-ASCII digits on. Between the two ranges is the punctuation of all scripts. */
const OTHER_SCRIPT = /[\u0660-\u1fff\u2c00-\uffff]/

/**
 * Redacts e-mail addresses, card numbers and national numbers, and adds what it redacted to `counts`. The text around
 * them does not change, JSON stays JSON, and hostile text takes no longer: every pattern looks at a character a fixed
 * number of times.
 */
export function redactText(text: string, counts: RedactionCounts): string {
  if (!AT_OR_DIGIT.test(text) && !OTHER_SCRIPT.test(text)) return text
  const scan = scanText(text)
  if (!scan.hasAt && scan.digits < FEWEST_DIGITS) return text
  let redacted = text
  // Text that was kept because of its neighbour is checked again once the neighbour is replaced.
  for (let pass = 0; pass < MAX_PASSES; pass += 1) {
    const before = redacted
    redacted = redactOnce(before, scan, counts)
    if (redacted === before) break
  }
  return redacted
}

function redactOnce(text: string, scan: TextScan, counts: RedactionCounts): string {
  const isJson = scan.digits >= MIN_CARD_DIGITS && isJsonWithLongNumbers(text)
  const decode = scan.isEncoded ? decodeText : plainText
  let redacted = isJson ? redactJsonNumbers(text, counts) : text
  let decoded = decode(redacted)
  for (const { kind, replacement, find, isPossible } of KINDS) {
    const found = isPossible(scan) ? find(decoded.characters) : []
    if (found.length === 0) continue
    count(counts, kind, found.length)
    redacted = replaceFound(redacted, decoded, found, replacement, isJson)
    decoded = decode(redacted)
  }
  return redacted
}

function redactJsonNumbers(json: string, counts: RedactionCounts): string {
  const found = findJsonCardNumbers(json)
  if (found.length > 0) count(counts, 'cardNumbers', found.length)
  return replaceSpans(json, found, () => JSON.stringify(CARD_REPLACEMENT))
}

function count(counts: RedactionCounts, kind: keyof RedactionCounts, found: number) {
  counts[kind] = (counts[kind] ?? 0) + found
}

function replaceFound(text: string, decoded: DecodedText, found: Span[], replacement: string, isJson: boolean): string {
  return replaceSpans(text, decoded.inSource(found), (taken, index) => {
    const mayBeJsonNumber = replacement === CARD_REPLACEMENT && /^\d+$/.test(taken)
    const quote = mayBeJsonNumber ? quoteOfJsonNumber(decoded, found[index] as Span, isJson) : ''
    return quote + replacement + quote
  })
}

export function replaceSpans(
  text: string,
  spans: readonly Span[],
  replacementOf: (taken: string, index: number) => string,
): string {
  let result = ''
  let copied = 0
  spans.forEach(({ start, end }, index) => {
    result += text.slice(copied, start) + replacementOf(text.slice(start, end), index)
    copied = end
  })
  return result + text.slice(copied)
}
