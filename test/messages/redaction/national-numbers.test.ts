import { expect, test } from 'vitest'
import { redactText } from '../../../src/messages/redaction/redact-text.ts'

/** Which numbers are given out, said once more: by every area and group, and by every two letters before a number and one after it. */

const isTakenOut = (text: string) => redactText(text, {}) !== text
const numbers = (below: number, digits: number) =>
  Array.from({ length: below }, (_, number) => String(number).padStart(digits, '0'))
const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']

test('Social Security numbers: no area 000, 666 or 900 and above, no group 00, no serial number 0000', () => {
  const isArea = (area: string) => area !== '000' && area !== '666' && area < '900'
  const wrong = [
    ...numbers(1_000, 3).filter((area) => isTakenOut(`${area}-12-3456`) !== isArea(area)),
    ...numbers(100, 2).filter((group) => isTakenOut(`123-${group}-3456`) !== (group !== '00')),
    ...['0000', '0001', '1000', '9999'].filter((serial) => isTakenOut(`123-45-${serial}`) !== (serial !== '0000')),
  ]
  expect(wrong).toEqual([])
})

test('with one separator, the same twice, and nothing that goes on beside it', () => {
  const texts = { '-': true, ' ': true, '\u2010': true, '': false, '.': false, '--': false, '/': false }
  for (const [separator, isOne] of Object.entries(texts)) {
    expect(isTakenOut(`219${separator}09${separator}9999`), separator).toBe(isOne)
  }
  for (const text of ['219-09 9999', '219 09-9999', '1219-09-9999', '219-09-99991', '-219-09-9999', '219-09-9999-']) {
    expect(isTakenOut(text), text).toBe(false)
  }
})

test('National Insurance numbers: no prefix and no suffix that is not given out', () => {
  const never = ['BG', 'GB', 'KN', 'NK', 'NT', 'TN', 'ZZ']
  const isPrefix = ([first = '', second = '']: string) =>
    !'DFIQUV'.includes(first) && !'DFIOQUV'.includes(second) && !never.includes(`${first}${second}`)
  const prefixes = LETTERS.flatMap((first) => LETTERS.map((second) => `${first}${second}`))
  expect(prefixes.filter((prefix) => isTakenOut(`${prefix} 12 34 56 C`) !== isPrefix(prefix))).toEqual([])
  expect(LETTERS.filter((suffix) => isTakenOut(`AB 12 34 56 ${suffix}`))).toEqual(['A', 'B', 'C', 'D'])
})
