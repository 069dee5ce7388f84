import { GraphQLScalarType, Kind, type ValueNode } from 'graphql'
import { DateTimeResolver, JSONObjectResolver, JSONResolver } from 'graphql-scalars'
import { isKept, LostNumber } from '../input/exact-number.ts'
import { builder } from './builder.ts'
import { isoTextOf } from './iso-text.ts'

export const DateTime = new GraphQLScalarType<Date, Date | string>({
  ...DateTimeResolver.toConfig(),
  serialize: (value) => (value instanceof Date && isoTextOf(value)) || DateTimeResolver.serialize(value),
})

type Variables = Parameters<typeof JSONResolver.parseLiteral>[1]

/** As graphql-scalars reads it, but for numbers that no double keeps: they are refused, as in variables. */
function readJson(node: ValueNode, variables: Variables): unknown {
  switch (node.kind) {
    case Kind.INT:
    case Kind.FLOAT:
      return isKept(node.value) ? Number(node.value) : new LostNumber(node.value)
    case Kind.LIST:
      return node.values.map((item) => readJson(item, variables))
    case Kind.OBJECT:
      return Object.fromEntries(node.fields.map(({ name, value }) => [name.value, readJson(value, variables)]))
    default:
      return JSONResolver.parseLiteral(node, variables)
  }
}

const Json = new GraphQLScalarType({ ...JSONResolver.toConfig(), parseLiteral: readJson })
const JsonObject = new GraphQLScalarType({
  ...JSONObjectResolver.toConfig(),
  parseLiteral: (node, variables) =>
    node.kind === Kind.OBJECT ? readJson(node, variables) : JSONObjectResolver.parseLiteral(node, variables),
})

builder.addScalarType('DateTime', DateTime, {
  description: 'A point in time, ISO 8601 (RFC 3339). In: with any offset, to the millisecond. Out: in UTC.',
})
builder.addScalarType('JSON', Json, {
  description: 'Any JSON value. Numbers stay numbers; one that a double can not keep is refused.',
})
builder.addScalarType('JSONObject', JsonObject, {
  description: 'A JSON object. Numbers stay numbers; one that a double can not keep is refused.',
})
