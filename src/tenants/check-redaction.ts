import { badInput, type InputPath, limitExceeded } from '../errors.ts'
import { checkCount, checkLength, checkName } from '../input/check-input.ts'
import { LIMITS } from '../input/limits.ts'
import type { RedactionPattern } from './tenant-settings.sql.ts'

export interface GivenPattern {
  name: string
  pattern: string
  replacement?: string | null | undefined
}

/** Of all patterns of a tenant together, in RE2's instructions: about one for each character or class that they repeat. */
export const MAX_INSTRUCTIONS = 500
/** What may be beside an empty match: the end of the text, a word, something else, or the end of a line. */
const SIDES = ['', 'a', ' ', '\n']
const PLACES = SIDES.flatMap((before) => SIDES.map((after) => [before, after] as const))

/** Refuses what RE2 does not understand, what could take long, and what matches nothing at all. */
export async function checkPatterns(given: readonly GivenPattern[], path: InputPath): Promise<RedactionPattern[]> {
  checkCount(given, LIMITS.redactionPatterns, path)
  const { RE2JS, RE2JSException } = await import('re2js')
  let instructions = 0
  return given.map(({ name, pattern, replacement }, index) => {
    const at = [...path, index]
    checkName(name, [...at, 'name'])
    const written = replacement ?? `[${name}]`
    checkLength(written, LIMITS.redactionReplacement, [...at, replacement == null ? 'name' : 'replacement'])
    checkLength(pattern, LIMITS.redactionPattern, [...at, 'pattern'])
    const expression = compile([...at, 'pattern'], RE2JSException, () => RE2JS.compile(pattern))
    instructions += expression.programSize()
    if (instructions > MAX_INSTRUCTIONS) {
      throw limitExceeded(
        [...at, 'pattern'],
        `brings the patterns to ${instructions} instructions; at most ${MAX_INSTRUCTIONS} are accepted. Repeat less in it.`,
        MAX_INSTRUCTIONS,
      )
    }
    // An empty match would redact nothing, at the price of another search.
    const inner = hasOpenQuote(pattern) ? `${pattern}\\E` : pattern
    const isEmpty = ([before, after]: (typeof PLACES)[number]) =>
      RE2JS.compile(`\\A${before}(?:${inner})${after}\\z`).test(before + after)
    if (PLACES.some(isEmpty)) throw badInput([...at, 'pattern'], 'must not match the empty string.')
    return { name, pattern, replacement: written }
  })
}

/** Whether a `\Q` quotes the rest of the pattern. */
const hasOpenQuote = (pattern: string) => /\\Q/.test(pattern.replaceAll(/\\Q.*?\\E|\\[^Q]/gs, ''))

function compile<Compiled>(path: InputPath, Refusal: new (message: string) => Error, make: () => Compiled): Compiled {
  try {
    return make()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const reason = error.message.replace(/^error parsing regexp: /, '')
    throw badInput(path, `is not a pattern in RE2's syntax, which has no backreferences and no look-around: ${reason}.`)
  }
}

/** The ISO 3166 code of a country whose phone numbers are known. */
export async function checkPhoneRegion(region: string, path: InputPath): Promise<string> {
  const { isSupportedCountry } = await import('libphonenumber-js/max')
  if (!isSupportedCountry(region))
    throw badInput(path, 'must be the ISO 3166 code of a country, in capitals, such as DE or US.')
  return region
}
