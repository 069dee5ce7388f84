/** Times that are kept, as ISO 8601: to write a year of them takes longer than to sum it. */
const texts = new WeakMap<Date, string>()

/** The same time, whose text is written now, once. */
export function withIsoText(time: Date): Date {
  texts.set(time, time.toISOString())
  return time
}

/** Undefined for a time whose text is not kept. */
export const isoTextOf = (time: Date): string | undefined => texts.get(time)
