import { builder } from './builder.ts'
import type { InputLimits } from './read-limits.ts'

export const TimeRange = builder.inputType('TimeRange', {
  description:
    'A half-open range of time: `from` is included, `to` is not. A date stands for its first moment in the time zone, so `{from: "2026-01-01", to: "2026-02-01"}` is January, and `to: "2026-01-31"` leaves out the 31st.',
  fields: (t) => ({
    from: t.field({
      type: 'DateOrDateTime',
      required: false,
      description: 'Start, inclusive. Default: no limit, unless stated otherwise.',
    }),
    to: t.field({
      type: 'DateOrDateTime',
      required: false,
      description:
        'End, exclusive: a date is not included itself, so end with the day after the last one. Default: no limit, unless stated otherwise.',
    }),
    timeZone: t.string({
      required: false,
      description:
        "IANA time zone of the dates, such as Europe/Berlin. Default: the tenant's, or UTC if the request has no tenant. If the query has its own argument `timeZone`, dates in `range` fall back to that before the tenant's.",
      extensions: { isNoCondition: true } satisfies InputLimits,
    }),
  }),
})

export const OrderDirection = builder.enumType('OrderDirection', {
  description: 'Sort direction of a list.',
  values: {
    ASC: { description: 'Smallest or earliest first.' },
    DESC: { description: 'Greatest or latest first.' },
  } as const,
})
