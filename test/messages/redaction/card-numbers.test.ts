import { expect, test } from 'vitest'
import { isCardNumber } from '../../../src/messages/redaction/card-issuers.ts'
import { redactText } from '../../../src/messages/redaction/redact-text.ts'

/** The table of networks once more, as ranges of the first four digits, and each way to group the digits of a number. */

type Network = [from: number, to: number, ...lengths: number[]]

const NETWORKS: Network[] = [
  // Visa, Mastercard, American Express.
  ...([
    [4000, 4999, 13, 16, 19],
    [5100, 5599, 16],
    [2221, 2720, 16],
    [3400, 3499, 15],
    [3700, 3799, 15],
  ] as Network[]),
  // Diners Club, Discover, JCB.
  ...([
    [3000, 3059, 14, 16, 19],
    [3095, 3095, 14, 16, 19],
    [3600, 3699, 14, 16, 19],
  ] as Network[]),
  ...([
    [3800, 3999, 14, 16, 19],
    [6011, 6011, 16, 19],
    [6440, 6599, 16, 19],
    [3528, 3589, 16, 19],
  ] as Network[]),
  // UnionPay, Maestro.
  ...([
    [6200, 6299, 16, 17, 18, 19],
    [8100, 8199, 16, 17, 18, 19],
  ] as Network[]),
  ...[5000, 5600, 5700, 5800, 6000, 6300, 6700, 6900].map(
    (from): Network => [from, from + 99, 13, 14, 15, 16, 17, 18, 19],
  ),
  // Mir, RuPay, Troy, NAPAS, UzCard, Humo.
  ...([
    [2200, 2204, 16, 17, 18, 19],
    [8100, 8299, 16],
    [9792, 9792, 16],
    [9704, 9704, 16, 19],
  ] as Network[]),
  ...([
    [8600, 8600, 16],
    [9860, 9860, 16],
  ] as Network[]),
]

const lengthsOf = (prefix: number) =>
  NETWORKS.flatMap(([from, to, ...lengths]) => (prefix >= from && prefix <= to ? lengths : []))

/** Digits with the one in the end that makes the Luhn sum a multiple of ten. */
function withCheckDigit(digits: string): string {
  const sum = [...digits].reverse().reduce((all, digit, i) => {
    const value = Number(digit) * (i % 2 === 0 ? 2 : 1)
    return all + (value > 9 ? value - 9 : value)
  }, 0)
  return `${digits}${(10 - (sum % 10)) % 10}`
}

const numberOf = (prefix: number, length: number) =>
  withCheckDigit(
    String(prefix)
      .padStart(4, '0')
      .padEnd(length - 1, '0'),
  )

test('a number is a card’s if a network gives out such numbers, of each prefix and length', () => {
  const wrong: string[] = []
  for (let prefix = 0; prefix <= 9_999; prefix += 1) {
    const lengths = lengthsOf(prefix)
    // Zeros add nothing: the check digit is that of any number so long, or one digit longer.
    const checkDigits = [12, 13].map((length) => numberOf(prefix, length).at(-1))
    for (let length = 12; length <= 20; length += 1) {
      const digits = String(prefix)
        .padStart(4, '0')
        .padEnd(length - 1, '0')
      const number = `${digits}${checkDigits[length % 2]}`
      if (isCardNumber(number) !== lengths.includes(length)) wrong.push(number)
    }
  }
  expect(wrong).toEqual([])
})

test('with another check digit it is none', () => {
  for (const [prefix, , ...lengths] of NETWORKS) {
    for (const length of lengths) {
      const number = numberOf(prefix, length)
      for (let digit = 1; digit <= 9; digit += 1) {
        expect(isCardNumber(`${number.slice(0, -1)}${(Number(number.at(-1)) + digit) % 10}`)).toBe(false)
      }
    }
  }
})

/** All ways to write a number of digits as a sum of up to so many. */
function sumsOf(digits: number, parts: number): number[][] {
  if (parts === 1) return [[digits]]
  const first = Array.from({ length: digits - 1 }, (_, i) => i + 1)
  return [[digits], ...first.flatMap((size) => sumsOf(digits - size, parts - 1).map((rest) => [size, ...rest]))]
}

function grouped(number: string, [size, ...others]: readonly number[]): string {
  return others.length === 0 ? number : `${number.slice(0, size)} ${grouped(number.slice(size), others)}`
}

const redacted = (text: string) => redactText(text, {}) !== text

test.each([13, 16, 19])(
  'a number of %i digits is found in groups of four to six, of which the last may be shorter',
  (length) => {
    // Beyond its first digit it has zeros, with which no card begins: nothing else in it is one.
    const number = numberOf(4_000, length)
    const wrong = sumsOf(length, 5).filter((groups) => {
      const isPrinted = groups.every((size, i) => size <= 6 && (size >= 4 || i === groups.length - 1))
      return redacted(grouped(number, groups)) !== (groups.length === 1 || isPrinted)
    })
    expect(wrong).toEqual([])
  },
)

test('a number is found digit by digit, with up to three separators between two', () => {
  for (const separator of [' ', '-', '.', ' - ', '---', '\u2010']) {
    expect(redactText([...numberOf(4_000, 16)].join(separator), {})).toBe('1111 1111 1111 1111')
  }
  expect(redacted([...numberOf(4_000, 16)].join('    '))).toBe(false)
})
