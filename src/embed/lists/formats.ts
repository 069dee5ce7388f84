import { formatDuration, formatNumber } from '../kit.ts'

/** Numbers, times and durations as a language writes them, in one time zone. */
export class Formats {
  readonly language: string
  readonly timeZone: string
  readonly #formats = new Map<string, Intl.DateTimeFormat>()

  static #last: Formats | null = null

  /** Formats are made once, because that takes as long as a page of rows. */
  static of(language: string, timeZone: string): Formats {
    const last = Formats.#last
    if (last?.language === language && last.timeZone === timeZone) return last
    Formats.#last = new Formats(language, timeZone)
    return Formats.#last
  }

  private constructor(language: string, timeZone: string) {
    this.language = language
    this.timeZone = timeZone
  }

  number = (value: number): string => formatNumber(value, this.language)

  time = (at: string): string => this.#format(at, { hour: 'numeric', minute: '2-digit' })

  day = (at: string): string => this.#format(at, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' })

  dateTime = (at: string): string => this.#format(at, { dateStyle: 'medium', timeStyle: 'short' })

  /** Without the year if it is this year. */
  briefDay(at: string, now = new Date()): string {
    const isThisYear = this.#year(at) === this.#year(now.toISOString())
    return this.#format(at, { day: 'numeric', month: 'short', ...(isThisYear ? {} : { year: 'numeric' }) })
  }

  isToday = (at: string, now = new Date()): boolean => this.isSameDay(at, now.toISOString())

  isSameDay = (one: string, other: string): boolean => this.#dayKey(one) === this.#dayKey(other)

  duration = (ms: number): string => formatDuration(ms, this.language)

  #dayKey = (at: string) => this.#format(at, { year: 'numeric', month: 'numeric', day: 'numeric' })
  #year = (at: string) => this.#format(at, { year: 'numeric' })

  #format(at: string, options: Intl.DateTimeFormatOptions): string {
    const key = JSON.stringify(options)
    let format = this.#formats.get(key)
    if (!format) {
      format = new Intl.DateTimeFormat(this.language, { timeZone: this.timeZone, ...options })
      this.#formats.set(key, format)
    }
    return format.format(new Date(at))
  }
}
