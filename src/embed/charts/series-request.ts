import type {
  ConversationFilter,
  DayOfWeek,
  SeriesDimension,
  SeriesGroupBy,
  SeriesInterval,
  SeriesMeasure,
  TimeRange,
} from '../../client/generated/schema-types.ts'
import { AttributeError } from '../attribute-error.ts'
import { parseRange, RANGES } from '../time-range.ts'
import { isMeasure } from './measures.ts'

/** What an element's attributes ask for, as they are written. */
export interface SeriesAttributes {
  measures: string | readonly string[]
  range: string
  interval: string | null
  groupBy: string | null
  compare: boolean
  includeTests: boolean
  weekStart: string | null
}

/** The variables of the document `SERIES`, but for the range, which depends on the time zone and the time. */
export interface SeriesRequest {
  measures: SeriesMeasure[]
  interval: SeriesInterval
  weekStart: DayOfWeek
  groupBy: SeriesGroupBy | null
  compareTo: 'PREVIOUS_PERIOD' | null
  includeTests: boolean
}

export interface SeriesVariables extends SeriesRequest {
  range: TimeRange
  timeZone: string | null
  filter: ConversationFilter | null
}

const namesOf = <Name extends string>(names: Record<Name, true>) => names

const INTERVALS = namesOf<SeriesInterval>({ HOUR: true, DAY: true, WEEK: true, MONTH: true, QUARTER: true, YEAR: true })
const DAYS = namesOf<DayOfWeek>({
  ...{ MONDAY: true, TUESDAY: true, WEDNESDAY: true, THURSDAY: true, FRIDAY: true, SATURDAY: true, SUNDAY: true },
})
const DIMENSIONS = namesOf<SeriesDimension>({
  ...{ AGENT: true, STATUS: true, CHANNEL: true, DIRECTION: true, CAMPAIGN: true, END_USER: true, COMPANY_NAME: true },
  ...{ MODEL: true, END_REASON: true, OUTCOME: true, RESOLUTION: true, LANGUAGE: true, LABEL: true, TOOL_NAME: true },
  ...{ EVENT_NAME: true, ANALYSIS_TAG: true, MESSAGE_LANGUAGE: true, FIRST_INTENT: true },
})

/** Throws an `AttributeError` if an attribute is wrong. */
export function parseAttributes(attributes: SeriesAttributes): SeriesRequest {
  const { range, interval, groupBy, compare, includeTests, weekStart } = attributes
  // Checked here, so that nothing is sent for a range that can't be.
  parseRangeOf(range, 'UTC', 'MONDAY')
  return {
    measures: parseMeasures(attributes.measures),
    interval: interval ? oneOf(INTERVALS, interval, 'interval') : usualInterval(range),
    weekStart: weekStart ? oneOf(DAYS, weekStart, 'week-start') : 'MONDAY',
    groupBy: groupBy ? parseGroupBy(groupBy) : null,
    compareTo: compare ? 'PREVIOUS_PERIOD' : null,
    includeTests,
  }
}

function parseMeasures(measures: string | readonly string[]): SeriesMeasure[] {
  const names = typeof measures === 'string' ? measures.split(',') : measures
  const known = names
    .map((name) => name.trim().toUpperCase())
    .filter((name) => name !== '')
    .map((name) => {
      if (!isMeasure(name)) throw new AttributeError('measures', name)
      return name
    })
  if (known.length === 0) throw new AttributeError('measures', String(measures))
  return [...new Set(known)]
}

/** A dimension, or `metadata:` and keys with dots between them, or the keys as JSON: `metadata:["a.b"]`. */
function parseGroupBy(groupBy: string): SeriesGroupBy {
  const keys = /^metadata:(.+)$/s.exec(groupBy.trim())?.[1]
  if (keys === undefined) return { dimension: oneOf(DIMENSIONS, groupBy, 'group-by') }
  if (!keys.startsWith('[')) return { metadataPath: keys.split('.') }
  const path = parseJson(keys)
  const isPath = Array.isArray(path) && path.length > 0 && path.every((key) => typeof key === 'string')
  if (!isPath) throw new AttributeError('group-by', groupBy)
  return { metadataPath: path }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function oneOf<Name extends string>(names: Record<Name, true>, given: string, attribute: string): Name {
  const name = given.trim().toUpperCase()
  if (!Object.hasOwn(names, name)) throw new AttributeError(attribute, given)
  return name as Name
}

/** The interval that shows a range in some 10 to 100 buckets. */
function usualInterval(range: string): SeriesInterval {
  if (range === 'today' || range === 'last-24-hours') return 'HOUR'
  if (range === 'last-12-months' || range === 'this-year') return 'MONTH'
  const [from = '', to = ''] = range.split('/')
  const days = (Date.parse(to || new Date().toISOString()) - Date.parse(from)) / 86_400_000
  if (days <= 2) return 'HOUR'
  if (days > 1_500) return 'YEAR'
  if (days > 200) return 'MONTH'
  return days > 100 ? 'WEEK' : 'DAY'
}

/** Throws an `AttributeError` if the range is wrong. */
export function parseRangeOf(range: string, timeZone: string, weekStart: DayOfWeek, now = new Date()): TimeRange {
  try {
    return parseRange(range, timeZone, now, weekStart)
  } catch {
    const isKnown = (RANGES as readonly string[]).includes(range)
    throw isKnown ? new AttributeError('time-zone', timeZone) : new AttributeError('range', range)
  }
}

/**
 * The range to ask for. A range by name that is compared ends now: nine hours of today are compared with nine of yesterday.
 */
export function rangeOf(range: string, timeZone: string, request: SeriesRequest, now = new Date()): TimeRange {
  const parsed = parseRangeOf(range, timeZone, request.weekStart, now)
  const isNamed = !range.includes('/')
  return request.compareTo && isNamed ? { ...parsed, to: now.toISOString() } : parsed
}
