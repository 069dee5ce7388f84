import { MESSAGE_SUMS } from './conversation-sums.sql.ts'
import {
  count,
  countOfAll,
  duration,
  interruptions,
  latency,
  type Measure,
  mean,
  share,
  total,
  users,
  voice,
} from './measure-kinds.ts'

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
  DURATION_P50: duration(
    'Median time from start to end, in milliseconds, of the conversations that have a duration. Slower to query than the mean.',
    'p50',
  ),
  DURATION_P95: duration(
    '95th percentile of the time from start to end, in milliseconds, of the conversations that have a duration. Slower to query than the mean.',
    'p95',
  ),
  LATENCY_MEAN: mean(
    'Mean response time of AI agents (`latencyMs`), in milliseconds, over the messages that have one.',
    'MILLISECONDS',
    ['latency_ms'],
    'timed_messages',
  ),
  LATENCY_P50: latency(
    'Median response time of AI agents (`latencyMs`), in milliseconds. Slower to query than the mean. Not available with the dimension MESSAGE_LANGUAGE.',
    'p50',
  ),
  LATENCY_P95: latency(
    '95th percentile of the response time of AI agents (`latencyMs`), in milliseconds. Slower to query than the mean. Not available with the dimension MESSAGE_LANGUAGE.',
    'p95',
  ),
  STT_TO_LLM_MEAN: voice('Mean time from STT_FINAL to LLM_REQUEST, in milliseconds.', 'stt_to_llm', 'mean'),
  TIME_TO_FIRST_TOKEN_MEAN: voice(
    'Mean time from LLM_REQUEST to LLM_FIRST_TOKEN, in milliseconds.',
    'time_to_first_token',
    'mean',
  ),
  TIME_TO_FIRST_TOKEN_P50: voice(
    'Median time from LLM_REQUEST to LLM_FIRST_TOKEN, in milliseconds.',
    'time_to_first_token',
    'p50',
  ),
  TIME_TO_FIRST_TOKEN_P95: voice(
    '95th percentile of the time from LLM_REQUEST to LLM_FIRST_TOKEN, in milliseconds.',
    'time_to_first_token',
    'p95',
  ),
  FIRST_TOKEN_TO_TTS_MEAN: voice(
    'Mean time from LLM_FIRST_TOKEN to TTS_STREAM, in milliseconds.',
    'first_token_to_tts',
    'mean',
  ),
  VOICE_LATENCY_MEAN: voice(
    'Mean time from STT_FINAL to TTS_STREAM, in milliseconds: how long a caller waits for the voice of the agent.',
    'voice_latency',
    'mean',
  ),
  VOICE_LATENCY_P50: voice('Median time from STT_FINAL to TTS_STREAM, in milliseconds.', 'voice_latency', 'p50'),
  VOICE_LATENCY_P95: voice(
    '95th percentile of the time from STT_FINAL to TTS_STREAM, in milliseconds.',
    'voice_latency',
    'p95',
  ),
  INTERRUPTIONS: interruptions('Number of internal events named INTERRUPTION.', 'sum'),
  INTERRUPTIONS_MEAN: interruptions(
    'Mean number of interruptions per conversation, over the conversations that have voice events.',
    'mean',
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
