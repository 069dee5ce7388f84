import { LRUCache } from 'lru-cache'
import type { TimeSlice } from '../fairness/time-slice.ts'
import { foldText } from './fold-text.ts'
import type { SearchQuery, SearchTerm, SearchWord } from './message-search.sql.ts'
import { sections } from './search-columns.ts'
import { locateTokens, type Token } from './tokenise.ts'

/** A part of a text, in UTF-16 units. */
export interface TextRange {
  start: number
  /** Exclusive. */
  end: number
}

export interface Excerpt {
  text: string
  /** The parts of it that the search names, in order. */
  highlights: TextRange[]
}

/** In UTF-16 units, with the ellipses. */
export const MAX_EXCERPT = 240
/** How much of it may be before the first match. */
const LEAD = 60
/** How far a cut is moved so that it is between words. */
const MAX_SHIFT = 24
const ELLIPSIS = '…'

/** The text around the first match of a search, or its beginning if no word of the search is in it. */
export async function excerptOf(text: string, search: SearchQuery, timeSlice: TimeSlice): Promise<Excerpt> {
  const terms = (search.parts[0]?.alternatives ?? []).flat().filter(({ isExcluded }) => !isExcluded)
  const found = await locate(text, terms, timeSlice)
  // Words that are joined by a zero-width space are also found by themselves.
  const isJoined = found.length === 0 && text.includes('\u200b')
  return cut(text, isJoined ? await locate(text.replaceAll('\u200b', ' '), terms, timeSlice) : found)
}

/** Where these terms are in a text: the first match, and those after it that an excerpt can hold. */
async function locate(text: string, terms: readonly SearchTerm[], timeSlice: TimeSlice): Promise<TextRange[]> {
  const longest = Math.max(0, ...terms.map(({ words }) => words.length))
  const tokens: PlacedToken[] = []
  const found: TextRange[] = []
  let next = 0
  const matchUpTo = (end: number) => {
    for (; next < end; next++) found.push(...terms.flatMap(({ words }) => matchAt(tokens, next, words) ?? []))
  }
  for (const { section, start, goesOn } of longest > 0 ? sections(text) : []) {
    const own = new Section(section, start).tokens
    // The next section begins with the last character of this one.
    tokens.push(...(goesOn && own.at(-1)?.kind === 'LAST' ? own.slice(0, -1) : own))
    matchUpTo(tokens.length - longest + 1)
    if (found[0] && start > found[0].start + MAX_EXCERPT) break
    if (timeSlice.isOver) await timeSlice.yieldToEventLoop()
  }
  matchUpTo(tokens.length)
  return merged(found)
}

/** The range of these words if they begin with this token. */
function matchAt(tokens: readonly PlacedToken[], at: number, words: readonly SearchWord[]): TextRange | null {
  const isAt = ({ text, isPrefix }: SearchWord, i: number) => {
    const token = tokens[at + i]?.text
    return isPrefix ? token?.startsWith(text) : token === text
  }
  const [first, last, lastWord] = [tokens[at], tokens[at + words.length - 1], words.at(-1)]
  if (!first || !last || !words.every(isAt)) return null
  return { start: first.section.startOf(first.start), end: last.section.endOf(endWithin(last, lastWord)) }
}

/** Of a word that continues in the text, only what was searched for is highlighted. */
const endWithin = ({ start, end }: PlacedToken, word: SearchWord | undefined) =>
  word?.isPrefix ? Math.min(end, start + word.text.length) : end

/** A token in its section; both places are those of the folded section. */
interface PlacedToken extends Token {
  start: number
  end: number
  section: Section
}

/** A section that begins at `offset` of its text, and where the units of the folded section are in that text. */
class Section {
  readonly tokens: PlacedToken[]
  readonly #offset: number
  readonly #places: TextRange[] | null

  constructor(section: string, offset: number) {
    const { folded, places } = foldInPlace(section)
    this.tokens = locateTokens(folded).map((token) => ({ ...token, section: this }))
    this.#offset = offset
    this.#places = places
  }

