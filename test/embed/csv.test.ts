import { expect, test } from 'vitest'
import { toCsv } from '../../src/embed/csv.ts'

test('a row ends with CRLF, and only what needs quotes has them', () => {
  expect(toCsv([['a', 'b c', 'd,e', 'f"g', 'h\ni', 'j\r']])).toBe('a,b c,"d,e","f""g","h\ni","j\r"\r\n')
})

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', '=HYPERLINK("https://evil.example","x")'])(
  'a text that a spreadsheet would run is defused: %j',
  (text) => {
    const [cell = ''] = toCsv([[text]]).split('\r\n')
    expect(cell.replace(/^"/, '').startsWith(`'${text[0]}`)).toBe(true)
  },
)

test.each(['\n=1+1', ' =1+1', '\u00a0-1', '＝1+1', '＋1', '－1', '＠SUM(A1)', '\ufeff=1+1'])(
  'so is one after white space, or of full width: %j',
  (text) =>
    expect(
      toCsv([[text]])
        .replace(/^"/, '')
        .startsWith(`'${text}`),
    ).toBe(true),
)

test('numbers stay numbers, exact and with their sign', () => {
  expect(toCsv([[-1, -0.125, 0.1 + 0.2, 0, 1e21]])).toBe('-1,-0.125,0.30000000000000004,0,1e+21\r\n')
})

test('what is missing is empty, and not zero', () => {
  expect(toCsv([[null, undefined, '', false]])).toBe(',,,false\r\n')
})
