import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { compileOwnPatterns, MAX_MATCH, MAX_MATCHES } from '../../../src/messages/redaction/own-patterns.ts'
import { pattern, redactWith } from './optional.ts'

const left = async (source: string, text: string) =>
  (await redactWith({ redactionPatterns: [pattern(source)] }, text))[0]

test('all matches are replaced, as the replacement is written, and counted', async () => {
  const redactionPatterns = [pattern('ACME-\\d{5}', '$1 $& \\1'), pattern('(?i)\\bcode \\w+')]
  expect(await redactWith({ redactionPatterns }, 'ACME-12345, acme-12345 and ACME-54321: Code abc')).toEqual([
    '$1 $& \\1, acme-12345 and $1 $& \\1: [x]',
    { patternMatches: 3 },
  ])
})

test('strings, keys and numbers of JSON are searched, and different keys stay different', async () => {
  const value = { 'no 12345': ['no 12345', 12345, 12, null, true], 'no 54321': { deep: 'a 12345' } }
  expect(await redactWith({ redactionPatterns: [pattern('\\d{5}', '#')] }, value)).toEqual([
    { 'no #': ['no #', '#', 12, null, true], 'no # (2)': { deep: 'a #' } },
    { patternMatches: 5 },
  ])
})

test('own patterns come before what is always redacted, and apply without it', async () => {
  const redactionPatterns = [pattern('\\S+@corp\\.example, no \\d+')]
  const text = 'ada@corp.example, no 17; bob@example.org'
  expect(await redactWith({ redactionPatterns, redactsPersonalData: true }, text)).toEqual([
    '[x]; email@example.com',
    { patternMatches: 1, emailAddresses: 1 },
  ])
  expect(await redactWith({ redactionPatterns }, text)).toEqual(['[x]; bob@example.org', { patternMatches: 1 }])
})

/** Letters of one, two and three bytes, and of two halves. */
const letters = fc.string({ unit: fc.constantFrom('a', 'b', ' ', 'é', '語', '😀'), maxLength: 40 })

test.each(['a+b', '\\bab?\\b', '[^ ]{3}', '😀.', 'a$', '^b', 'é|語+'])(
  'the pattern %s finds in long texts what RegExp finds, at the seams of windows as well',
  async (source) => {
    const filler = fc.integer({ min: MAX_MATCH - 60, max: MAX_MATCH + 20 }).map((length) => ' '.repeat(length))
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(filler, letters), { minLength: 1, maxLength: 4 }), async (parts) => {
        const text = parts.flat().join('')
        expect(await left(source, text)).toBe(text.replaceAll(new RegExp(source, 'gu'), '[x]'))
      }),
      { numRuns: 100 },
    )
  },
)

test('a match that goes on beyond its window ends with the text', async () => {
  const text = `a secret: ${'x'.repeat(3 * MAX_MATCH)} and more`
  expect(await left('secret: x+', text)).toBe('a [x]')
  expect(await left('secret: .*', `a secret: ${'x'.repeat(MAX_MATCH - 20)}\nand more`)).toBe('a [x]\nand more')
})

test('after many matches, the rest of a text counts as one', async () => {
  const [text, counts] = await redactWith({ redactionPatterns: [pattern('a', 'b')] }, 'a'.repeat(MAX_MATCHES + 500))
  expect([text.length, counts]).toEqual([MAX_MATCHES + 1, { patternMatches: MAX_MATCHES + 1 }])
})

test.each(['(a+)+$', '(a|aa)+$', '(a|a?)+$', 'a(?:.*Q)?', '(?:.*a){20}b|a', '(a*)*Q'])(
  'the pattern %s looks at a hostile text in a bounded number of steps',
  async (source) => {
    const [{ find } = { find: () => [] }] = await compileOwnPatterns([pattern(source)])
    const text = `${'a'.repeat(100_000)}!`
    const steps = [...find(text)]
    expect(steps.length).toBeLessThanOrEqual(Math.ceil(text.length / MAX_MATCH) + MAX_MATCHES + 1)
  },
)

test('others go on while a long text is searched, until that takes too long', async () => {
  const turns = vi.fn()
  const timer = setInterval(turns, 0)
  await expect(left('(?:.*a){5}b|a', 'a'.repeat(20_000))).rejects.toThrow('redactionPatterns need more than')
  clearInterval(timer)
  expect(turns.mock.calls.length).toBeGreaterThan(5)
})
