import type { Context } from '../context.ts'
import {
  ConversationFilter,
  type ConversationFilterInput,
  parseFilter,
} from '../conversations/conversation-filter.graphql.ts'
import type { ConversationFilter as Filter } from '../conversations/conversation-filter.sql.ts'
import { throughPrisma } from '../database/sql-transactions.ts'
import { builder } from '../graphql/builder.ts'
import { TimeRange } from '../graphql/ranges.ts'
import { timeZoneOf } from '../tenants/tenant-lookups.sql.ts'
import { checkTimeZone } from '../tenants/time-zone.ts'

/** What every question about numbers takes. */
export const analyticsArgs = builder.args((t) => ({
  range: t.field({
    type: TimeRange,
    required: false,
    description: 'When conversations began. Absent: the last seven days of the time zone, today included, to now.',
  }),
  timeZone: t.string({ required: false, description: "IANA time zone. Absent: the tenant's." }),
  filter: t.field({
    type: ConversationFilter,
    required: false,
    description: 'Which conversations. Absent: all. With `search` it needs CONVERSATIONS_READ as well.',
  }),
  includeTests: t.boolean({
    required: true,
    defaultValue: false,
    description: 'Whether test conversations count. (`filter: {isTest: true}` counts them alone.)',
  }),
}))

/** What is given for these. */
export interface AnalyticsArguments {
  range?: { from?: Date | null; to?: Date | null } | null
  timeZone?: string | null
  filter?: ConversationFilterInput | null
  includeTests: boolean
}

/** A filter as those may use it who see numbers alone: to search texts is to read them. */
export function parseAnalyticsFilter(context: Context, input: ConversationFilterInput | null | undefined): Filter {
  if (input && searches(input)) context.require('CONVERSATIONS_READ')
  return parseFilter(input)
}

function searches(input: ConversationFilterInput): boolean {
  const nested = [...(input.and ?? []), ...(input.or ?? []), ...(input.not ? [input.not] : [])]
  return Boolean(input.search?.trim()) || nested.some(searches)
}

/** The zone that was named, else the tenant's. */
export async function resolveTimeZone(
  context: Context,
  timeZone: string | null | undefined,
  statements = throughPrisma(context.db),
): Promise<string> {
  return timeZone == null ? timeZoneOf(statements, context.tenantId) : checkTimeZone(timeZone, ['timeZone'])
}
