import type { Mutant } from '../mutant.ts'

/** What INTERNALS_READ hides. */

const TWINS = ['test/isolation/internals-twins.test.ts'] as const
const GROUPS = 'src/analytics/dimensions.sql.ts'
const FILTER = 'src/conversations/conversation-filter.sql.ts'
const INSIGHTS = 'src/analytics/breakdowns.sql.ts'
const MESSAGE = 'src/messages/message.graphql.ts'

export const mutants: readonly Mutant[] = [
  {
    id: 'I26',
    file: GROUPS,
    from: "${scope.seesInternals ? sql`TRUE` : sql`m.role <> 'SYSTEM'`}",
    to: 'TRUE',
    tests: TWINS,
  },
  {
    id: 'H01',
    file: INSIGHTS,
    from: "${scope.seesInternals ? empty : sql`AND m.role <> 'SYSTEM'`}",
    to: '',
    tests: TWINS,
  },
  { id: 'H02', file: INSIGHTS, from: '    scope.seesInternals\n', to: '    true\n', tests: TWINS },
  {
    id: 'H03',
    file: FILTER,
    from: 'seesInternals ? sql`TRUE`',
    to: 'true ? sql`TRUE`',
    tests: TWINS,
  },
  {
    id: 'H04',
    file: FILTER,
    from: 'searchMessages(filter.search, scope.seesInternals)',
    to: 'searchMessages(filter.search, true)',
    tests: TWINS,
  },
  {
    id: 'H05',
    file: FILTER,
    from: "scope.seesInternals ? 'c.message_count' :",
    to: "scope.tenantId ? 'c.message_count' :",
    tests: TWINS,
  },
  {
    id: 'H06',
    file: 'src/analytics/aggregate-conversations.sql.ts',
    from: "${scope.seesInternals ? empty : sql`AND m.role <> 'SYSTEM'`}",
    to: '',
    tests: TWINS,
  },
  {
    id: 'H07',
    file: 'src/analytics/conversation-insights.sql.ts',
    from: "m.intent_name IS NOT NULL\n      AND ${scope.seesInternals ? sql`TRUE` : sql`m.role <> 'SYSTEM'`}",
    to: 'm.intent_name IS NOT NULL',
    tests: TWINS,
  },
  {
    id: 'H18',
    file: 'src/analytics/conversation-insights.sql.ts',
    from: "m.reply IS NOT NULL\n      AND ${scope.seesInternals ? sql`TRUE` : sql`m.role <> 'SYSTEM'`}",
    to: 'm.reply IS NOT NULL',
    tests: TWINS,
  },
  {
    id: 'H08',
    file: 'src/analytics/measures.ts',
    from: 'seesInternals ? messages : messages - system_messages - internal_events',
    to: 'seesInternals ? messages : messages - system_messages',
    tests: TWINS,
  },
  {
    id: 'H09',
    file: 'src/analytics/measures.ts',
    from: "...(seesInternals ? [] : ['internal_events' as const])",
    to: '...(seesInternals ? [] : [])',
    tests: TWINS,
  },
  {
    id: 'H10',
    file: 'src/conversations/conversation.graphql.ts',
    from: '(internals ? counts.systemMessageCount : 0)',
    to: 'counts.systemMessageCount',
    tests: TWINS,
  },
  {
    id: 'H11',
    file: 'src/conversations/conversation.graphql.ts',
    from: '(internals ? counts.internalEventCount : 0)',
    to: 'counts.internalEventCount',
    tests: TWINS,
  },
  {
    id: 'H12',
    file: 'src/agents/agent.graphql.ts',
    from: "(context.has('INTERNALS_READ') ? agent.systemPrompt : null)",
    to: 'agent.systemPrompt',
    tests: TWINS,
  },
  {
    id: 'H13',
    file: 'src/graphql/read-extensions.ts',
    from: "context.has('INTERNALS_READ') ? row[name] : null",
    to: 'context.principalOrNull ? row[name] : null',
    tests: TWINS,
  },
  {
    id: 'H14',
    file: 'src/execution/text-projection.ts',
    from: "column.isInternal && !rights.has('INTERNALS_READ')",
    to: 'column.isInternal && false',
    tests: TWINS,
  },
  {
    id: 'H15',
    file: MESSAGE,
    from: "message.kind === 'TOOL' && !context.has('INTERNALS_READ') ? {} : message.metadata",
    to: 'context.principalOrNull === null ? {} : message.metadata',
    tests: TWINS,
  },
  {
    id: 'H16',
    file: MESSAGE,
    from: "  if (context.has('INTERNALS_READ')) return kinds\n",
    to: '  if (context.principalOrNull) return kinds\n',
    tests: TWINS,
  },
  {
    id: 'H17',
    file: 'src/analytics/conversation-insights.graphql.ts',
    from: "context.has('INTERNALS_READ') ? await loadVoiceTimings(context, id) : null",
    to: 'await loadVoiceTimings(context, id)',
    tests: TWINS,
  },
]
