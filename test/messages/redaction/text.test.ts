import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type RedactionCounts, redactText } from '../../../src/messages/redaction/redact-text.ts'

function redact(text: string): [string, RedactionCounts] {
  const counts: RedactionCounts = {}
  return [redactText(text, counts), counts]
}

const CARD = '1111 1111 1111 1111'
const EMAIL = 'email@example.com'

/** Texts, and what is left of them. */
const REDACTED: Record<
  Exclude<keyof RedactionCounts, 'phoneNumbers' | 'ibans' | 'patternMatches'>,
  Record<string, string>
> = {
  emailAddresses: {
    'ada@example.org': EMAIL,
    'Write to ada.lovelace+x@mail.example.co.uk, please.': `Write to ${EMAIL}, please.`,
    '(ada@example.org)': `(${EMAIL})`,
    '<ada@example.org>; thanks': `<${EMAIL}>; thanks`,
    "'ada@example.org": `'${EMAIL}`,
    'mailto:ADA@EXAMPLE.ORG?subject=x': `mailto:${EMAIL}?subject=x`,
    'https://example.org/?email=ada@example.org&x=1': `https://example.org/?email=${EMAIL}&x=1`,
    "o'brien@example.org": EMAIL,
    'jörg@bücher.example': EMAIL,
    '用户@例子.公司': EMAIL,
    'ada@example.org.': `${EMAIL}.`,
    'ada@xn--bcher-kva.example': EMAIL,
    [`${'a'.repeat(300)}@example.org`]: EMAIL,
  },
  cardNumbers: {
    '4111111111111111': CARD,
    'Visa 4111 1111 1111 1111, thanks': `Visa ${CARD}, thanks`,
    '5500-0000-0000-0004': CARD,
    '4111.1111.1111.1111': CARD,
    '4111 - 1111 - 1111 - 1111': CARD,
    '4111\u00a01111\u00a01111\u00a01111': CARD,
    'American Express 3782 822463 10005': `American Express ${CARD}`,
    'Diners 3056 930902 5904': `Diners ${CARD}`,
    '4222222222222': CARD,
    '6304000000000000000': CARD,
    '4111 1111 1111 1111 12/27 123': `${CARD} 12/27 123`,
    'four is 4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1': `four is ${CARD}`,
    'Visa4111111111111111.': `Visa${CARD}.`,
    'call 555 123 4567 or pay 4111 1111 1111 1111': `call 555 123 4567 or pay ${CARD}`,
  },
  usSocialSecurityNumbers: {
    '219-09-9999': '000-00-0000',
    'SSN: 219 09 9999.': 'SSN: 000-00-0000.',
  },
  ukNationalInsuranceNumbers: {
    'AB 12 34 56 C': 'QQ 12 34 56 C',
    'my number is jg103759a': 'my number is QQ 12 34 56 C',
    'AB123456C.': 'QQ 12 34 56 C.',
  },
}

const LEFT = [
  ...['', 'ok', 'ada@', '@example.org', 'ada@localhost', 'ada@example', 'a@b.1', 'foo @ bar.com', '@ada', 'x@@y.com'],
  // No card: a wrong checksum, too short, too long, of no network, times, phone numbers, fractions, ids.
  ...['4111111111111112', '411111111111', '41111111111111111111111', '0000000000000000', '7111111111111111'],
  ...['1767225600000', '1767225600000000', '2026-01-05 09:00:00.000', '0.4111111111111111', '+49 170 1234567'],
  ...['555 123 4567 555 987 6543', '1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20', '10.0.0.1 10.0.0.2'],
  // No Social Security number: never given out, or nine digits that may be anything.
  ...[
    '000-12-3456',
    '666-12-3456',
    '912-12-3456',
    '123-00-4567',
    '123-45-0000',
    '123456789',
    '123-456789',
    '1123-45-6789',
  ],
  // No National Insurance number: prefixes and suffixes that do not exist, parts of words.
  ...[
    'QQ 12 34 56 C',
    'GB 12 34 56 C',
    'DA123456C',
    'AO123456C',
    'AB123456E',
    'XAB123456C',
    'AB123456CX',
    'AB 12 34 5 C',
  ],
]

