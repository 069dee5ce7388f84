import { builder } from './builder.ts'

export const TimeRange = builder.inputType('TimeRange', {
  description: 'A half-open range of time.',
  fields: (t) => ({
    from: t.field({ type: 'DateTime', required: false, description: 'Included. Absent: from the beginning.' }),
    to: t.field({ type: 'DateTime', required: false, description: 'Excluded. Absent: without end.' }),
  }),
})

export const OrderDirection = builder.enumType('OrderDirection', {
  description: 'Which way a list is sorted.',
  values: {
    ASC: { description: 'Smallest or earliest first.' },
    DESC: { description: 'Greatest or latest first.' },
  } as const,
})
