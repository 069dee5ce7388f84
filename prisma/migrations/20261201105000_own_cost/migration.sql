-- What a conversation cost as a whole, if the caller says so: it then counts instead of the sum of its entries.
ALTER TABLE conversations ADD COLUMN given_cost numeric;

-- The triggers with what a conversation costs now.
SELECT install_rollup_triggers(current_schema(), ARRAY[
  'conversations', '1',
  'completed', $sql$(status = 'COMPLETED')::int$sql$,
  'abandoned', $sql$(status = 'ABANDONED')::int$sql$,
  'suggestion_only', '(assistant_message_count = 0)::int',
  'bot_handled', $sql$coalesce((outcome = 'BOT_HANDLED')::int, 0)$sql$,
  'escalated', $sql$coalesce((outcome IN ('HUMAN_AGENT', 'EMAIL', 'CUSTOM_ESCALATION'))::int, 0)$sql$,
  'failed_escalation', $sql$coalesce((outcome = 'FAILED_ESCALATION')::int, 0)$sql$,
  'informed', $sql$coalesce((resolution = 'INFORMED')::int, 0)$sql$,
  'resolved', $sql$coalesce((resolution = 'RESOLVED')::int, 0)$sql$,
  'with_resolution', '(rules_version > 1 AND resolution IS NOT NULL)::int',
  'messages', 'message_count',
  'system_messages', 'system_message_count',
  'user_messages', 'user_message_count',
  'assistant_messages', 'assistant_message_count',
  'human_agent_messages', 'human_agent_message_count',
  'internal_events', 'internal_event_count',
  'tool_calls', 'tool_call_count',
  'tool_errors', 'tool_error_count',
  'understood', 'understood_count',
  'not_understood', 'not_understood_count',
  'tokens', 'token_count',
  'cost', 'coalesce(given_cost, cost)',
  'priced_conversations', '(given_cost IS NOT NULL OR priced_message_count > 0)::int',
  'ended', '(ended_at IS NOT NULL)::int',
  'durations', 'coalesce((ended_at > started_at)::int, 0)',
  'duration_ms', 'coalesce((extract(epoch FROM ended_at - started_at) * 1000)::bigint, 0)',
  'timed_messages', 'latency_count',
  'latency_ms', 'latency_sum_ms',
  'rated_messages', 'rating_count',
  'ratings', 'rating_sum',
  'scored_messages', 'sentiment_count',
  'sentiment', 'sentiment_sum']);

-- Earlier versions would go on to show the sum of the entries.
INSERT INTO migration_compatibility (migration_name, oldest_code_version)
  VALUES ('20261201105000_own_cost', '1.0.0');
