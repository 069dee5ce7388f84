import { isEscapeLetter } from './decoded-text.ts'

// RFC 5322's atoms, without the characters that also surround an address, as in `?to=ada@example.org&x` or `*ada@…*`.
const ASCII = /[\w.%+'~-]/
const LETTER_OR_DIGIT = /[\p{L}\p{M}\p{N}]/u
const NOT_FIRST = /[.%+'~-]|\p{M}/u

const LATIN = /\p{Script=Latin}/u
/** Scripts whose words follow each other, or an address, without a space. */
const WITHOUT_SPACES =
  /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Bopo}\p{scx=Hang}\p{scx=Yiii}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}\p{scx=Tibt}]/u

/** `any`: digits, punctuation and marks, which go with letters of any script. */
type Script = 'any' | 'latin' | 'spaced' | 'unspaced'

/**
 * Where the local part that ends at `at` starts, not before `earliest`; `at` if there is none. It is in the script of
 * its last letter (RFC 6531), so that words of another script before it stay.
 */
export function localPartStart(characters: string, at: number, earliest: number): number {
  let start = at
  let script: Script = 'any'
  while (start > earliest) {
    if (isEscapeLetter(characters, start - 1)) break
    const previous = lastCharacter(characters, start, earliest)
    const next = previous.length === 1 && previous < '\x80' ? ASCII_SCRIPTS.get(previous) : scriptOf(previous)
    if (next === undefined || (start < at && !goesWith(next, script))) break
    if (script === 'any') script = next
    start -= previous.length
  }
  while (start < at && NOT_FIRST.test(characters[start] ?? '')) start += 1
  return start
}

/** Undefined for a character that can't be in a local part. */
function scriptOf(character: string): Script | undefined {
  if (ASCII.test(character)) return /[a-z]/i.test(character) ? 'latin' : 'any'
  if (!LETTER_OR_DIGIT.test(character)) return undefined
  if (WITHOUT_SPACES.test(character)) return 'unspaced'
  if (LATIN.test(character)) return 'latin'
  return /\p{L}/u.test(character) ? 'spaced' : 'any'
}

/** Most addresses have only these characters, and patterns are slow. */
const ASCII_SCRIPTS = new Map(
  Array.from({ length: 0x80 }, (_, code) => String.fromCharCode(code)).map((character) => [
    character,
    scriptOf(character),
  ]),
)

/**
 * Whether neighbouring letters can be in one local part. A word of a script without spaces ends where Latin letters or
 * digits begin.
 */
function goesWith(next: Script, script: Script): boolean {
  if (next === 'any' || next === script) return true
  return next === 'unspaced' ? false : next === 'latin' || script === 'any'
}

function lastCharacter(characters: string, end: number, earliest: number): string {
  const code = characters.charCodeAt(end - 1)
  const isPair = code >= 0xdc00 && code <= 0xdfff && end - 2 >= earliest
  return characters.slice(isPair ? end - 2 : end - 1, end)
}
