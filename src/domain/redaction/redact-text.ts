import { replaceCardNumbers } from './card-numbers.ts'

/**
 * What is taken out of text before it is stored, and what stands there instead: Context.ai's replacements, none of which
 * is found again. Every pattern looks at a character a fixed number of times, so that hostile text takes no longer.
 */

/** How many of each kind were taken out; kinds of which there was none are absent. */
export interface RedactionCounts {
  emailAddresses?: number
  cardNumbers?: number
  usSocialSecurityNumbers?: number
  ukNationalInsuranceNumbers?: number
}

const EMAIL_REPLACEMENT = 'email@example.com'

// An address as people write it: WHATWG's pattern for <input type=email> without the characters that stand around one, with
// RFC 6531's letters. It is found from its @, since another may stand right before it.
const LOCAL_PART = /(?<![\p{L}\p{M}\p{N}._%+'~-])[.%+'~-]*([\p{L}\p{N}_][\p{L}\p{M}\p{N}._%+'~-]*)$/u
const AT_DOMAIN = /@(?:[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N}-]*\.)+\p{L}[\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}]/gu

// https://www.ssa.gov/employer/randomization.html: no area 000, 666 or 9xx, no group 00, no serial 0000. Nine digits without
// separators are more often something else.
const US_SOCIAL_SECURITY = /(?<![\d-])(?!000|666|9)\d{3}([- ])(?!00)\d{2}\1(?!0000)\d{4}(?![\d-])/g

// https://www.gov.uk/hmrc-internal-manuals/national-insurance-manual/nim39110: letters that no prefix has, and the suffix.
const UK_NATIONAL_INSURANCE =
  /(?<![\p{L}\p{N}])(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D](?![\p{L}\p{N}])/giu

/** The text without e-mail addresses, card numbers and national numbers; adds what it took out to `counts`. */
export function redactText(text: string, counts: RedactionCounts): string {
  const count = (kind: keyof RedactionCounts) => {
    counts[kind] = (counts[kind] ?? 0) + 1
  }
  let redacted = text
  if (text.includes('@')) redacted = replaceEmailAddresses(text, () => count('emailAddresses'))
  if (!/\d/.test(redacted)) return redacted
  return replaceCardNumbers(redacted, () => count('cardNumbers'))
    .replace(US_SOCIAL_SECURITY, () => {
      count('usSocialSecurityNumbers')
      return '000-00-0000'
    })
    .replace(UK_NATIONAL_INSURANCE, () => {
      count('ukNationalInsuranceNumbers')
      return 'QQ 12 34 56 C'
    })
}

function replaceEmailAddresses(text: string, onReplace: () => void): string {
  let result = ''
  let copied = 0
  let looked = 0
  for (const { 0: domain, index } of text.matchAll(AT_DOMAIN)) {
    const local = LOCAL_PART.exec(text.slice(looked, index))?.[1]
    looked = index + domain.length
    if (local === undefined || local + domain === EMAIL_REPLACEMENT) continue
    onReplace()
    result += text.slice(copied, index - local.length) + EMAIL_REPLACEMENT
    copied = looked
  }
  return result + text.slice(copied)
}
