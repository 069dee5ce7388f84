import { type ConversationSum, MESSAGE_SUMS, type Sums } from './conversation-sums.sql.ts'

export type MeasureUnit = 'COUNT' | 'RATIO' | 'SECONDS' | 'MILLISECONDS' | 'US_DOLLARS' | 'TOKENS' | 'SCORE'

/** What was found in one bucket: sums, and what is no sum. */
export interface Aggregates extends Sums {
  end_users?: number
  new_end_users?: number
  p50?: number
  p95?: number
  timed?: number
}

/** A number, null where there is nothing to take it of, and on how many things it rests. */
export interface Reading {
  value: number | null
  count: number
}

export interface Measure {
  description: string
  unit: MeasureUnit
  /** What must be summed for it. */
  sums: readonly ConversationSum[]
  /** What else must be asked, of the conversations or messages themselves. */
  asks?: 'END_USERS' | 'NEW_END_USERS' | 'LATENCIES'
  /** Is only for those who may see internals. */
  internal?: true
  read(found: Aggregates, seesInternals: boolean): Reading
}

/** How many there are; 0 where there are none. */
function count(description: string, sum: ConversationSum, more: Partial<Measure> = {}): Measure {
  return {
    description,
    unit: 'COUNT',
    sums: [sum],
    read: (found) => ({ value: found[sum] ?? 0, count: found[sum] ?? 0 }),
    ...more,
  }
}

/** So much in all, of so many. */
function total(description: string, unit: MeasureUnit, sum: ConversationSum, of: ConversationSum, scale = 1): Measure {
  return {
    description,
    unit,
    sums: [sum, of],
    read: (found) => ({ value: (found[sum] ?? 0) / scale, count: found[of] ?? 0 }),
  }
}

/** So much of each: a ratio of sums, null where there is nothing to divide by. */
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

/** Entries of transcripts that are no events: the rest are. */
const OTHER_ENTRIES = [
  ...(['system_messages', 'user_messages', 'assistant_messages', 'human_agent_messages', 'tool_calls'] as const),
]

/** What can be measured. A conversation counts, with all its messages, when it began. */
export const MEASURES = {
  CONVERSATIONS: count('Conversations.', 'conversations'),
  SUGGESTION_ONLY_CONVERSATIONS: count(
    'Conversations in which no agent said anything: where one only made suggestions to a person.',
    'suggestion_only',
  ),
  MESSAGES: {
    ...count('Entries of transcripts that the credential may see: chat messages, tool calls and events.', 'messages'),
    sums: ['messages', 'system_messages', 'internal_events'],
    read: ({ messages = 0, system_messages = 0, internal_events = 0 }, seesInternals) => {
      const value = seesInternals ? messages : messages - system_messages - internal_events
      return { value, count: value }
    },
  },
  SYSTEM_MESSAGES: count('System prompts. Needs INTERNALS_READ.', 'system_messages', { internal: true }),
  USER_MESSAGES: count("End users' messages.", 'user_messages'),
  ASSISTANT_MESSAGES: count("AI agents' messages.", 'assistant_messages'),
  HUMAN_AGENT_MESSAGES: count("Human agents' messages.", 'human_agent_messages'),
  TURNS_MEAN: mean('Mean number of user messages of a conversation.', 'COUNT', ['user_messages'], 'conversations'),
  END_USERS: users('Different end users, of conversations that name one.', 'end_users', 'END_USERS'),
  NEW_END_USERS: users(
    'End users whose first conversation this was, of all that the credential may see.',
    'new_end_users',
    'NEW_END_USERS',
  ),
  RATING_MEAN: mean(
    "Mean rating (−1 … 1) of AI agents' messages; unrated ones do not count.",
    'SCORE',
    ['ratings'],
    'rated_messages',
  ),
  RATING_SUM: total("Sum of the ratings (−1, 0, 1) of AI agents' messages.", 'SCORE', 'ratings', 'rated_messages'),
  SENTIMENT_MEAN: mean(
    "Mean sentiment (−1 … 1) of end users' messages that have one.",
    'SCORE',
    ['sentiment'],
    'scored_messages',
  ),
  COST_SUM: total('Cost of all messages that have one.', 'US_DOLLARS', 'cost', 'priced_conversations'),
  COST_MEAN: mean(
    'Mean cost of a conversation, of those that have one.',
    'US_DOLLARS',
    ['cost'],
    'priced_conversations',
  ),
  TOKENS_SUM: total('Tokens of all messages that have a count.', 'TOKENS', 'tokens', 'conversations'),
  TOKENS_MEAN: mean('Mean number of tokens of a conversation.', 'TOKENS', ['tokens'], 'conversations'),
  DURATION_SUM: total(
    'Time from start to end of conversations that have a duration.',
    'SECONDS',
    'duration_ms',
    'durations',
    1_000,
  ),
  DURATION_MEAN: mean(
    'Mean time from start to end of conversations that have a duration.',
    'SECONDS',
    ['duration_ms'],
    'durations',
    1_000,
  ),
  LATENCY_MEAN: mean(
    'Mean time an AI agent took to answer, of messages that say so.',
    'MILLISECONDS',
    ['latency_ms'],
    'timed_messages',
  ),
  LATENCY_P50: percentile(
    'Median time an AI agent took to answer. Read from the messages: slower than the mean.',
    'p50',
  ),
  LATENCY_P95: percentile('95th percentile of the time an AI agent took to answer. Read from the messages.', 'p95'),
  EVENTS: {
    ...count('Events that the credential may see.', 'messages'),
    sums: ['messages', ...OTHER_ENTRIES, 'internal_events'],
    read: (found, seesInternals) => {
      const others = [...OTHER_ENTRIES, ...(seesInternals ? [] : ['internal_events' as const])]
      const value = others.reduce((rest, name) => rest - (found[name] ?? 0), found.messages ?? 0)
      return { value, count: value }
    },
  },
  TOOL_CALLS: count('Tool calls.', 'tool_calls'),
  TOOL_ERROR_RATE: share('Share of tool calls that went wrong.', ['tool_errors'], 'tool_calls'),
  NOT_UNDERSTOOD_RATE: share(
    'Share of user messages that the agent did not understand.',
    ['not_understood'],
    'user_messages',
  ),
  MESSAGES_UNDERSTOOD_RATE: {
    ...share(
      'Share of user messages but those that the agent did not understand: a ratio of sums.',
      ['not_understood'],
      'user_messages',
    ),
    read: ({ not_understood = 0, user_messages = 0 }) => ({
      value: user_messages === 0 ? null : (user_messages - not_understood) / user_messages,
      count: user_messages,
    }),
  },
  BOT_HANDLED_CONVERSATIONS: count('Conversations with the outcome BOT_HANDLED.', 'bot_handled'),
  BOT_HANDLED_RATE: share('Share of conversations with the outcome BOT_HANDLED.', ['bot_handled'], 'conversations'),
  DEFLECTION_RATE: share(
    'Share of conversations that reached no person: BOT_HANDLED or FAILED_ESCALATION. One without an outcome did not deflect.',
    ['bot_handled', 'failed_escalation'],
    'conversations',
  ),
  ESCALATION_RATE: share(
    'Share of conversations with the outcome AGENT, EMAIL or CUSTOM_ESCALATION.',
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

/** Whether it can be measured of some of a conversation's messages. */
export const isOfMessages = (name: MeasureName): boolean => {
  const { sums, asks } = measure(name)
  return asks === undefined && sums.every((sum) => sum in MESSAGE_SUMS)
}

export const measure = (name: MeasureName): Measure => MEASURES[name]
