import { parse } from 'tldts'

export const EMAIL_REPLACEMENT = 'email@example.com'

/** No domain name is longer (RFC 1035). */
const LONGEST_DOMAIN = 253
const LABEL = /([\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N}-]*)(\.?)/uy
const ADDRESS_LITERAL = /\[(?:\d{1,3}(?:\.\d{1,3}){3}|IPv6:[\da-fA-F:.]{2,45})\]/y

/**
 * Names that are never registered, and so are used for private networks and examples: RFC 2606, RFC 6761, RFC 6762
 * (appendix G), RFC 7686, and ICANN's resolution on `internal`.
 */
const RESERVED = new Set(
  'example test invalid localhost local localdomain internal intranet private corp home lan onion'.split(' '),
)

/**
 * Where the domain of an e-mail address that starts at `start` ends; -1 if there is none. It ends with the last label
 * that is a public suffix, or a reserved one if none is.
 */
export function domainEnd(characters: string, start: number): number {
  ADDRESS_LITERAL.lastIndex = start
  if (ADDRESS_LITERAL.test(characters)) return ADDRESS_LITERAL.lastIndex
  const labels = labelsOf(characters, start)
  return lastSuffixEnd(labels, isPublic) ?? lastSuffixEnd(labels, isReserved) ?? unlistedSuffixEnd(labels) ?? -1
}

/** All suffixes must have the case of the first one: in `ada@example.org.It`, a sentence begins after `org`. */
function lastSuffixEnd(labels: readonly Label[], isSuffix: IsSuffix): number | undefined {
  let found: Suffix | undefined
  for (const label of labels.slice(1)) {
    const suffix = suffixOf(label, isSuffix)
    if (suffix && (!found || caseOf(suffix.text) === caseOf(found.text))) found = suffix
    if (suffix?.isBeforeWords) break
  }
  return found?.end
}

/** The end of an unlisted suffix, if the whole domain is in non-Latin scripts: file names do not end like that. */
function unlistedSuffixEnd(labels: readonly Label[]): number | undefined {
  const last = labels.at(-1)
  if (!last || labels.length < 2 || labels.some(({ text }) => /[\p{Script=Latin}\p{N}]/u.test(text))) return undefined
  return last.start + last.text.length
}

interface Label {
  text: string
  start: number
}

function labelsOf(characters: string, start: number): Label[] {
  const labels: Label[] = []
  LABEL.lastIndex = start
  while (LABEL.lastIndex - start <= LONGEST_DOMAIN) {
    const match = LABEL.exec(characters)
    const label = match && { text: match[1] ?? '', start: match.index }
    // An earlier replacement may follow, and `email` is a public suffix.
    if (!label || characters.startsWith(EMAIL_REPLACEMENT, label.start)) break
    labels.push(label)
    if (match[2] === '') break
  }
  return labels
}

interface Suffix {
  text: string
  end: number
  /** Whether words follow it without a space, so that no label can follow. */
  isBeforeWords: boolean
}

type IsSuffix = (label: string) => boolean

/** The suffix that the label is, or begins with if what follows can't belong to it. */
function suffixOf({ text, start }: Label, isSuffix: IsSuffix): Suffix | undefined {
  if (isSuffix(text)) return { text, end: start + text.length, isBeforeWords: false }
  const part = /^[a-z]/i.test(text) ? firstWord(text) : longestPrefix(text, isSuffix)
  if (part === '' || !isSuffix(part)) return undefined
  return { text: part, end: start + part.length, isBeforeWords: !/^[-\da-z]*$/.test(text.slice(part.length)) }
}

/** The letters before another script, a digit, a hyphen or a capital: `com` of `com请`, `com2`, `com-` and `comPlease`. */
const firstWord = (text: string) =>
  /^(?:[A-Z]?[a-z]+|[A-Z]{2,}(?![A-Z]))(?![\p{Script=Latin}&&\p{Ll}]|\p{M})/v.exec(text)?.[0] ?? ''

const LONGEST_NON_ASCII_SUFFIX = 24

/** For scripts without spaces between words: `公司` of `公司请`. */
function longestPrefix(text: string, isSuffix: IsSuffix): string {
  for (let length = Math.min(text.length, LONGEST_NON_ASCII_SUFFIX); length > 1; length -= 1) {
    const prefix = text.slice(0, length)
    if (isSuffix(prefix) && !/^\p{M}/u.test(text.slice(length))) return prefix
  }
  return ''
}

const PARSING = { allowPrivateDomains: false, extractHostname: false, validateHostname: false, detectIp: false }

const isPublic = (label: string) => parse(`x.${label.toLowerCase()}`, PARSING).isIcann === true
const isReserved = (label: string) => RESERVED.has(label.toLowerCase())

/** Letters without case take the case of those next to them. */
function caseOf(text: string): 'lower' | 'upper' | 'capitalised' {
  if (text === text.toLowerCase()) return 'lower'
  return text === text.toUpperCase() ? 'upper' : 'capitalised'
}
