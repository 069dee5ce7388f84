import { Temporal } from 'temporal-polyfill'

/** A stretch of time in which the clocks of a zone do not change, in milliseconds since 1970. */
interface Stretch {
  fromMs: number
  toMs: number
  offsetMs: number
}

/**
 * The UTC offset of a zone's clocks, for times that mostly follow one another: a day has the offset of the day before
 * until the clocks change. Looking up each offset takes a hundred times as long.
 */
export class ZoneOffsets {
  readonly timeZone: string
  #latest: Stretch = { fromMs: 0, toMs: 0, offsetMs: 0 }

  constructor(timeZone: string) {
    this.timeZone = timeZone
  }

  at(timeMs: number): number {
    return this.#stretch(timeMs).offsetMs
  }

  /** The start of a date, which is given as if its zone were UTC. It is not midnight if the clock skips midnight. */
  startOfDate(dateMs: number): number {
    const { offsetMs, fromMs, toMs } = this.#stretch(dateMs - this.#latest.offsetMs)
    const startMs = dateMs - offsetMs
    // No other offset is possible this far from a change.
    if (startMs - MAX_CHANGE_MS > fromMs && startMs + MAX_CHANGE_MS < toMs) return startMs
    const { year, month, day } = dateOf(dateMs)
    return new Temporal.PlainDate(year, month, day).toZonedDateTime(this.timeZone).epochMilliseconds
  }

  #stretch(timeMs: number): Stretch {
    const { fromMs, toMs } = this.#latest
    if (timeMs >= fromMs && timeMs < toMs) return this.#latest
    const time = Temporal.Instant.fromEpochMilliseconds(timeMs).toZonedDateTimeISO(this.timeZone)
    const change = time.getTimeZoneTransition('next')
    this.#latest = {
      fromMs: timeMs,
      toMs: change?.epochMilliseconds ?? Number.POSITIVE_INFINITY,
      offsetMs: time.offsetNanoseconds / 1e6,
    }
    return this.#latest
  }
}

/** Apia once changed its clocks by a whole day. */
const MAX_CHANGE_MS = 26 * 3_600_000

function dateOf(dateMs: number) {
  const date = new Date(dateMs)
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() }
}
