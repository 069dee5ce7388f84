import { GraphQLError, GraphQLScalarType, type ValueNode, valueFromASTUntyped } from 'graphql'
import { DateTimeResolver } from 'graphql-scalars'
import { LocalDate } from '../input/local-date.ts'

const EXAMPLES = 'a date such as "2026-01-31", or a date-time with an offset such as "2026-01-31T09:30:00Z"'

/** Parses a value; anything else than a date is left to DateTime. */
function parse(value: unknown, node?: ValueNode): Date | LocalDate {
  const date = typeof value === 'string' ? LocalDate.parse(value) : null
  if (date) return date
  try {
    return DateTimeResolver.parseValue(value)
  } catch {
    throw new GraphQLError(`DateOrDateTime must be ${EXAMPLES}, not ${JSON.stringify(value)}.`, { nodes: node })
  }
}

/** Only for input. What it parses to is for `resolveDates`, which resolvers come after. */
export const DateOrDateTime = new GraphQLScalarType<Date | LocalDate, never>({
  name: 'DateOrDateTime',
  description: `A date or a point in time, ISO 8601: ${EXAMPLES}. A date stands for its first moment in the time zone that the range, the query or the tenant has. Years are 0001 to 9999.`,
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339',
  parseValue: (value) => parse(value),
  parseLiteral: (node) => parse(valueFromASTUntyped(node), node),
  extensions: { codegenScalarType: 'string', jsonSchema: { type: 'string' } },
})
