import { LRUCache } from 'lru-cache'
import type { TimeSlice } from '../fairness/time-slice.ts'
import { foldText } from './fold-text.ts'
import type { SearchQuery, SearchTerm, SearchWord } from './message-search.sql.ts'
import { sections } from './search-columns.ts'
import { type LocatedToken, locateTokens } from './tokenise.ts'

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

/** How far into a text matches are looked for, in UTF-16 units. */
export const MAX_SEARCHED = 65_536
/** How much of a text an excerpt is made of: it never ends where this part of a longer text ends. */
export const MAX_READ = MAX_SEARCHED + 4 * MAX_EXCERPT
/** Folds of characters for all excerpts of an operation. They take some 0.1 s of CPU, and at most 0.4 s. */
export const MAX_FOLDS = 500_000
/** How many folds it takes to know where a character that is not ASCII has come from, as measured. */
const FOLDS_IN_PLACE = 8

/** What the excerpts of an operation may take together. */
export class ExcerptBudget {
  /** How many characters were folded, before or after folding: NFKC turns a few characters into many. */
  folds = 0
  readonly timeSlice: TimeSlice

  constructor(timeSlice: TimeSlice) {
    this.timeSlice = timeSlice
  }

  get isSpent(): boolean {
    return this.folds >= MAX_FOLDS
  }
}

/**
 * The text around the first match of a search, or its beginning if no word of the search is near enough to it or the
 * budget is spent. Of a longer text, its first `MAX_READ` characters are enough.
 */
export async function excerptOf(text: string, search: SearchQuery, budget: ExcerptBudget): Promise<Excerpt> {
  const terms = (search.parts[0]?.alternatives ?? []).flat().filter(({ isExcluded }) => !isExcluded)
  const found = await locate(text, terms, budget)
  // Words that are joined by a zero-width space are also found by themselves.
  const isJoined = found.length === 0 && text.includes('\u200b')
  return cut(text, isJoined ? await locate(text.replaceAll('\u200b', ' '), terms, budget) : found)
}

/** Where these terms are in a text: the first match, and those after it that an excerpt can hold. */
async function locate(text: string, terms: readonly SearchTerm[], budget: ExcerptBudget): Promise<TextRange[]> {
  const beginnings = terms.flatMap(({ words }) => words[0]?.text ?? [])
  if (beginnings.length === 0) return []
  for (const { section, start } of sections(text)) {
    if (start >= MAX_SEARCHED || budget.isSpent) break
    if (budget.timeSlice.isOver) await budget.timeSlice.yieldToEventLoop()
    const folded = foldText(section)
    budget.folds += Math.max(section.length, folded.length)
    // Most sections have no match: where their words are is not looked at.
    if (!beginnings.some((word) => folded.includes(word))) continue
    const found = await locateFrom(text, start, terms, budget)
    if (found.length > 0) return found
  }
  return []
}

/** The same if a match begins in the section that begins here; else none. */
async function locateFrom(
  text: string,
  from: number,
  terms: readonly SearchTerm[],
  budget: ExcerptBudget,
): Promise<TextRange[]> {
  const longest = Math.max(...terms.map(({ words }) => words.length))
  const tokens: PlacedToken[] = []
  const found: TextRange[] = []
  let next = 0
  const matchUpTo = (end: number) => {
    for (; next < end; next++) found.push(...terms.flatMap(({ words }) => matchAt(tokens, next, words) ?? []))
  }
  let ofFirst = 0
  for (const { section, start, goesOn } of sections(text, from)) {
    if (budget.isSpent) break
    if (budget.timeSlice.isOver) await budget.timeSlice.yieldToEventLoop()
    const own = new Section(section, start, budget).tokens
    // The next section begins with the last character of this one.
    tokens.push(...(goesOn && own.at(-1)?.kind === 'LAST' ? own.slice(0, -1) : own))
    if (start === from) ofFirst = tokens.length
    matchUpTo(tokens.length - longest + 1)
    if (found[0] ? start > found[0].start + MAX_EXCERPT : next >= ofFirst) return merged(found)
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
interface PlacedToken extends LocatedToken {
  section: Section
}

/** A section that begins at `offset` of its text, and where the units of the folded section are in that text. */
class Section {
  readonly tokens: PlacedToken[]
  readonly #text: string
  readonly #offset: number
  readonly #budget: ExcerptBudget
  #places: Places | undefined

  constructor(text: string, offset: number, budget: ExcerptBudget) {
    const folded = foldText(text)
    budget.folds += Math.max(text.length, folded.length)
    this.tokens = locateTokens(folded).map((token) => ({ ...token, section: this }))
    this.#text = text
    this.#offset = offset
    this.#budget = budget
  }

  startOf = (at: number) => this.#offset + (this.#found ? (this.#found.starts[at] ?? 0) : at)
  endOf = (at: number) => this.#offset + (this.#found ? (this.#found.ends[at - 1] ?? 0) : at)

  /** Needed only if something matches. */
  get #found(): Places {
    if (this.#places === undefined) {
      this.#places = placesOf(this.#text)
      this.#budget.folds += FOLDS_IN_PLACE * (this.#places?.starts.length ?? 0)
    }
    return this.#places
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
const IS_ASCII = /^[\x00-\x7f]*$/
/** Each character with its marks, among them the voiced marks of half-width Kana. */
const CHARACTERS = /\P{M}[\p{M}\uff9e\uff9f]*|\p{M}+/gu
const RUNS = /\p{White_Space}+|\P{White_Space}+/gu

const foldedCharacters = new LRUCache<string, string>({ max: 20_000 })
/** A longer part of a text would keep the whole text in memory. */
const MAX_KEPT = 8

function foldCharacter(character: string): string {
  if (character.length > MAX_KEPT) return foldText(character)
  const known = foldedCharacters.get(character)
  if (known !== undefined) return known
  const folded = foldText(character)
  foldedCharacters.set(character, folded)
  return folded
}

/** For each unit of a folded text, the part of the text that it was made of; null: they are in the same place. */
type Places = { starts: number[]; ends: number[] } | null

function placesOf(text: string): Places {
  if (IS_ASCII.test(text)) return null
  const starts: number[] = []
  const ends: number[] = []
  const add = (count: number, start: number, end: number) => {
    for (let i = 0; i < count; i++) {
      starts.push(start)
      ends.push(end)
    }
  }
  for (const { 0: run, index } of text.matchAll(RUNS)) {
    const before = starts.length
    let pieces = ''
    let at = index
    for (const character of run.match(CHARACTERS) ?? []) {
      const piece = foldCharacter(character)
      pieces += piece
      add(piece.length, at, at + character.length)
      at += character.length
    }
    const whole = foldText(run)
    if (pieces === whole) continue
    // A few characters are folded differently beside each other, such as the halves of Korean ones.
    starts.length = ends.length = before
    add(whole.length, index, index + run.length)
  }
  return { starts, ends }
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
