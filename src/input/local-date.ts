import { Temporal } from 'temporal-polyfill'

/** A date of the calendar, which begins at a different moment in each time zone. Never changes. */
export class LocalDate {
  readonly text: string
  readonly #date: Temporal.PlainDate

  private constructor(text: string, date: Temporal.PlainDate) {
    this.text = text
    this.#date = date
  }

  /** Null if the text is not a date such as 2026-01-31. */
  static parse(text: string): LocalDate | null {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return null
    try {
      return new LocalDate(text, Temporal.PlainDate.from(text))
    } catch (error) {
      if (error instanceof RangeError) return null
      throw error
    }
  }

  startIn(timeZone: string): Date {
    return startOfDate(this.#date, timeZone)
  }

  get dayAfter(): string {
    return this.#date.add({ days: 1 }).toString()
  }
}

/** The first moment of a date, which is not midnight if the clock skips midnight. */
export const startOfDate = (date: Temporal.PlainDate, timeZone: string) =>
  new Date(date.toZonedDateTime(timeZone).epochMilliseconds)
