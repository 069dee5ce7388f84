import fc from 'fast-check'
import { expect, test } from 'vitest'
import { redactJson } from '../../../src/messages/redaction/redact-json.ts'
import { type RedactionCounts, redactText } from '../../../src/messages/redaction/redact-text.ts'
import { LEFT, REDACTED } from './corpus.ts'

const redact = (text: string): [string, RedactionCounts] => {
  const counts: RedactionCounts = {}
  return [redactText(text, counts), counts]
}

const lines = [...Object.values(REDACTED).flatMap(Object.keys), ...Object.values(LEFT).flat()]

/** What lines are made of, so that they meet in ways that nobody thought of. */
const pieces = [
  ...['ada@example.org', 'email@example.com', 'почта@пример.рф', '用户@例子.公司', '4111111111111111', 'AB123456C'],
  ...['1111 1111 1111 1111', '219-09-9999', '000-00-0000', 'QQ 12 34 56 C', '5500 0000 0000 0004', '４１１１'],
  ...[
    '@',
    '＠',
    '.',
    '-',
    ' ',
    "'",
    '%',
    '+',
    '\\',
    '\\n',
    '\\u0040',
    '\\u00e9',
    '%40',
    '%20',
    '\u2009',
    '–',
    ':',
    '/',
  ],
  ...[
    'com',
    'Org',
    'рф',
    '公司',
    '请',
    'ค่ะ',
    'и',
    'é',
    '\u0301',
    'a',
    'Z',
    '1',
    '٤',
    '𝟒',
    '"',
    '://',
    'imei',
    '😀',
    '\ud835',
  ],
]

const text = fc
  .array(fc.oneof(fc.constantFrom(...pieces), fc.constantFrom(...lines), fc.string({ unit: 'binary', maxLength: 3 })), {
    maxLength: 8,
  })
  .map((parts) => parts.join(''))

test('what is redacted twice is as if it was redacted once', () => {
  fc.assert(
    fc.property(text, (given) => {
      const [once] = redact(given)
      expect(redact(once)).toEqual([once, {}])
    }),
    { numRuns: 10_000 },
  )
})

const spoken = fc.constantFrom(
  '请发到',
  'です',
  'ค่ะ',
  'และ',
  'អរគុណ',
  'спасибо',
  'ευχαριστώ',
  'شكرا',
  'תודה',
  'நன்றி',
  'አመ',
)
const mark = fc.constantFrom(
  ' ',
  '\n',
  '，',
  '。',
  '(',
  '"',
  '\\n',
  '\\t',
  '\\"',
  '\\u8bf7',
  '%20',
  '\u3000',
  '、',
  '😀',
  '<',
  '*',
)
const words = fc.array(fc.oneof(spoken, mark), { maxLength: 4 }).map((parts) => parts.join(''))
const sentenceAfter = fc.oneof(words, fc.constantFrom('.Thanks', '. Thanks', '.', '!', ': hello', '.It is', '?x=1'))

const planted = fc.oneof(
  fc
    .constantFrom('ada@example.org', 'a.b+c@mail.example.co.uk', 'ADA@EXAMPLE.ORG', 'ａｄａ＠ｅｘａｍｐｌｅ．ｏｒｇ')
    .map((address) => [address, 'email@example.com']),
  fc
    .constantFrom('4111111111111111', '4111\u20091111–1111-1111', '４１１１ 1111 1111 1111')
    .map((card) => [card, '1111 1111 1111 1111']),
  fc.constantFrom('AB123456C', 'ＡＢ 12 34 56 C').map((number) => [number, 'QQ 12 34 56 C']),
)

test('whatever stands around a match stays, in any script', () => {
  fc.assert(
    fc.property(words, planted, sentenceAfter, (before, [secret, replacement], after) => {
      expect(redact(before + secret + after)[0]).toBe(before + replacement + after)
    }),
    { numRuns: 10_000 },
  )
})

/** JSON as programs write it: with or without spaces, and with escapes for what is not ASCII. */
const json = fc
  .tuple(
    fc.oneof(
      ...[fc.dictionary(text, fc.jsonValue({ maxDepth: 2 })), fc.array(text), fc.dictionary(text, text)],
      fc.array(fc.constantFrom(4111111111111111, -5500000000000004, 1.5, 4111111111111.5, 378282246310005, 'x', null)),
      fc.dictionary(
        fc.constantFrom('a', 'imei', '"', '": '),
        fc.constantFrom(4111111111111111, '": 4111111111111111, "'),
      ),
    ),
    fc.constantFrom(undefined, 1),
    fc.boolean(),
  )
  .map(([value, indent, isAscii]) => {
    const written = JSON.stringify(value, null, indent)
    return isAscii
      ? written.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      : written
  })

test('JSON stays JSON, and so does JSON in a string of JSON', () => {
  fc.assert(
    fc.property(json, (given) => {
      const [redacted] = redact(given)
      expect(() => JSON.parse(redacted), redacted).not.toThrow()
      expect(redact(redacted)).toEqual([redacted, {}])
      expect(typeof JSON.parse(redact(JSON.stringify([given]))[0])[0]).toBe('string')
    }),
    { numRuns: 5_000 },
  )
})

test('a value keeps its shape, and no entry of it is lost', () => {
  fc.assert(
    fc.property(fc.dictionary(text, fc.oneof(text, fc.integer(), fc.array(text))), (value) => {
      const redacted = redactJson(value, {})
      expect(Object.keys(redacted)).toHaveLength(Object.keys(value).length)
      expect(redactJson(redacted, {})).toEqual(redacted)
    }),
  )
})

test('no digit of any script is overlooked', () => {
  const digits = Array.from({ length: 0x1_fbf0 }, (_, code) => String.fromCodePoint(code)).filter((character) =>
    /\p{Nd}/u.test(character),
  )
  for (let first = 0; first < digits.length; first += 10) {
    const card = [...'4111111111111111'].map((digit) => digits[first + Number(digit)]).join('')
    expect(redact(`x ${card} y`)[0], card).toBe('x 1111 1111 1111 1111 y')
  }
})
