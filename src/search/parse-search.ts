import type { SearchQuery, SearchTerm, SearchWord } from './message-search.sql.ts'
import { MAX_PREFIX_LENGTH } from './search-columns.ts'
import { beginningOf, TOKENISERS, type Token, tokenise } from './tokenise.ts'

/**
 * A phrase in quotes, whose closing quote may be missing, or the text between spaces; each with the dashes before it. A
 * quote between Hebrew letters belongs to the word.
 */
const PIECE = /(-*)"([^"]*)"?|((?:[^\p{White_Space}"]|(?<=\p{Script=Hebrew})"(?=\p{Script=Hebrew}))+)/gu

/** The dashes before a word. Brackets and operators of other query languages have no meaning. */
const DASHES = /^[!&|()<>:*]*(-*)/

type Tokenise = (text: string) => Token[]
type Piece = { term: SearchTerm; dashes: number } | 'or'

function piecesOf(search: string, tokenise: Tokenise): Piece[] {
  return [...search.matchAll(PIECE)].map(([, quotedDashes, phrase, word = '']) => {
    if (/^or$/i.test(word)) return 'or'
    const dashes = (quotedDashes ?? DASHES.exec(word)?.[1] ?? '').length
    return { term: toTerm(tokenise(phrase ?? word), dashes % 2 === 1), dashes }
  })
}

/** Parses a search into words as they are in the index. Everything else is ignored, and no search is invalid. */
export const parseSearch = (text: string, tokenisers = TOKENISERS): SearchQuery => ({
  text,
  parts: tokenisers.map(({ version, tokenise }, i) => {
    const [newer, older] = [tokenisers[i - 1], tokenisers[i + 1]]
    const versions = { from: older ? version : 0, to: newer ? newer.version - 1 : MAX_VERSION }
    return { versions, alternatives: alternativesOf(text, tokenise) }
  }),
})

/** The maximum of a smallint. */
const MAX_VERSION = 32_767

function alternativesOf(text: string, tokenise: Tokenise): SearchTerm[][] {
  const alternatives: SearchTerm[][] = [[]]
  const pieces = piecesOf(text, tokenise)
  let mayAlternate = false
  for (const [i, piece] of pieces.entries()) {
    if (piece === 'or' && mayAlternate && i < pieces.length - 1) {
      alternatives.push([])
      mayAlternate = false
    } else {
      const term = piece === 'or' ? toTerm(tokenise('or'), false) : piece.term
      if (term.words.length > 0) alternatives.at(-1)?.push(term)
      mayAlternate = true
    }
  }
  return alternatives.filter((terms) => terms.length > 0)
}

/** The maximum number of lookups for a search: its keys, and its dashes, each of which negates what follows. */
export function countSearchTerms(search: string): number {
  return piecesOf(search, tokenise).reduce((sum, piece) => {
    if (piece === 'or') return sum + 1
    const { term, dashes } = piece
    return sum + term.keys.length + Math.max(0, dashes - (term.words.length > 0 ? 1 : 0))
  }, 0)
}

const toTerm = (tokens: readonly Token[], isExcluded: boolean): SearchTerm => ({
  isExcluded,
  words: wordsOf(tokens),
  keys: keysOf(tokens),
})

function wordsOf(tokens: readonly Token[]): SearchWord[] {
  const isEnd = (i: number) => i === tokens.length - 1 && tokens[i]?.kind === 'LAST'
  return tokens.flatMap(({ text, kind }, i) => {
    // The text may continue after the end of the search.
    if (isEnd(i) && tokens[i - 1]?.kind === 'PAIR') return []
    return { text, isPrefix: kind === 'HANGUL' || isEnd(i) }
  })
}

/** Of overlapping pairs, it takes every second one and the last. */
function keysOf(tokens: readonly Token[]): string[] {
  let isCovered = false
  return tokens.flatMap(({ text, kind }, i) => {
    if (kind === 'HANGUL') return beginningOf(text, MAX_PREFIX_LENGTH)
    if (kind === 'WORD') return text
    const follows = tokens[i + 1]?.kind
    if (kind === 'LAST') {
      const isAlone = tokens[i - 1]?.kind !== 'PAIR'
      isCovered = false
      return isAlone ? text : []
    }
    isCovered = !isCovered
    return isCovered || follows === 'LAST' ? text : []
  })
}