describe('taken out, whatever stands around it', () => {
  for (const [kind, texts] of Object.entries(REDACTED)) {
    test(kind, () => {
      for (const [text, left] of Object.entries(texts)) expect(redact(text), text).toEqual([left, { [kind]: 1 }])
    })
  }
})

test('what only looks like it stays', () => {
  for (const text of LEFT) expect(redact(text), text).toEqual([text, {}])
})

test('each is counted', () => {
  const text = "a@example.org'b@example.org 4111111111111111 219-09-9999 AB123456C c@example.org"
  expect(redact(text)[1]).toEqual({
    emailAddresses: 3,
    cardNumbers: 1,
    usSocialSecurityNumbers: 1,
    ukNationalInsuranceNumbers: 1,
  })
})

test('text with neither an @ nor nine digits is never changed', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
      const plain = text.replaceAll('@', 'a')
      fc.pre((plain.match(/\d/g) ?? []).length < 6)
      expect(redact(plain)).toEqual([plain, {}])
    }),
    { numRuns: 1_000 },
  )
})

test('a card number is found wherever it stands and however it is grouped', () => {
  const digits = fc.array(fc.nat({ max: 9 }), { minLength: 15, maxLength: 15 })
  const around = fc.constantFrom('', ' ', 'card: ', '(', 'no.', '\n', ', ', 'x')
  fc.assert(
    fc.property(digits, fc.constantFrom('', ' ', '-', '.'), around, around, (random, separator, before, behind) => {
      const number = withCheckDigit(`4${random.slice(1).join('')}`)
      const written = number.replace(/(\d{4})(?=\d)/g, `$1${separator}`)
      expect(redact(before + written + behind)).toEqual([before + CARD + behind, { cardNumbers: 1 }])
    }),
    { numRuns: 1_000 },
  )
})

/** With the digit that makes the Luhn sum end in 0: the one of ten that does. */
function withCheckDigit(payload: string): string {
  const sumOf = (number: string) =>
    [...number].reverse().reduce((sum, digit, i) => sum + (i % 2 === 0 ? +digit : (+digit * 2) % 9 || (+digit && 9)), 0)
  const numbers = Array.from({ length: 10 }, (_, digit) => `${payload}${digit}`)
  return numbers.find((number) => sumOf(number) % 10 === 0) ?? ''
}

// The time-out is what is held: a pattern whose time grows with the square of a text takes minutes.
describe('hostile text of 1 MB takes no longer than other text', () => {
  const N = 1_000_000
  const repeated = (parts: readonly string[]) => parts.map((part) => part.repeat(N / part.length))

  test.each<[string, string[]]>([
    [
      'addresses',
      repeated(['a', '@', 'a@', '.', '%', "'", 'a@a.a.a@', 'a-.a@', 'a@a.com', '用户@', '公司.', 'git@a.com:']),
    ],
    [
      'long addresses',
      [`x@${'a.'.repeat(N / 2)}`, `x@${'a'.repeat(N)}`, `${'a'.repeat(N)}@`, `${'请'.repeat(N)}@a.com`],
    ],
    ['numbers', repeated(['4', ' ', '4 ', '4444 ', '4444   ', '4111111111111112 ', '4---', `${CARD} `, '٤', '４ '])],
    ['others', repeated(['123-', 'AB12', 'e\u0301', 'imei ', 'DE89 ', 'ada@example.org 4111111111111111 '])],
    ['escapes', repeated(['\\', '\\u', '\\u0040', '\\ud835', '%40', '%2', '\\n4', '\\\\"a\\":4111111111111111,'])],
    ['JSON', [`[${'4111111111111111,'.repeat(N / 17)}1]`, `[${'"a@a.com",'.repeat(N / 10)}1${']'}`, '['.repeat(N)]],
  ])('%s', { timeout: 20_000 }, (_, texts) => {
    for (const text of texts) expect(redact(text)[0].length).toBeGreaterThan(0)
  })
})
