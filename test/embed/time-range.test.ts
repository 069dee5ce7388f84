import { expect, test } from 'vitest'
import { parseRange } from '../../src/embed/time-range.ts'

const days = (range: string, timeZone: string, now: string) => {
  const { from, to } = parseRange(range, timeZone, new Date(now))
  return [from, to]
}

test.each([
  ['today', '2026-03-08', '2026-03-09'],
  ['last-7-days', '2026-03-02', '2026-03-09'],
  ['last-30-days', '2026-02-07', '2026-03-09'],
  ['last-90-days', '2025-12-09', '2026-03-09'],
  ['last-12-months', '2025-04-01', '2026-03-09'],
  ['this-week', '2026-03-02', '2026-03-09'],
  ['this-month', '2026-03-01', '2026-03-09'],
  ['this-year', '2026-01-01', '2026-03-09'],
])('%s on the Sunday on which New York sets its clocks forward', (range, from, to) => {
  expect(days(range, 'America/New_York', '2026-03-09T03:59:59Z')).toEqual([from, to])
})

test('today is the day of the time zone', () => {
  const now = '2026-12-31T23:30:00Z'
  expect(days('today', 'America/Los_Angeles', now)).toEqual(['2026-12-31', '2027-01-01'])
  expect(days('today', 'Pacific/Kiritimati', now)).toEqual(['2027-01-01', '2027-01-02'])
  expect(days('this-year', 'Pacific/Kiritimati', now)).toEqual(['2027-01-01', '2027-01-02'])
  expect(days('last-12-months', 'Asia/Tokyo', now)).toEqual(['2026-02-01', '2027-01-02'])
})

test.each([
  ['MONDAY', '2026-03-02'],
  ['SUNDAY', '2026-03-08'],
  ['SATURDAY', '2026-03-07'],
] as const)('a week that begins on %s', (weekStart, from) => {
  expect(parseRange('this-week', 'UTC', new Date('2026-03-08T12:00:00Z'), weekStart).from).toBe(from)
})

test('the last 24 hours are those of the clock, also when it changes', () => {
  expect(days('last-24-hours', 'America/New_York', '2026-03-09T03:00:00Z')).toEqual([
    '2026-03-08T03:00:00.000Z',
    '2026-03-09T03:00:00.000Z',
  ])
})

test('two dates are given to the server with the time zone, and either may be left out', () => {
  const zone = 'America/New_York'
  expect(parseRange('2026-03-01/2026-04-01', zone)).toEqual({ from: '2026-03-01', to: '2026-04-01', timeZone: zone })
  expect(parseRange('2026-03-01/', zone)).toEqual({ from: '2026-03-01', to: null, timeZone: zone })
  expect(parseRange('/2026-03-01T00:00:00Z', zone)).toEqual({ from: null, to: '2026-03-01T00:00:00Z', timeZone: zone })
})

test.each([
  ...['', '/', 'yesterday', 'last-31-days', '2026-03-01', '2026-03-01/x', '2026/2027', 'toString'],
  ...['2026-99-99/2026-04-01', '2026-03-01/2026-00-01', '2026-03-01T99:00:00Z/', '2026-03/2026-04-01T'],
])('a range that is none is refused: %j', (range) => {
  expect(() => parseRange(range, 'UTC')).toThrow(RangeError)
})

test('a time zone that is none is refused', () => {
  expect(() => parseRange('today', 'Mars/Base')).toThrow(RangeError)
})
