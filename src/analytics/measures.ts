import { type ConversationSum, MESSAGE_SUMS, type Sums } from './conversation-sums.sql.ts'

export type MeasureUnit = 'COUNT' | 'RATIO' | 'MILLISECONDS' | 'US_DOLLARS' | 'TOKENS' | 'SCORE'

/** The aggregates of one bucket: sums, and values that are not sums. */
export interface Aggregates extends Sums {
  end_users?: number
  new_end_users?: number
  p50?: number
  p95?: number
  timed?: number
}

/** A value, null if there is nothing to compute it from, and the number of items that it is based on. */
export interface Reading {
  value: number | null
  count: number
}

export interface Measure {
  description: string
  unit: MeasureUnit
  /** The sums that it needs. */
  sums: readonly ConversationSum[]
  /** The further query that it needs, on the conversations or messages themselves. */
  asks?: 'END_USERS' | 'NEW_END_USERS' | 'LATENCIES'
  /** Needs the scope INTERNALS_READ. */
  internal?: true
  read(found: Aggregates, seesInternals: boolean): Reading
}

/** A count; 0 if there is nothing to count. */
function count(description: string, sum: ConversationSum, more: Partial<Measure> = {}): Measure {
  return {
    description,
    unit: 'COUNT',
    sums: [sum],
    read: (found) => ({ value: found[sum] ?? 0, count: found[sum] ?? 0 }),
    ...more,
  }
}

/** A count that is the sum of others. */
function countOfAll(description: string, sums: readonly ConversationSum[]): Measure {
  const add = (found: Aggregates) => sums.reduce((all, name) => all + (found[name] ?? 0), 0)
  return { description, unit: 'COUNT', sums, read: (found) => ({ value: add(found), count: add(found) }) }
}

/** A total, and the number of items that it is based on. */
function total(description: string, unit: MeasureUnit, sum: ConversationSum, of: ConversationSum, scale = 1): Measure {
  return {
    description,
    unit,
    sums: [sum, of],
    read: (found) => ({ value: (found[sum] ?? 0) / scale, count: found[of] ?? 0 }),
  }
}

/** A mean: a ratio of sums, null if there is nothing to divide by. */
function mean(
  description: string,
  unit: MeasureUnit,
  sums: ConversationSum[],
  of: ConversationSum,
  scale = 1,
): Measure {
  return {
    description,
    unit,
    sums: [...sums, of],
    read: (found) => {
      const sum = sums.reduce((all, name) => all + (found[name] ?? 0), 0)
      const count = found[of] ?? 0
      return { value: count === 0 ? null : sum / scale / count, count }
    },
  }
}

const share = (description: string, sums: ConversationSum[], of: ConversationSum) =>
  mean(description, 'RATIO', sums, of)

const percentile = (description: string, name: 'p50' | 'p95'): Measure => ({
  description,
  unit: 'MILLISECONDS',
  sums: [],
  asks: 'LATENCIES',
  read: (found) => ({ value: found[name] ?? null, count: found.timed ?? 0 }),
})

const users = (
  description: string,
  name: 'end_users' | 'new_end_users',
  asks: 'END_USERS' | 'NEW_END_USERS',
): Measure => ({
  description,
  unit: 'COUNT',
  sums: [],
  asks,
  read: (found) => ({ value: found[name] ?? 0, count: found[name] ?? 0 }),
})

/** Transcript entries that are not events. All others are events. */
const OTHER_ENTRIES = [
  ...(['system_messages', 'user_messages', 'assistant_messages', 'human_agent_messages', 'tool_calls'] as const),
]

