import { expect, test } from 'vitest'
import { TimeSlice } from '../../src/fairness/time-slice.ts'
import { ExcerptBudget, excerptOf } from '../../src/search/excerpt.ts'
import { parseSearch } from '../../src/search/parse-search.ts'

/** How much work excerpts take: characters that are folded. */

const newBudget = () => new ExcerptBudget(new TimeSlice({ charge: () => false, rested: () => {} }))

/** Finds nothing to highlight in a text that it matches. */
const NOWHERE = parseSearch('qqq OR -qqq')
const NEEDLE = parseSearch('needle')

test('a text is searched only up to the first match, and what an excerpt can hold after it', async () => {
  const budget = newBudget()
  const excerpt = await excerptOf(`needle ${'lorem '.repeat(40_000)}`, NEEDLE, budget)
  expect(excerpt.highlights).toEqual([{ start: 0, end: 6 }])
  // The first section is folded to look for the word, and both of them for the places of words. They end at the first
  // space after 512 characters: before the words that begin at 517 and, from the space at 516, at 1,032.
  expect(budget.folds).toBe(516 + 516 + (1_032 - 516))
})

test('and in a long text, only in its first 65,536 characters', async () => {
  const at = async (place: number) => {
    const budget = newBudget()
    const text = 'x'.repeat(2).concat(' '.repeat(place - 2), 'needle ', 'lorem '.repeat(20_000))
    const { highlights } = await excerptOf(text, NEEDLE, budget)
    expect(budget.folds).toBeLessThan(65_536 + 4 * 1_024)
    return highlights.length
  }
  expect(await at(65_000)).toBe(1)
  expect(await at(70_000)).toBe(0)
  const budget = newBudget()
  const { text, highlights } = await excerptOf('lorem '.repeat(40_000), NOWHERE, budget)
  expect([text.slice(0, 12), text.at(-1), highlights]).toEqual(['lorem lorem ', '…', []])
  expect(budget.folds).toBeLessThan(65_536 + 1_024)
})

test.each([
  ['one character that becomes 18', '\ufdfa'],
  ['Han', '中文字测试数据'],
  ['a word of the search everywhere, that begins no match', 'ä qqqq b '],
])('all excerpts of an operation share one budget: %s', async (_name, piece) => {
  const budget = newBudget()
  const text = piece.repeat(Math.ceil(66_000 / piece.length))
  for (let i = 0; i < 20; i++) expect((await excerptOf(text, NOWHERE, budget)).highlights).toEqual([])
  expect(budget.isSpent).toBe(true)
  // At most one section more.
  expect(budget.folds).toBeLessThan(500_000 + 18 * 1_025)
  // What comes after that begins with the text.
  expect(await excerptOf('a needle', NEEDLE, budget)).toEqual({ text: 'a needle', highlights: [] })
})

test('an ordinary page of matches takes a small part of it', async () => {
  const budget = newBudget()
  const text = `${'Größe '.repeat(20)}needle${' über'.repeat(15)}`
  for (let i = 0; i < 60; i++) expect((await excerptOf(text, NEEDLE, budget)).highlights.length).toBe(1)
  // Each twice, and eight times more to find where its characters are: 201, and one more for each of the 20 ß.
  expect(budget.folds).toBe(60 * (2 * 221 + 8 * 221))
})

test('phrases are found wherever a text is cut into sections', async () => {
  const phrase = parseSearch('"red äpple pie"')
  for (let i = 490; i < 530; i++) {
    const before = `${'.'.repeat(i)}red pie red `
    const { text, highlights } = await excerptOf(`${before}red äpple, pie ${'b '.repeat(600)}`, phrase, newBudget())
    expect(highlights.map(({ start, end }) => text.slice(start, end))).toEqual(['red äpple, pie'])
  }
})
