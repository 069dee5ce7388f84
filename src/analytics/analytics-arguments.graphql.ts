import type { Context } from '../context.ts'
import {
  ConversationFilter,
  type ConversationFilterInput,
  parseFilter,
} from '../conversations/conversation-filter.graphql.ts'
import type { ConversationFilter as Filter } from '../conversations/conversation-filter.sql.ts'
import type { Statements } from '../database/sql-transactions.ts'
import { builder } from '../graphql/builder.ts'
import { TimeRange } from '../graphql/ranges.ts'
import { timeZoneOf } from '../graphql/tenant-time-zone.sql.ts'
import { checkTimeZone } from '../input/time-zone.ts'

/** The arguments of every analytics query. */
export const analyticsArgs = builder.args((t) => ({
  range: t.field({
    type: TimeRange,
    required: false,
    description:
      'Counts conversations that began in this range. Default: the last seven days in the time zone, including today. Without `from`, it covers the seven days that end with `to`; without `to`, it ends now. Its dates are in its own `timeZone` or, without one, in that of the query.',
  }),
  timeZone: t.string({
    required: false,
    description:
      "IANA time zone whose days, weeks and months are used, such as Europe/Berlin. Default: `range.timeZone`, or else the tenant's. It does not affect dates in `filter`.",
  }),
  filter: t.field({
    type: ConversationFilter,
    required: false,
    description:
      'Filters the conversations that are counted. Default: all. A filter with `search` also needs the scope CONVERSATIONS_READ.',
  }),
  includeTests: t.boolean({
    required: true,
    defaultValue: false,
    description:
      'Whether test conversations are counted too. Ignored if `filter` itself has `isTest`; `filter: {isTest: true}` counts only tests.',
  }),
}))

/** The values of these arguments. */
export interface AnalyticsArguments {
  range?: { from?: Date | null; to?: Date | null; timeZone?: string | null } | null
  timeZone?: string | null
  filter?: ConversationFilterInput | null
  includeTests: boolean
}

/** Parses a filter. A `search` needs the right to read conversations, because it reveals what their texts contain. */
export function parseAnalyticsFilter(context: Context, input: ConversationFilterInput | null | undefined): Filter {
  if (input && searches(input)) context.require('CONVERSATIONS_READ')
  return parseFilter(input)
}

function searches(input: ConversationFilterInput): boolean {
  const nested = [...(input.and ?? []), ...(input.or ?? []), ...(input.not ? [input.not] : [])]
  return Boolean(input.search?.trim()) || nested.some(searches)
}

/** The time zone whose calendar a query uses: its own, or else that of its range, or else the tenant's. */
export async function resolveTimeZone(
  context: Context,
  { timeZone, range }: Pick<AnalyticsArguments, 'timeZone' | 'range'>,
  statements: Statements,
): Promise<string> {
  if (timeZone != null) return checkTimeZone(timeZone, ['timeZone'])
  if (range?.timeZone != null) return checkTimeZone(range.timeZone, ['range', 'timeZone'])
  return timeZoneOf(statements, context.tenantId)
}
