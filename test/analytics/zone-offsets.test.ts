import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { expect, test } from 'vitest'
import { ZoneOffsets } from '../../src/analytics/zone-offsets.ts'

const DAY_MS = 86_400_000

const zone = fc.constantFrom(...Intl.supportedValuesOf('timeZone'))
const date = fc
  .date({ min: new Date('1890-01-01'), max: new Date('2060-01-01'), noInvalidDate: true })
  .map((time) => Math.floor(time.getTime() / DAY_MS) * DAY_MS)

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
      fc.array(fc.integer({ min: -3_000, max: 30_000 }), { maxLength: 5 }),
      (timeZone, first, jumps) => {
        const offsets = new ZoneOffsets(timeZone)
        const hours = [...Array.from({ length: 60 }, (_, i) => i * 17), ...jumps]
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
    { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 60) },
  )
})
