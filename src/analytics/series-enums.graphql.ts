import { type PlainDimension, plainEntries } from '../conversations/plain-fields.ts'
import { builder } from '../graphql/builder.ts'
import type { Dimension } from './dimensions.sql.ts'
import type { FacetField } from './facets.sql.ts'
import type { MeasureUnit } from './measure-kinds.ts'
import { MEASURES, type MeasureName } from './measures.ts'
import type { DayOfWeek as IsoDay } from './time-buckets.ts'

const names = Object.keys(MEASURES) as MeasureName[]

export const SeriesMeasure = builder.enumType('SeriesMeasure', {
  description:
    'What a series measures. A conversation counts, with all its messages, in the bucket in which it began. Rates are shares from 0 to 1. `availableSeries` returns the unit of each measure.',
  values: Object.fromEntries(names.map((name) => [name, { description: MEASURES[name].description }])) as Record<
    MeasureName,
    { description: string }
  >,
})

export const MeasureUnitType = builder.enumType('MeasureUnit', {
  description: 'Unit of a measure.',
  values: {
    COUNT: { description: 'A number of items, or a mean number of items.' },
    RATIO: { description: 'A share, 0 to 1.' },
    MILLISECONDS: { description: 'Milliseconds.' },
    US_DOLLARS: { description: 'US dollars.' },
    TOKENS: { description: 'Tokens of a language model.' },
    SCORE: { description: 'A score from -1 (bad) to 1 (good), or a sum of such scores.' },
  } as const satisfies Record<MeasureUnit, unknown>,
})

export const SeriesInterval = builder.enumType('SeriesInterval', {
  description: 'Length of a bucket, by the calendar and clock of the time zone.',
  values: {
    HOUR: { description: 'From one full hour to the next.' },
    DAY: { description: 'A day: 23 or 25 hours long when the clocks change.' },
    WEEK: { description: 'A week, from Monday (ISO 8601) unless `weekStart` says otherwise.' },
    MONTH: { description: 'A calendar month.' },
    QUARTER: { description: 'Three calendar months, starting in January, April, July or October.' },
    YEAR: { description: 'A calendar year.' },
  } as const,
})

const day = (value: IsoDay, name: string) => ({ value, description: `${name}.` })

export const DayOfWeek = builder.enumType('DayOfWeek', {
  description: 'A day of the week.',
  values: {
    MONDAY: day(1, 'Monday'),
    TUESDAY: day(2, 'Tuesday'),
    WEDNESDAY: day(3, 'Wednesday'),
    THURSDAY: day(4, 'Thursday'),
    FRIDAY: day(5, 'Friday'),
    SATURDAY: day(6, 'Saturday'),
    SUNDAY: day(7, 'Sunday'),
  },
})

const PLAIN_DIMENSIONS = Object.fromEntries(
  plainEntries.flatMap(([, { dimension }]) =>
    dimension ? [[dimension.name, { description: dimension.description }]] : [],
  ),
) as Record<PlainDimension, { description: string }>

/** The dimensions whose groups a filter can select. */
export const FACET_FIELDS = {
  AGENT: { description: 'Each of its agents.' },
  STATUS: { description: 'Its status.' },
  ...PLAIN_DIMENSIONS,
  LANGUAGE: { description: 'Its language.' },
  LABEL: { description: 'Each of its labels.' },
  TOOL_NAME: { description: 'Each tool that was called.' },
  EVENT_NAME: { description: 'Each of its events that the credential may see, by name.' },
  ANALYSIS_TAG: { description: 'Each tag of its analysis.' },
} as const satisfies Record<FacetField, unknown>

export const SeriesDimension = builder.enumType('SeriesDimension', {
  description:
    'What conversations can be grouped by. A conversation with several agents, labels, tools, events or tags counts in the group of each, so a group holds the same conversations as a list filtered by its key. With all other dimensions, the groups add up to the whole.',
  values: {
    ...FACET_FIELDS,
    MESSAGE_LANGUAGE: {
      description:
        'The language of each chat message; tool calls and events are left out. Groups messages instead of conversations, so it is only accepted with the measures MESSAGES, SYSTEM_MESSAGES, USER_MESSAGES, ASSISTANT_MESSAGES, HUMAN_AGENT_MESSAGES, RATING_MEAN, RATING_SUM, SENTIMENT_MEAN, LATENCY_MEAN, NOT_UNDERSTOOD_RATE, MESSAGES_WITH_UNDERSTOOD and MESSAGES_UNDERSTOOD_RATE (EVENTS and TOOL_CALLS are always 0).',
    },
    FIRST_INTENT: { description: 'Its first intent, in the order of the transcript.' },
  } as const satisfies Record<Dimension, unknown>,
})

export const Comparison = builder.enumType('Comparison', {
  description: 'The period that figures are compared with.',
  values: {
    PREVIOUS_PERIOD: {
      description:
        'The same number of buckets just before: for seven days the seven days before, for February January. In `conversationMetrics`, the buckets are days. If the range begins or ends on a day that the earlier month does not have, such as 31 March for February, the last day of that month is included as a whole.',
    },
  } as const,
})
