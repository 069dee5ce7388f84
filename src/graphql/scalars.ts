import { GraphQLScalarType } from 'graphql'
import { DateTimeResolver, JSONObjectResolver, JSONResolver } from 'graphql-scalars'
import { edgeText } from '../domain/time-buckets.ts'
import { builder } from './builder.ts'

export const DateTime = new GraphQLScalarType<Date, Date | string>({
  ...DateTimeResolver.toConfig(),
  serialize: (value) => (value instanceof Date && edgeText(value)) || DateTimeResolver.serialize(value),
})

builder.addScalarType('DateTime', DateTime, {
  description: 'A point in time, ISO 8601 (RFC 3339). In: with any offset, to the millisecond. Out: in UTC.',
})
builder.addScalarType('JSON', JSONResolver, { description: 'Any JSON value. Numbers stay numbers.' })
builder.addScalarType('JSONObject', JSONObjectResolver, { description: 'A JSON object. Numbers stay numbers.' })
