import { type ConversationFilterInput, filterScope } from '../conversations/conversation-filter.graphql.ts'
import { loaderFor } from '../graphql/batch-loader.ts'
import { builder } from '../graphql/builder.ts'
import { checkInput } from '../input/check-input.ts'
import { analyticsArgs, parseAnalyticsFilter } from './analytics-arguments.graphql.ts'
import { type AgentTotals as AgentTotalsRow, agentTotals } from './conversation-insights.sql.ts'
import { withoutTests } from './series.ts'

interface Which {
  filter?: ConversationFilterInput | null | undefined
  includeTests: boolean
}

const loadTotals = loaderFor(async (context, ids, { filter, includeTests }: Which) => {
  checkInput(filter, ['filter'])
  const wanted = withoutTests(parseAnalyticsFilter(context, filter), includeTests)
  const rows = await agentTotals(context.db, ids, wanted, filterScope(context))
  return new Map(rows.map((row) => [row.agent_id, row]))
})

const AgentTotals = builder.objectRef<Omit<AgentTotalsRow, 'agent_id'>>('AgentTotals').implement({
  description: 'Totals of the conversations that an agent took part in.',
  fields: (t) => ({
    conversationCount: t.exposeInt('conversations', { description: 'Number of conversations.' }),
    assistantMessageCount: t.exposeInt('messages', {
      description: "Number of AI agent messages in those conversations, including other agents' messages.",
    }),
    lastConversationAt: t.expose('last_conversation_at', {
      type: 'DateTime',
      nullable: true,
      description: 'When the latest of these conversations began. Null if there is none.',
    }),
  }),
})

builder.prismaObjectField('Agent', 'totals', (t) =>
  t.field({
    type: AgentTotals,
    nullable: true,
    description: 'Totals of the conversations that the agent took part in. Null without the scope ANALYTICS_READ.',
    args: { filter: analyticsArgs.filter, includeTests: analyticsArgs.includeTests },
    select: { id: true },
    resolve: async ({ id }, args, context) => {
      if (!context.has('ANALYTICS_READ')) return null
      return (await loadTotals(context, id, args)) ?? { conversations: 0, messages: 0, last_conversation_at: null }
    },
  }),
)
