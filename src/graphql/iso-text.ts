/** Cached ISO 8601 texts of times: writing a year of them takes longer than summing it. */
const texts = new WeakMap<Date, string>()

/** Returns the same time, after caching its text. */
export function withIsoText(time: Date): Date {
  texts.set(time, time.toISOString())
  return time
}

/** Undefined for a time whose text is not cached. */
export const isoTextOf = (time: Date): string | undefined => texts.get(time)
