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

/** Change it with whatever makes other tokens of a text. See the migration that sets it in the database. */
export const TOKENISER_VERSION = 1

const WITHOUT_SPACES = [
  ...['scx=Hani', 'scx=Hira', 'scx=Kana', 'scx=Bopo', 'sc=Yiii', 'sc=Tang', 'sc=Nshu', 'sc=Kits'],
  ...['sc=Thai', 'sc=Laoo', 'sc=Khmr', 'sc=Mymr', 'sc=Tale', 'sc=Talu', 'sc=Lana', 'sc=Tavt', 'sc=Ahom'],
  ...['sc=Java', 'sc=Bali'],
]
const UNSPACED = `[[\\p{L}\\p{N}\\p{M}]&&[${WITHOUT_SPACES.map((script) => `\\p{${script}}`).join('')}]]`
const HANGUL = '[\\p{L}&&\\p{sc=Hang}]'
/** ʻ and ʼ are letters to Unicode, and apostrophes to whoever types ' for them. */
const NO_WORD = `${UNSPACED}${HANGUL}\\u02bb\\u02bc`
const WORD = `[[\\p{L}\\p{N}]--[${NO_WORD}]][[\\p{L}\\p{N}\\p{M}]--[${NO_WORD}]]*`
const EMOJI = '\\p{RI}{2}|[\\p{Extended_Pictographic}\\p{RI}\\p{Emoji_Modifier}]'

const TOKENS = new RegExp(
  `(?<unspaced>${UNSPACED}[${UNSPACED}\\p{M}]*)|(?<hangul>${HANGUL}[${HANGUL}\\p{M}]*)|${WORD}|${EMOJI}`,
  'gv',
)

/** In UTF-16 units. What is longer is told apart by its beginning: an index has a limit, and such words are codes. */
export const MAX_TOKEN_LENGTH = 128

export function tokenise(text: string): Token[] {
  const tokens: Token[] = []
  for (const [found, unspaced, hangul] of foldText(text).matchAll(TOKENS)) {
    if (unspaced !== undefined) addPairs(tokens, [...found])
    else tokens.push({ text: cut(found), kind: hangul === undefined ? 'WORD' : 'HANGUL' })
  }
  return tokens
}

function addPairs(tokens: Token[], characters: string[]) {
  for (const [i, character] of characters.entries()) {
    const next = characters[i + 1]
    tokens.push(next === undefined ? { text: character, kind: 'LAST' } : { text: character + next, kind: 'PAIR' })
  }
}

const cut = (word: string) => (word.length <= MAX_TOKEN_LENGTH ? word : word.slice(0, MAX_TOKEN_LENGTH).replace(/[\ud800-\udbff]$/, ''))
