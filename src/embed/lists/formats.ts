/** Numbers, times and durations as a language writes them, in one time zone. */
export class Formats {
  readonly language: string
  readonly timeZone: string
  readonly #formats = new Map<string, Intl.DateTimeFormat>()
  readonly #number: Intl.NumberFormat

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
    this.#number = new Intl.NumberFormat(language)
  }

  number = (value: number): string => this.#number.format(value)

  time = (at: string): string => this.#format(at, { hour: 'numeric', minute: '2-digit' })

  day = (at: string): string => this.#format(at, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' })

  dateTime = (at: string): string => this.#format(at, { dateStyle: 'medium', timeStyle: 'short' })

  /** The time if it is today, and else the day. */
  brief(at: string, now = new Date()): string {
    if (this.isSameDay(at, now.toISOString())) return this.time(at)
    const isThisYear = this.#year(at) === this.#year(now.toISOString())
    return this.#format(at, { day: 'numeric', month: 'short', ...(isThisYear ? {} : { year: 'numeric' }) })
  }

  isSameDay = (one: string, other: string): boolean => this.#dayKey(one) === this.#dayKey(other)

  /** Such as `320 ms`, `4.2 sec` or `1 hr 5 min`. */
  duration(ms: number): string {
    if (ms < 1_000) return this.#unit(Math.round(ms), 'millisecond')
    if (ms < 10_000) return this.#unit(Math.round(ms / 100) / 10, 'second')
    const seconds = Math.round(ms / 1_000)
    if (seconds < 60) return this.#unit(seconds, 'second')
    if (seconds < 3_600) return this.#pair([Math.floor(seconds / 60), 'minute'], [seconds % 60, 'second'])
    const minutes = Math.round(seconds / 60)
    if (minutes < 1_440) return this.#pair([Math.floor(minutes / 60), 'hour'], [minutes % 60, 'minute'])
    const hours = Math.round(minutes / 60)
    return this.#pair([Math.floor(hours / 24), 'day'], [hours % 24, 'hour'])
  }

  #pair(large: [number, string], small: [number, string]) {
    return [large, ...(small[0] > 0 ? [small] : [])].map(([value, unit]) => this.#unit(value, unit)).join(' ')
  }

  #unit = (value: number, unit: string) =>
    new Intl.NumberFormat(this.language, { style: 'unit', unit, unitDisplay: 'short' }).format(value)

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
