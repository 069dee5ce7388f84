import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { expect, test } from 'vitest'
import { ZoneOffsets } from '../../src/analytics/zone-offsets.ts'

const DAY_MS = 86_400_000

const zone = fc.constantFrom(...Intl.supportedValuesOf('timeZone'))
const date = fc
  .date({ min: new Date('1890-01-01'), max: new Date('2060-01-01'), noInvalidDate: true })
  .map((time) => Math.floor(time.getTime() / DAY_MS) * DAY_MS)

/** The day of the next change of its clocks, or one shortly before it; the date itself if they are not changed any more. */
function nearChange(timeZone: string, dateMs: number, daysBefore: number): number {
  const time = Temporal.Instant.fromEpochMilliseconds(dateMs).toZonedDateTimeISO(timeZone)
  const changeMs = time.getTimeZoneTransition('next')?.epochMilliseconds ?? dateMs
  return (Math.floor(changeMs / DAY_MS) - daysBefore) * DAY_MS
}

/** What Temporal says, which takes long. */
const real = {
  offset: (timeZone: string, timeMs: number) =>
    Temporal.Instant.fromEpochMilliseconds(timeMs).toZonedDateTimeISO(timeZone).offsetNanoseconds / 1e6,
  startOfDate: (timeZone: string, dateMs: number) =>
    Temporal.PlainDate.from(new Date(dateMs).toISOString().slice(0, 10)).toZonedDateTime(timeZone).epochMilliseconds,
}

test('offsets and starts of dates are those of the zone, one after the other and in any order', () => {
  fc.assert(
    fc.property(
      zone,
      date,
      fc.option(fc.integer({ min: -1, max: 2 }), { freq: 3 }),
      fc.array(fc.integer({ min: -3_000, max: 30_000 }), { maxLength: 5 }),
      (timeZone, date, daysBefore, jumps) => {
        const first = daysBefore === null ? date : nearChange(timeZone, date, daysBefore)
        const offsets = new ZoneOffsets(timeZone)
        const hours = [...Array.from({ length: 30 }, (_, i) => i * 17), ...jumps]
        for (const hour of hours) {
          const timeMs = first + hour * 3_600_000
          const dateMs = Math.floor(timeMs / DAY_MS) * DAY_MS
          expect([timeZone, timeMs, offsets.at(timeMs)]).toEqual([timeZone, timeMs, real.offset(timeZone, timeMs)])
          expect([timeZone, dateMs, offsets.startOfDate(dateMs)]).toEqual([
            timeZone,
            dateMs,
            real.startOfDate(timeZone, dateMs),
          ])
        }
      },
    ),
    { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 120) },
  )
})
