import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TimeSlice } from '../../src/fairness/time-slice.ts'
import { foldText } from '../../src/search/fold-text.ts'
import { countSearchTerms, parseSearch } from '../../src/search/parse-search.ts'
import { toSearchColumns } from '../../src/search/search-columns.ts'
import { MAX_TOKEN_LENGTH, tokenise } from '../../src/search/tokenise.ts'
import { CORPUS } from './corpus.ts'
import { finds } from './model.ts'

const timeSlice = () => new TimeSlice({ charge: () => false, rested: () => {} })
const columnsOf = (text: string) => toSearchColumns(text, timeSlice())
const isFound = async (text: string, search: string) => finds(await columnsOf(text), parseSearch(search))

describe('words are found in texts', () => {
  for (const [script, cases] of Object.entries(CORPUS)) {
    test(script, async () => {
      for (const { text, finds: found, misses } of cases) {
        for (const search of found) expect.soft(await isFound(text, search), `${search} in ${text}`).toBe(true)
        for (const search of misses) expect.soft(await isFound(text, search), `${search} in ${text}`).toBe(false)
      }
    })
  }
})

const characters = fc.oneof(
  fc.constantFrom(...Object.values(CORPUS).flatMap((cases) => cases.flatMap(({ text }) => [...text]))),
  fc.constantFrom(...' .,-_\'’"\u200b\ufeff\u00ad\u0301\u0323\u{1d165}가ßİıſΣς½№™'),
)
const texts = fc.oneof(
  fc.array(characters, { maxLength: 60 }).map((parts) => parts.join('')),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.string({ unit: 'binary', maxLength: 30 }),
)

test('every word of a text finds it, and so does every sequence of words', () =>
  fc.assert(
    fc.asyncProperty(texts, fc.nat(), fc.nat(), async (text, from, length) => {
      const words = text
        .split(/[\p{White_Space}"]+/u)
        .filter((word) => tokenise(word).length > 0 && !/^or$/i.test(word))
      const columns = await columnsOf(text)
      for (const word of words) expect(finds(columns, parseSearch(` ${word.replace(/^[!&|()<>:*-]+/, '')}`))).toBe(true)
      if (text.includes('"') || words.length === 0) return
      const start = from % words.length
      const phrase = words.slice(start, start + 1 + (length % 5)).join(' ')
      // A zero-width space in it is one that the text has as well.
      expect(finds(columns, parseSearch(`"${phrase}"`))).toBe(true)
    }),
    { numRuns: 2_000 },
  ))

test('folding twice is folding once, and a word is one word', () =>
  fc.assert(
    fc.property(texts, (text) => {
      const folded = foldText(text)
      expect(foldText(folded)).toBe(folded)
      for (const token of tokenise(text)) {
        if (token.kind === 'WORD' || token.kind === 'HANGUL')
          expect(tokenise(token.text).map((one) => one.text)).toEqual([token.text])
      }
    }),
    { numRuns: 2_000 },
  ))

test('every character folds to what stays', () => {
  const unstable: string[] = []
  for (let code = 0; code < 0x11_0000; code++) {
    if (code >= 0xd800 && code < 0xe000) continue
    const folded = foldText(String.fromCodePoint(code))
    if (foldText(folded) !== folded) unstable.push(code.toString(16))
  }
  expect(unstable).toEqual([])
})

test('the fast way of plain texts makes the same words', () =>
  fc.assert(
    fc.asyncProperty(
      fc.string({
        unit: fc.oneof(
          fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 1 }),
          fc.constantFrom(...'’“”…–—«»\u00a0'),
        ),
        maxLength: 200,
      }),
      async (text) => {
        const { search_words } = await columnsOf(text)
        expect(search_words.trim().split(' ').filter(Boolean)).toEqual(tokenise(text).map((token) => token.text))
      },
    ),
  ))

test('words have no signs that mean something to an index or a pattern', () =>
  fc.assert(
    fc.property(texts, (text) => {
      for (const token of tokenise(text)) {
        expect(token.text).toMatch(/^[a-z0-9\P{ASCII}]+$/u)
        expect(token.text).not.toMatch(/\p{White_Space}/u)
        expect(token.text.isWellFormed() || !text.isWellFormed()).toBe(true)
        expect(token.text.length).toBeLessThanOrEqual(MAX_TOKEN_LENGTH)
      }
    }),
  ))

test('what is stored of a text, or looked up, is text that PostgreSQL can store', () =>
  fc.assert(
    fc.asyncProperty(texts, async (text) => {
      fc.pre(text.isWellFormed())
      const { search_words, search_parts } = await columnsOf(text)
      const terms = parseSearch(text).parts.flatMap((part) => part.alternatives.flat())
      const kept = [search_words, search_parts ?? '', ...terms.flatMap((term) => term.keys)]
      expect(kept.every((one) => one.isWellFormed())).toBe(true)
    }),
    { numRuns: 2_000 },
  ))

test('no search is an error, and none has more terms than it has characters', () =>
  fc.assert(
    fc.property(texts, (text) => {
      const alternatives = parseSearch(text).parts.flatMap((part) => part.alternatives)
      const keys = alternatives.flat().flatMap((term) => term.keys)
      expect(keys.length).toBeLessThanOrEqual(countSearchTerms(text))
      for (const term of alternatives.flat()) expect(term.keys.length).toBeGreaterThan(0)
    }),
    { numRuns: 2_000 },
  ))

test.each([
  ['a b', 2],
  ['"a b" or c', 4],
  ['order-1001', 2],
  ['订单', 1],
  ['订单在哪里', 3],
  ['-a', 1],
  ['--a', 2],
  ['- -', 2],
  ['&', 0],
])('%s counts as %i terms', (search, count) => {
  expect(countSearchTerms(search)).toBe(count)
})