  startOf = (at: number) => this.#offset + (this.#places ? (this.#places[at]?.start ?? 0) : at)
  endOf = (at: number) => this.#offset + (this.#places ? (this.#places[at - 1]?.end ?? 0) : at)
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
const IS_ASCII = /^[\x00-\x7f]*$/
/** A character with its marks, among them the voiced marks of half-width Kana. */
const CHARACTERS = /\P{M}[\p{M}\uff9e\uff9f]*|\p{M}+/gu
const RUNS = /\p{White_Space}+|\P{White_Space}+/gu

const foldedCharacters = new LRUCache<string, string>({ max: 20_000 })

function foldCharacter(character: string): string {
  const folded = foldedCharacters.get(character) ?? foldText(character)
  foldedCharacters.set(character, folded)
  return folded
}

/** A text as it is compared, and for each unit the part of the text that it was made of; null: they are in the same place. */
function foldInPlace(text: string): { folded: string; places: TextRange[] | null } {
  if (IS_ASCII.test(text)) return { folded: text.toLowerCase(), places: null }
  let folded = ''
  const places: TextRange[] = []
  const add = (piece: string, start: number, end: number) => {
    folded += piece
    for (let i = 0; i < piece.length; i++) places.push({ start, end })
  }
  for (const { 0: run, index } of text.matchAll(RUNS)) {
    const characters = [...run.matchAll(CHARACTERS)].map(({ 0: character, index }) => ({ character, index }))
    const pieces = characters.map(({ character }) => foldCharacter(character))
    const whole = foldText(run)
    // A few characters are folded differently beside each other, such as the halves of Korean ones.
    if (pieces.join('') !== whole) add(whole, index, index + run.length)
    else
      for (const [i, { character, index: at }] of characters.entries())
        add(pieces[i] ?? '', index + at, index + at + character.length)
  }
  return { folded, places }
}

/** Ranges in order, without those that overlap. */
function merged(ranges: readonly TextRange[]): TextRange[] {
  const all: TextRange[] = []
  for (const { start, end } of ranges.toSorted((a, b) => a.start - b.start)) {
    const last = all.at(-1)
    if (last && start < last.end) last.end = Math.max(last.end, end)
    else all.push({ start, end })
  }
  return all
}

function cut(text: string, found: readonly TextRange[]): Excerpt {
  const first = found[0] ?? { start: 0, end: 0 }
  const size = MAX_EXCERPT - 2 * ELLIPSIS.length
  const latest = Math.max(0, text.length - size)
  const start = startNear(text, Math.min(Math.max(0, first.start - LEAD), latest), first.start)
  const end = endNear(text, Math.min(text.length, start + size), first.end)
  const before = start > 0 ? ELLIPSIS : ''
  const highlights = found
    .filter((range) => range.start < end && range.end > start)
    .map((range) => ({
      start: before.length + range.start - start,
      end: before.length + Math.min(range.end, end) - start,
    }))
  return { text: `${before}${text.slice(start, end)}${end < text.length ? ELLIPSIS : ''}`, highlights }
}

/** A place for a cut at or after `at`, and not after `max`: before a word if one begins soon, else before a character. */
function startNear(text: string, at: number, max: number): number {
  if (at === 0) return 0
  const space = text.slice(at, Math.min(max, at + MAX_SHIFT)).search(/\s\S/)
  if (space !== -1) return at + space + 1
  const { start, end } = characterAt(text, at)
  return start === at ? at : Math.min(end, max)
}

/** A place for a cut at or before `at`: after a word that is after `min` if one ends there, else after a character. */
function endNear(text: string, at: number, min: number): number {
  if (at >= text.length) return text.length
  const from = Math.max(min, at - MAX_SHIFT)
  const space = text.slice(from, at + 1).search(/\s\S*$/)
  return space > 0 ? from + space : characterAt(text, at).start
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })
/** No emoji or letter with its marks is longer in practice. */
const MAX_CHARACTER = 32

/** The character (grapheme) that a unit belongs to. */
function characterAt(text: string, at: number): TextRange {
  const from = Math.max(0, at - MAX_CHARACTER)
  const found = segmenter.segment(text.slice(from, at + MAX_CHARACTER)).containing(at - from)
  if (!found) return { start: at, end: at }
  return { start: from + found.index, end: from + found.index + found.segment.length }
}
