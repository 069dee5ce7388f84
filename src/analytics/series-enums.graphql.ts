import { builder } from '../graphql/builder.ts'
import type { Dimension } from './dimensions.sql.ts'
import { MEASURES, type MeasureName, type MeasureUnit } from './measures.ts'
import type { DayOfWeek as IsoDay } from './time-buckets.ts'

const names = Object.keys(MEASURES) as MeasureName[]

export const SeriesMeasure = builder.enumType('SeriesMeasure', {
  description: 'What can be measured. A conversation counts, with all its messages, when it began.',
  values: Object.fromEntries(names.map((name) => [name, { description: MEASURES[name].description }])) as Record<
    MeasureName,
    { description: string }
  >,
})

export const MeasureUnitType = builder.enumType('MeasureUnit', {
  description: 'In what a measure is counted.',
  values: {
    COUNT: { description: 'How many.' },
    RATIO: { description: 'A share, 0 … 1.' },
    SECONDS: { description: 'Seconds.' },
    MILLISECONDS: { description: 'Milliseconds.' },
    US_DOLLARS: { description: 'US dollars.' },
    TOKENS: { description: 'Tokens of a language model.' },
    SCORE: { description: 'From −1, bad, to 1, good; a sum of such.' },
  } as const satisfies Record<MeasureUnit, unknown>,
})

export const SeriesInterval = builder.enumType('SeriesInterval', {
  description: 'How long a bucket is, by the calendar and the clock of the time zone.',
  values: {
    HOUR: { description: 'From one full hour to the next.' },
    DAY: { description: 'A day: 23 or 25 hours where the clock is changed.' },
    WEEK: { description: 'A week, from Monday (ISO 8601) unless `weekStart` says otherwise.' },
    MONTH: { description: 'A calendar month.' },
    QUARTER: { description: 'Three calendar months, from January, April, July or October.' },
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

export const SeriesDimension = builder.enumType('SeriesDimension', {
  description:
    'What conversations can be told apart by. One with several agents, labels or tools counts in the group of each, so that a group holds what a list with that filter does. By everything else, the groups make up the whole.',
  values: {
    AGENT: { description: 'Each of its agents.' },
    STATUS: { description: 'Its status.' },
    CHANNEL: { description: 'Its channel.' },
    DIRECTION: { description: 'Its direction.' },
    CAMPAIGN: { description: 'Its campaign.' },
    LANGUAGE: { description: 'Its language.' },
    MODEL: { description: 'Its model.' },
    OUTCOME: { description: 'Its outcome.' },
    RESOLUTION: { description: 'Its resolution.' },
    MESSAGE_LANGUAGE: {
      description:
        'The language of each chat message, for measures that add up messages; tool calls and events have none and are left out.',
    },
    LABEL: { description: 'Each of its labels.' },
    FIRST_INTENT: { description: 'The first intent of its messages.' },
    TOOL_NAME: { description: 'Each tool that was called.' },
  } as const satisfies Record<Dimension, unknown>,
})

export const Comparison = builder.enumType('Comparison', {
  description: 'With what the totals are compared.',
  values: {
    PREVIOUS_PERIOD: {
      description:
        'As many buckets before: the seven days before seven days, January before February. An end on a day that the month before does not have means the whole last day of that month.',
    },
  } as const,
})
