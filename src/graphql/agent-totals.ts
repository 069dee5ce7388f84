import { type AgentTotals as AgentTotalsRow, agentTotals } from '../database/conversation-details.ts'
import { checkInput } from '../domain/check-input.ts'
import { withoutTests } from '../domain/series.ts'
import { analyticsArgs, readAnalyticsFilter } from './analytics-input.ts'
import { builder } from './builder.ts'
import { type ConversationFilterInput, filterScope } from './conversation-filter.ts'
import { loaderFor } from './loaders.ts'

interface Which {
  filter?: ConversationFilterInput | null | undefined
  includeTests: boolean
}

const loadTotals = loaderFor(async (context, ids, { filter, includeTests }: Which) => {
  checkInput(filter, ['filter'])
  const wanted = withoutTests(readAnalyticsFilter(context, filter), includeTests)
  const rows = await agentTotals(context.db, ids, wanted, filterScope(context))
  return new Map(rows.map((row) => [row.agent_id, row]))
})

const AgentTotals = builder.objectRef<Omit<AgentTotalsRow, 'agent_id'>>('AgentTotals').implement({
  description: 'What the conversations that an agent took part in add up to.',
  fields: (t) => ({
    conversations: t.exposeInt('conversations', { description: 'How many there are.' }),
    assistantMessages: t.exposeInt('messages', { description: "AI agents' messages in them, of all that took part." }),
    lastConversationAt: t.expose('last_conversation_at', {
      type: 'DateTime',
      nullable: true,
      description: 'When the latest of them began; null where there is none.',
    }),
  }),
})

builder.prismaObjectField('Agent', 'totals', (t) =>
  t.field({
    type: AgentTotals,
    nullable: true,
    description: 'What it took part in. Null without the scope ANALYTICS_READ.',
    args: { filter: analyticsArgs.filter, includeTests: analyticsArgs.includeTests },
    select: { id: true },
    resolve: async ({ id }, args, context) => {
      if (!context.has('ANALYTICS_READ')) return null
      return (await loadTotals(context, id, args)) ?? { conversations: 0, messages: 0, last_conversation_at: null }
    },
  }),
)
