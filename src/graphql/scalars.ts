import { DateTimeResolver, JSONObjectResolver, JSONResolver } from 'graphql-scalars'
import { builder } from './builder.ts'

builder.addScalarType('DateTime', DateTimeResolver, {
  description: 'A point in time, ISO 8601 (RFC 3339). In: with any offset, to the millisecond. Out: in UTC.',
})
builder.addScalarType('JSON', JSONResolver, { description: 'Any JSON value. Numbers stay numbers.' })
builder.addScalarType('JSONObject', JSONObjectResolver, { description: 'A JSON object. Numbers stay numbers.' })
