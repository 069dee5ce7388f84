import { Temporal } from 'temporal-polyfill'
import { badInput, type InputPath } from '../errors.ts'
import { checkLength } from '../input/check-input.ts'
import { LIMITS } from '../input/limits.ts'

/** Names that were found good. Looking one up takes a quarter of a millisecond. */
const known = new Set<string>()
const MAX_KNOWN = 1_000

/** The IANA name of a time zone in its canonical spelling; refuses what is none. */
export function checkTimeZone(timeZone: string, path: InputPath): string {
  if (known.has(timeZone)) return timeZone
  checkLength(timeZone, LIMITS.name, path)
  try {
    // Offsets such as +02:00 are zones to Intl, but no IANA names.
    if (/^[+-]/.test(timeZone)) throw new RangeError()
    new Intl.DateTimeFormat('en', { timeZone })
    // Only the case is corrected. Intl would return another name of the same zone, and an older one (Asia/Calcutta).
    const name = Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(timeZone).timeZoneId
    if (known.size < MAX_KNOWN) known.add(name)
    return name
  } catch {
    throw badInput(path, `"${timeZone}" is not an IANA time zone.`)
  }
}
