-- The names of the schema of version 1.
ALTER TYPE outcome RENAME VALUE 'AGENT' TO 'HUMAN_AGENT';
ALTER TYPE audit_actor_kind RENAME VALUE 'FOREIGN_TOKEN' TO 'ISSUER_TOKEN';
ALTER TYPE audit_action RENAME VALUE 'TOKEN_ISSUER_REMOVED' TO 'TOKEN_ISSUER_DELETED';

-- All of these change only the catalog. `recompute conversations` fills in the columns of the rows that are stored.
ALTER TABLE conversations
  -- In milliseconds, as all durations. What is in seconds moves here.
  ADD COLUMN recording_duration_ms double precision,
  -- User messages whose `understood` is true.
  ADD COLUMN understood_count      integer NOT NULL DEFAULT 0;

ALTER TABLE conversation_rollups
  ADD COLUMN with_resolution integer NOT NULL DEFAULT 0,
  ADD COLUMN understood      integer NOT NULL DEFAULT 0;

-- Makes the triggers that keep `conversation_rollups` from a list of its sums: the name of each column, and what one
-- conversation adds to it. A migration that adds or changes a sum calls it with the whole list.
CREATE FUNCTION install_rollup_triggers(schema name, sums text[]) RETURNS void
LANGUAGE plpgsql
AS $install$
DECLARE
  kind text[];
  names text[] := ARRAY(SELECT sums[i] FROM generate_subscripts(sums, 1) i WHERE i % 2 = 1 ORDER BY i);
  added text := (SELECT string_agg(format('sum(sign * (%s)) AS %I', sums[i + 1], sums[i]), ', ' ORDER BY i)
                 FROM generate_subscripts(sums, 1) i WHERE i % 2 = 1);
  kept text := (SELECT string_agg(format('%1$I = r.%1$I + excluded.%1$I', name), ', ') FROM unnest(names) name);
  adding text := format($sql$
    INSERT INTO conversation_rollups AS r (tenant_id, minutes, started_at, slot, %1$s)
    SELECT added.tenant_id, added.minutes, added.start, %%1$s, %1$s
    FROM (
      SELECT tenant_id, minutes, date_bin(minutes * interval '1 minute', started_at, timestamptz '2000-01-01 00:00Z') AS start, %2$s
      FROM (%%2$s) changed, (VALUES (15), (60), (1440)) units (minutes)
      WHERE NOT is_test GROUP BY tenant_id, minutes, start
    ) added
    WHERE (%3$s)
    -- Always in the same order, so that those who share a slot never wait for each other in a circle.
    ORDER BY 1, 2, 3
    ON CONFLICT (tenant_id, minutes, started_at, slot) DO UPDATE SET %4$s$sql$,
    array_to_string(names, ', '), added, array_to_string(names, ' <> 0 OR ') || ' <> 0', kept);
BEGIN
  FOREACH kind SLICE 1 IN ARRAY ARRAY[
    ARRAY['insert', 'SELECT 1 AS sign, * FROM new_rows'],
    ARRAY['update', 'SELECT 1 AS sign, * FROM new_rows UNION ALL SELECT -1, * FROM old_rows'],
    ARRAY['delete', 'SELECT -1 AS sign, * FROM old_rows']
  ] LOOP
    EXECUTE format($sql$CREATE OR REPLACE FUNCTION %I.roll_up_conversation_%s() RETURNS trigger
      LANGUAGE plpgsql AS $body$BEGIN %s; RETURN NULL; END$body$ $sql$,
      schema, kind[1], format(adding, '(SELECT rollup_slot(added.tenant_id))', kind[2]));
    EXECUTE format('ALTER FUNCTION %1$I.roll_up_conversation_%2$s() SET search_path = pg_catalog, %1$I, pg_temp', schema, kind[1]);
  END LOOP;
END
$install$;
REVOKE ALL ON FUNCTION install_rollup_triggers(name, text[]) FROM PUBLIC;

DO $$
BEGIN
  EXECUTE format(
    'ALTER FUNCTION install_rollup_triggers(name, text[]) SET search_path = pg_catalog, %I, pg_temp', current_schema());
END $$;

-- The triggers with the new name and the new sums. A conversation of an earlier rules version is not counted in
-- `with_resolution`: it is added when it is brought up to date, so that nothing has to be summed here.
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
  'cost', 'cost',
  'priced_conversations', '(priced_message_count > 0)::int',
  'ended', '(ended_at IS NOT NULL)::int',
  'durations', 'coalesce((ended_at > started_at)::int, 0)',
  'duration_ms', 'coalesce((extract(epoch FROM ended_at - started_at) * 1000)::bigint, 0)',
  'timed_messages', 'latency_count',
  'latency_ms', 'latency_sum_ms',
  'rated_messages', 'rating_count',
  'ratings', 'rating_sum',
  'scored_messages', 'sentiment_count',
  'sentiment', 'sentiment_sum']);

ALTER TABLE tenants NO FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant_jobs NO FORCE ROW LEVEL SECURITY;
-- From the first row on, if it is running.
INSERT INTO tenant_jobs (tenant_id, name) SELECT id, 'recompute conversations' FROM tenants
  ON CONFLICT (tenant_id, name) DO UPDATE SET after_id = NULL;
ALTER TABLE tenants FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant_jobs FORCE ROW LEVEL SECURITY;

-- Earlier versions use the old names.
INSERT INTO migration_compatibility (migration_name, oldest_code_version)
  VALUES ('20261130100000_contract_names', '1.0.0');
