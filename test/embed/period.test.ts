import { expect, test } from 'vitest'
import { describePeriod } from '../../src/embed/dashboard/period.ts'

const NEW_YORK = 'America/New_York'

test.each([
  ['2026-03-01', '2026-04-01', '1 – 31 Mar 2026'],
  ['2026-03-01', '2026-03-02', '1 Mar 2026'],
  ['2026-03-01', '2026-03-02T17:00:00Z', '1 – 2 Mar 2026'],
  ['2026-03-01T05:00:00Z', '2026-03-03', '1 – 2 Mar 2026'],
  ['2026-03-01T05:00:00Z', '2026-03-03T05:00:00Z', '1 – 2 Mar 2026'],
  ['2026-03-01T04:59:59Z', null, '28 Feb 2026 –'],
  [null, '2026-03-01', '– 28 Feb 2026'],
])('from %s to %s in New York is %s', (from, to, expected) => {
  const text = describePeriod({ from, to }, 'en-GB', NEW_YORK)
  expect(text.replaceAll(/\s*–\s*/g, ' – ').trim()).toBe(expected)
})
