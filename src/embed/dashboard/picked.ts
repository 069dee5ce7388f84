import type { ConversationFilter } from '../../client/generated/schema-types.ts'

/** What `parley-select` says of a chart. */
export interface SeriesSelection {
  bucket: { start: string; end: string }
  group: { label: string } | null
  /** Null if no filter matches these conversations. */
  filter: ConversationFilter | null
}

/** What a reader picked in a chart. */
export interface Picked {
  filter: ConversationFilter
  label: string
}

/** Of the intervals, only the hour is shorter. */
const HALF_A_DAY_MS = 43_200_000

/** Null if there is no list of it. */
export function pickedOf(
  { bucket, group, filter }: SeriesSelection,
  language: string,
  timeZone: string,
): Picked | null {
  if (!filter) return null
  const [start, end] = [Date.parse(bucket.start), Date.parse(bucket.end)]
  const isHour = end - start < HALF_A_DAY_MS
  const options = { dateStyle: 'medium', timeZone } as const
  const format = new Intl.DateTimeFormat(language, isHour ? { ...options, timeStyle: 'short' } : options)
  // The end is exclusive.
  const when = isHour ? format.format(start) : format.formatRange(start, end - 1)
  return { filter, label: group ? `${when} · ${group.label}` : when }
}
