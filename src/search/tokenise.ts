import { foldText } from './fold-text.ts'

/**
 * Splits text into words for search, in any script and independent of the database. Letters with their marks and digits
 * make a word (UAX 29, then split at all punctuation within: `. _ ' - / :` and others). Scripts that are written
 * without spaces become overlapping pairs of characters, and the last character by itself. An emoji is a word.
 */

export interface Token {
  text: string
  /** PAIR: two characters of a script without spaces; LAST: the last character of such a run. */
  kind: 'WORD' | 'HANGUL' | 'PAIR' | 'LAST'
}

/**
 * Increment it with each change that produces other tokens. Such a change needs a migration like `search_words`, which
 * replaces the trigger `index_inserted` and adds the job `index messages` for each tenant. The previous function stays
 * in TOKENISERS until everything is indexed again.
 */
export const TOKENISER_VERSION = 1

const WITHOUT_SPACES = [
  ...['scx=Hani', 'scx=Hira', 'scx=Kana', 'scx=Bopo', 'sc=Yiii', 'sc=Tang', 'sc=Nshu', 'sc=Kits'],
  ...['sc=Thai', 'sc=Laoo', 'sc=Khmr', 'sc=Mymr', 'sc=Tale', 'sc=Talu', 'sc=Lana', 'sc=Tavt', 'sc=Ahom'],
  ...['sc=Java', 'sc=Bali'],
]
/** Marks that many scripts share belong to none of them. */
const UNSPACED = `[[[\\p{L}\\p{N}\\p{M}]&&[${WITHOUT_SPACES.map((script) => `\\p{${script}}`).join('')}]]--\\p{sc=Inherited}]`
const HANGUL = '[\\p{L}&&\\p{sc=Hang}]'
/** ʻ and ʼ are letters in Unicode, but many people type ' for them. */
const NO_WORD = `${UNSPACED}${HANGUL}\\u02bb\\u02bc`
/** Symbols such as 🅐 are letters as well. */
const LETTER = '\\p{L}\\p{N}[\\p{Alphabetic}&&\\p{So}]'
const WORD = `[[${LETTER}]--[${NO_WORD}]][[${LETTER}\\p{M}]--[${NO_WORD}]]*`
const EMOJI = '\\p{RI}{2}|[\\p{Extended_Pictographic}\\p{RI}\\p{Emoji_Modifier}]'

const TOKENS = new RegExp(`${WORD}|${UNSPACED}[${UNSPACED}\\p{M}]*|${HANGUL}[${HANGUL}\\p{M}]*|${EMOJI}`, 'gv')

/** All characters before this one belong to words. */
const FIRST_OTHER = 0x0e00
const IS_UNSPACED = new RegExp(`^${UNSPACED}`, 'v')
const IS_HANGUL = new RegExp(`^${HANGUL}`, 'v')

/** In UTF-16 units. Longer words, which are mostly codes, are cut, because an index entry has a size limit. */
export const MAX_TOKEN_LENGTH = 128

export function tokenise(text: string): Token[] {
  const tokens: Token[] = []
  for (const found of foldText(text).match(TOKENS) ?? []) addTokens(tokens, found)
  return tokens
}

/** A token, and the part of a folded text that it was made of. */
export interface LocatedToken extends Token {
  start: number
  end: number
}

/** The tokens of a text that is already folded. */
export function locateTokens(folded: string): LocatedToken[] {
  return [...folded.matchAll(TOKENS)].flatMap(({ 0: found, index }) => {
    const tokens: Token[] = []
    addTokens(tokens, found)
    let start = index
    return tokens.map(({ text, kind }) => {
      const isOfRun = kind === 'PAIR' || kind === 'LAST'
      const token = { text, kind, start, end: start + (isOfRun ? text : found).length }
      // Pairs overlap.
      if (kind === 'PAIR') start += String.fromCodePoint(text.codePointAt(0) ?? 0).length
      return token
    })
  })
}

function addTokens(tokens: Token[], found: string) {
  const mayBeOther = found.charCodeAt(0) >= FIRST_OTHER
  if (mayBeOther && IS_UNSPACED.test(found)) addPairs(tokens, [...found])
  else
    tokens.push({
      text: beginningOf(found, MAX_TOKEN_LENGTH),
      kind: mayBeOther && IS_HANGUL.test(found) ? 'HANGUL' : 'WORD',
    })
}

function addPairs(tokens: Token[], characters: string[]) {
  for (const [i, character] of characters.entries()) {
    const next = characters[i + 1]
    tokens.push(next === undefined ? { text: character, kind: 'LAST' } : { text: character + next, kind: 'PAIR' })
  }
}

/** The first UTF-16 units of a word, up to a length, without half of a surrogate pair. */
export const beginningOf = (word: string, length: number) =>
  word.length <= length ? word : word.slice(0, length).replace(/[\ud800-\udbff]$/, '')

/** Newest first. Rows are searched for the tokens that the tokeniser of their version makes from a search. */
export const TOKENISERS = [{ version: TOKENISER_VERSION, tokenise }]