/** All measures. A conversation counts, with all its messages, in the bucket in which it began. */
export const MEASURES = {
  CONVERSATIONS: count('Number of conversations.', 'conversations'),
  SUGGESTION_ONLY_CONVERSATIONS: count(
    'Number of conversations without AI agent messages, such as those in which an agent only made suggestions to a person.',
    'suggestion_only',
  ),
  MESSAGES: {
    ...count(
      'Number of transcript entries that the credential may see: chat messages, tool calls and events.',
      'messages',
    ),
    sums: ['messages', 'system_messages', 'internal_events'],
    read: ({ messages = 0, system_messages = 0, internal_events = 0 }, seesInternals) => {
      const value = seesInternals ? messages : messages - system_messages - internal_events
      return { value, count: value }
    },
  },
  SYSTEM_MESSAGES: count('Number of system prompts. Needs the scope INTERNALS_READ.', 'system_messages', {
    internal: true,
  }),
  USER_MESSAGES: count('Number of user messages.', 'user_messages'),
  ASSISTANT_MESSAGES: count('Number of AI agent messages.', 'assistant_messages'),
  HUMAN_AGENT_MESSAGES: count('Number of human agent messages.', 'human_agent_messages'),
  TURNS_MEAN: mean('Mean number of user messages per conversation.', 'COUNT', ['user_messages'], 'conversations'),
  END_USERS: users('Number of distinct end users, among conversations that name one.', 'end_users', 'END_USERS'),
  NEW_END_USERS: users(
    'Number of end users whose first conversation, among all that the credential may see, began in the bucket.',
    'new_end_users',
    'NEW_END_USERS',
  ),
  RATING_MEAN: mean(
    'Mean rating (-1 to 1) of AI agent messages; unrated ones are ignored.',
    'SCORE',
    ['ratings'],
    'rated_messages',
  ),
  RATING_SUM: total('Sum of the ratings (-1, 0, 1) of AI agent messages.', 'SCORE', 'ratings', 'rated_messages'),
  SENTIMENT_MEAN: mean(
    'Mean sentiment (-1 to 1) of user messages that have one.',
    'SCORE',
    ['sentiment'],
    'scored_messages',
  ),
  COST_SUM: total(
    'Total cost of the conversations that have one, in US dollars; see `Conversation.costUsd`.',
    'US_DOLLARS',
    'cost',
    'priced_conversations',
  ),
  COST_MEAN: mean(
    'Mean cost per conversation, in US dollars, over the conversations that have one.',
    'US_DOLLARS',
    ['cost'],
    'priced_conversations',
  ),
  TOKENS_SUM: total('Total tokens of the messages that have a count.', 'TOKENS', 'tokens', 'conversations'),
  TOKENS_MEAN: mean(
    'Mean number of tokens per conversation. A conversation without a count has 0.',
    'TOKENS',
    ['tokens'],
    'conversations',
  ),
  DURATION_SUM: total(
    'Total time from start to end, in milliseconds, of the conversations that have a duration.',
    'MILLISECONDS',
    'duration_ms',
    'durations',
  ),
  DURATION_MEAN: mean(
    'Mean time from start to end, in milliseconds, of the conversations that have a duration.',
    'MILLISECONDS',
    ['duration_ms'],
    'durations',
  ),
  LATENCY_MEAN: mean(
    'Mean response time of AI agents (`latencyMs`), in milliseconds, over the messages that have one.',
    'MILLISECONDS',
    ['latency_ms'],
    'timed_messages',
  ),
  LATENCY_P50: percentile(
    'Median response time of AI agents (`latencyMs`), in milliseconds. Slower to query than the mean. Not available with the dimension MESSAGE_LANGUAGE.',
    'p50',
  ),
  LATENCY_P95: percentile(
    '95th percentile of the response time of AI agents (`latencyMs`), in milliseconds. Slower to query than the mean. Not available with the dimension MESSAGE_LANGUAGE.',
    'p95',
  ),
  EVENTS: {
    ...count('Number of events that the credential may see.', 'messages'),
    sums: ['messages', ...OTHER_ENTRIES, 'internal_events'],
    read: (found, seesInternals) => {
      const others = [...OTHER_ENTRIES, ...(seesInternals ? [] : ['internal_events' as const])]
      const value = others.reduce((rest, name) => rest - (found[name] ?? 0), found.messages ?? 0)
      return { value, count: value }
    },
  },
  TOOL_CALLS: count('Number of tool calls.', 'tool_calls'),
  TOOL_ERROR_RATE: share('Share of tool calls that failed.', ['tool_errors'], 'tool_calls'),
  NOT_UNDERSTOOD_RATE: share(
    'Share of user messages that are marked as not understood.',
    ['not_understood'],
    'user_messages',
  ),
  MESSAGES_WITH_UNDERSTOOD: countOfAll('Number of user messages whose `understood` was given.', [
    'understood',
    'not_understood',
  ]),
  MESSAGES_UNDERSTOOD_RATE: {
    ...share(
      'Share of user messages that are not marked as not understood, taken over all messages together, not as a mean per conversation.',
      ['not_understood'],
      'user_messages',
    ),
    read: ({ not_understood = 0, user_messages = 0 }) => ({
      value: user_messages === 0 ? null : (user_messages - not_understood) / user_messages,
      count: user_messages,
    }),
  },
  // Together, these are all outcomes.
  CONVERSATIONS_WITH_OUTCOME: countOfAll('Number of conversations that have an outcome.', [
    'bot_handled',
    'escalated',
    'failed_escalation',
  ]),
  CONVERSATIONS_WITH_RESOLUTION: count('Number of conversations that have a resolution.', 'with_resolution'),
  BOT_HANDLED_CONVERSATIONS: count('Number of conversations with the outcome BOT_HANDLED.', 'bot_handled'),
  BOT_HANDLED_RATE: share('Share of conversations with the outcome BOT_HANDLED.', ['bot_handled'], 'conversations'),
  DEFLECTION_RATE: share(
    'Share of conversations with the outcome BOT_HANDLED or FAILED_ESCALATION, which reached no person. Conversations without an outcome count as not deflected.',
    ['bot_handled', 'failed_escalation'],
    'conversations',
  ),
  ESCALATION_RATE: share(
    'Share of conversations with the outcome HUMAN_AGENT, EMAIL or CUSTOM_ESCALATION.',
    ['escalated'],
    'conversations',
  ),
  FAILED_ESCALATION_RATE: share(
    'Share of conversations with the outcome FAILED_ESCALATION.',
    ['failed_escalation'],
    'conversations',
  ),
  INFORMED_RATE: share('Share of conversations with the resolution INFORMED.', ['informed'], 'conversations'),
  AUTOMATION_RATE: share(
    'Share of conversations with the resolution INFORMED or RESOLVED.',
    ['informed', 'resolved'],
    'conversations',
  ),
  COMPLETION_RATE: share('Share of conversations with the status COMPLETED.', ['completed'], 'conversations'),
  ABANDONMENT_RATE: share('Share of conversations with the status ABANDONED.', ['abandoned'], 'conversations'),
} as const satisfies Record<string, Measure>

export type MeasureName = keyof typeof MEASURES

/** Whether it can be computed from some of a conversation's messages. */
export const isOfMessages = (name: MeasureName): boolean => {
  const { sums, asks } = measure(name)
  return asks === undefined && sums.every((sum) => sum in MESSAGE_SUMS)
}

export const measure = (name: MeasureName): Measure => MEASURES[name]
