import { foldText } from './fold-text.ts'

/**
 * What search takes for words, in any script and independent of the database. Letters with their marks and digits make a
 * word (UAX 29, and then split at every sign between: `. _ ' - / :` and others). Scripts that are written without spaces
 * become overlapping pairs of characters, and the last character by itself. An emoji is a word.
 */

export interface Token {
  text: string
  /** PAIR: of characters of a script without spaces; LAST: the last character of such a run. */
  kind: 'WORD' | 'HANGUL' | 'PAIR' | 'LAST'
}

/**
 * Is raised with each change that makes other tokens of a text. Such a change needs a migration like `search_words`, which replaces
 * the trigger `index_inserted` and leaves the job `index messages` for each tenant. The function of before stays in TOKENISERS
 * until all is indexed anew.
 */
export const TOKENISER_VERSION = 1

const WITHOUT_SPACES = [
  ...['scx=Hani', 'scx=Hira', 'scx=Kana', 'scx=Bopo', 'sc=Yiii', 'sc=Tang', 'sc=Nshu', 'sc=Kits'],
  ...['sc=Thai', 'sc=Laoo', 'sc=Khmr', 'sc=Mymr', 'sc=Tale', 'sc=Talu', 'sc=Lana', 'sc=Tavt', 'sc=Ahom'],
  ...['sc=Java', 'sc=Bali'],
]
/** Marks that many scripts share are in none of them. */
const UNSPACED = `[[[\\p{L}\\p{N}\\p{M}]&&[${WITHOUT_SPACES.map((script) => `\\p{${script}}`).join('')}]]--\\p{sc=Inherited}]`
const HANGUL = '[\\p{L}&&\\p{sc=Hang}]'
/** ʻ and ʼ are letters to Unicode, and apostrophes to whoever types ' for them. */
const NO_WORD = `${UNSPACED}${HANGUL}\\u02bb\\u02bc`
/** Symbols such as 🅐 are letters as well. */
const LETTER = '\\p{L}\\p{N}[\\p{Alphabetic}&&\\p{So}]'
const WORD = `[[${LETTER}]--[${NO_WORD}]][[${LETTER}\\p{M}]--[${NO_WORD}]]*`
const EMOJI = '\\p{RI}{2}|[\\p{Extended_Pictographic}\\p{RI}\\p{Emoji_Modifier}]'

const TOKENS = new RegExp(`${WORD}|${UNSPACED}[${UNSPACED}\\p{M}]*|${HANGUL}[${HANGUL}\\p{M}]*|${EMOJI}`, 'gv')

/** All characters before it are of words. */
const FIRST_OTHER = 0x0e00
const IS_UNSPACED = new RegExp(`^${UNSPACED}`, 'v')
const IS_HANGUL = new RegExp(`^${HANGUL}`, 'v')

/** In UTF-16 units. What is longer is told apart by its beginning: an index has a limit, and such words are codes. */
export const MAX_TOKEN_LENGTH = 128

export function tokenise(text: string): Token[] {
  const tokens: Token[] = []
  for (const found of foldText(text).match(TOKENS) ?? []) {
    const mayBeOther = found.charCodeAt(0) >= FIRST_OTHER
    if (mayBeOther && IS_UNSPACED.test(found)) addPairs(tokens, [...found])
    else
      tokens.push({
        text: beginningOf(found, MAX_TOKEN_LENGTH),
        kind: mayBeOther && IS_HANGUL.test(found) ? 'HANGUL' : 'WORD',
      })
  }
  return tokens
}

function addPairs(tokens: Token[], characters: string[]) {
  for (const [i, character] of characters.entries()) {
    const next = characters[i + 1]
    tokens.push(next === undefined ? { text: character, kind: 'LAST' } : { text: character + next, kind: 'PAIR' })
  }
}

/** Of a word at most so many UTF-16 units, and no half of a surrogate pair. */
export const beginningOf = (word: string, length: number) =>
  word.length <= length ? word : word.slice(0, length).replace(/[\ud800-\udbff]$/, '')

/** The newest first. Rows are searched for what the tokeniser of their version makes of a search. */
export const TOKENISERS = [{ version: TOKENISER_VERSION, tokenise }]
