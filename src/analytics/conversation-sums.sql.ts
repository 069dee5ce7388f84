/**
 * Sums over conversations: the name of the column in `conversation_rollups`, and what one conversation `c` adds to it.
 * The triggers that maintain the roll-ups (prisma/migrations) add the same values.
 */
export const CONVERSATION_SUMS = {
  conversations: '1',
  completed: "(c.status = 'COMPLETED')::int",
  abandoned: "(c.status = 'ABANDONED')::int",
  suggestion_only: '(c.assistant_message_count = 0)::int',
  bot_handled: "(c.outcome = 'BOT_HANDLED')::int",
  escalated: "(c.outcome IN ('HUMAN_AGENT', 'EMAIL', 'CUSTOM_ESCALATION'))::int",
  failed_escalation: "(c.outcome = 'FAILED_ESCALATION')::int",
  informed: "(c.resolution = 'INFORMED')::int",
  resolved: "(c.resolution = 'RESOLVED')::int",
  with_resolution: '(c.resolution IS NOT NULL)::int',
  messages: 'c.message_count',
  system_messages: 'c.system_message_count',
  user_messages: 'c.user_message_count',
  assistant_messages: 'c.assistant_message_count',
  human_agent_messages: 'c.human_agent_message_count',
  internal_events: 'c.internal_event_count',
  tool_calls: 'c.tool_call_count',
  tool_errors: 'c.tool_error_count',
  understood: 'c.understood_count',
  not_understood: 'c.not_understood_count',
  tokens: 'c.token_count',
  cost: 'coalesce(c.given_cost, c.cost)',
  priced_conversations: '(c.given_cost IS NOT NULL OR c.priced_message_count > 0)::int',
  durations: '(c.ended_at > c.started_at)::int',
  duration_ms: '(extract(epoch FROM c.ended_at - c.started_at) * 1000)::bigint',
  timed_messages: 'c.latency_count',
  latency_ms: 'c.latency_sum_ms',
  rated_messages: 'c.rating_count',
  ratings: 'c.rating_sum',
  scored_messages: 'c.sentiment_count',
  sentiment: 'c.sentiment_sum',
} as const

/** What one chat message `m` adds, for the sums that can be computed from messages. */
export const MESSAGE_SUMS: { readonly [Name in ConversationSum]?: string } = {
  messages: '1',
  system_messages: "(m.role = 'SYSTEM')::int",
  user_messages: "(m.role = 'USER')::int",
  assistant_messages: "(m.role = 'ASSISTANT')::int",
  human_agent_messages: "(m.role = 'HUMAN_AGENT')::int",
  internal_events: '0',
  tool_calls: '0',
  understood: "(m.role = 'USER' AND m.understood)::int",
  not_understood: "(m.role = 'USER' AND NOT m.understood)::int",
  timed_messages: "(m.role = 'ASSISTANT' AND m.latency_ms IS NOT NULL)::int",
  latency_ms: "CASE WHEN m.role = 'ASSISTANT' THEN round(m.latency_ms::numeric, 3) END",
  rated_messages: "(m.role = 'ASSISTANT' AND m.rating IS NOT NULL)::int",
  ratings: "CASE WHEN m.role = 'ASSISTANT' THEN m.rating END",
  scored_messages: "(m.role = 'USER' AND m.sentiment IS NOT NULL)::int",
  sentiment: "CASE WHEN m.role = 'USER' THEN round(m.sentiment::numeric, 9) END",
}

/** A sum over conversations. */
export type ConversationSum = keyof typeof CONVERSATION_SUMS

/** Sums over the conversations of one bucket. Those that were not requested are absent. */
export type Sums = Partial<Record<ConversationSum, number>>
