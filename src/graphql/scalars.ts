import { GraphQLScalarType, Kind, type ValueNode } from 'graphql'
import { DateTimeResolver, JSONObjectResolver, JSONResolver } from 'graphql-scalars'
import { isExact, LostNumber } from '../input/exact-number.ts'
import { builder } from './builder.ts'
import { DateOrDateTime } from './date-or-date-time.ts'
import { isoTextOf } from './iso-text.ts'

export const DateTime = new GraphQLScalarType<Date, Date | string>({
  ...DateTimeResolver.toConfig(),
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339',
  serialize: (value) => (value instanceof Date && isoTextOf(value)) || DateTimeResolver.serialize(value),
})

type Variables = Parameters<typeof JSONResolver.parseLiteral>[1]

/** Parses like graphql-scalars, except that numbers that no double can represent are refused, as in variables. */
function parseJsonLiteral(node: ValueNode, variables: Variables): unknown {
  switch (node.kind) {
    case Kind.INT:
    case Kind.FLOAT:
      return isExact(node.value) ? Number(node.value) : new LostNumber(node.value)
    case Kind.LIST:
      return node.values.map((item) => parseJsonLiteral(item, variables))
    case Kind.OBJECT:
      return Object.fromEntries(node.fields.map(({ name, value }) => [name.value, parseJsonLiteral(value, variables)]))
    default:
      return JSONResolver.parseLiteral(node, variables)
  }
}

const Json = new GraphQLScalarType({ ...JSONResolver.toConfig(), parseLiteral: parseJsonLiteral })
const JsonObject = new GraphQLScalarType({
  ...JSONObjectResolver.toConfig(),
  parseLiteral: (node, variables) =>
    node.kind === Kind.OBJECT ? parseJsonLiteral(node, variables) : JSONObjectResolver.parseLiteral(node, variables),
})

builder.addScalarType('DateTime', DateTime, {
  description:
    'A point in time, ISO 8601 (RFC 3339). Input: an offset (Z or +02:00) is required; digits beyond milliseconds are dropped. Output: in UTC.',
})
builder.addScalarType('DateOrDateTime', DateOrDateTime)
builder.addScalarType('JSON', Json, {
  description:
    'Any JSON value. Numbers are stored as sent; one that would lose digits as a double, such as a whole number beyond 2^53, is refused: send it as a string.',
})
builder.addScalarType('JSONObject', JsonObject, {
  description:
    'A JSON object. Numbers are stored as sent; one that would lose digits as a double, such as a whole number beyond 2^53, is refused: send it as a string.',
})
