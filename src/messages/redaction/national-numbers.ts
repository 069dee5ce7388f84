import { isEscapeLetter, type Span } from './decoded-text.ts'
import { findAll } from './find-all.ts'
import { isInUserInfo } from './user-info.ts'

// https://www.ssa.gov/employer/randomization.html: no area 000, 666 or 9xx, no group 00, no serial 0000. Nine digits without
// separators are more often something else. Spaces and dashes are decoded.
const US_SOCIAL_SECURITY = /(?<![\d\-\u2010])(?!000|666|9)\d{3}([ \-\u2010])(?!00)\d{2}\1(?!0000)\d{4}(?![\d\-\u2010])/g

// https://www.gov.uk/hmrc-internal-manuals/national-insurance-manual/nim39110: letters that a prefix can't have, and
// the suffix.
const UK_NATIONAL_INSURANCE =
  /(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]/gi

export function findUsSocialSecurityNumbers(characters: string): Span[] {
  return findAll(US_SOCIAL_SECURITY, characters).map(spanOf)
}

export function findUkNationalInsuranceNumbers(characters: string): Span[] {
  return findAll(UK_NATIONAL_INSURANCE, characters)
    .map(spanOf)
    .filter((span) => standsApart(characters, span) && !isInUserInfo(characters, span))
}

const spanOf = ({ 0: text, index }: RegExpExecArray): Span => ({ start: index, end: index + text.length })

/** Words of other scripts may directly precede or follow a number. */
const WORD_BEFORE = /[\p{Script=Latin}\p{N}]$/u
const WORD_AFTER = /^[\p{Script=Latin}\p{M}\p{N}]/u

function standsApart(characters: string, { start, end }: Span): boolean {
  if (isEscapeLetter(characters, start) || WORD_AFTER.test(characters.slice(end, end + 2))) return false
  return isEscapeLetter(characters, start - 1) || !WORD_BEFORE.test(characters.slice(Math.max(start - 2, 0), start))
}
