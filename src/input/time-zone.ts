import { Temporal } from 'temporal-polyfill'
import { badInput, type InputPath } from '../errors.ts'
import { checkLength } from './check-input.ts'
import { LIMITS } from './limits.ts'

/** Names that are known to be valid. Looking one up takes a quarter of a millisecond. */
const known = new Set<string>()
const MAX_KNOWN = 1_000

/** The IANA name of a time zone with its canonical case. Throws if it is not one. */
export function checkTimeZone(timeZone: string, path: InputPath): string {
  if (known.has(timeZone)) return timeZone
  checkLength(timeZone, LIMITS.name, path)
  try {
    // Intl accepts offsets such as +02:00, which are not IANA names.
    if (/^[+-]/.test(timeZone)) throw new RangeError()
    new Intl.DateTimeFormat('en', { timeZone })
    // Only the case is corrected. Intl would return another, older name of the same zone (Asia/Calcutta).
    const name = Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(timeZone).timeZoneId
    if (known.size < MAX_KNOWN) known.add(name)
    return name
  } catch {
    throw badInput(path, `"${timeZone}" is not an IANA time zone.`)
  }
}
