import { builder } from './builder.ts'

export const TimeRange = builder.inputType('TimeRange', {
  description: 'A half-open range of time.',
  fields: (t) => ({
    from: t.field({
      type: 'DateTime',
      required: false,
      description: 'Start, inclusive. Default: no limit, unless stated otherwise.',
    }),
    to: t.field({
      type: 'DateTime',
      required: false,
      description: 'End, exclusive. Default: no limit, unless stated otherwise.',
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
