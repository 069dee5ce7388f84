-- When conversations began and ended, and what that rests on; which language most of their user messages have.

ALTER TABLE conversations
  -- By which rules its columns were derived. 0: by those of before this migration; see `recompute conversations` below.
  ADD COLUMN rules_version    smallint NOT NULL DEFAULT 0,
  -- What the caller said.
  ADD COLUMN given_started_at timestamptz(3),
  ADD COLUMN given_ended_at   timestamptz(3),
  ADD COLUMN given_language   text,
  -- The earliest and the latest instant that is known: of entries, and for the earliest also of the call that created a live
  -- conversation.
  ADD COLUMN first_known_at   timestamptz(3),
  ADD COLUMN last_known_at    timestamptz(3),
  -- The time of the entry with the highest sequence.
  ADD COLUMN last_entry_at    timestamptz(3),
  -- It grows while it takes place: entries without a time took place when they arrived.
  ADD COLUMN is_live          boolean NOT NULL DEFAULT false,
  -- How many user messages are in each language, and the first of them: {"en": [count, milliseconds since 1970, sequence]}.
  ADD COLUMN user_languages   jsonb NOT NULL DEFAULT '{}';

-- A trigger, so that the rule is in one place, however a row is written.
CREATE FUNCTION derive_conversation_times() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  NEW.started_at := coalesce(NEW.given_started_at, NEW.first_known_at, NEW.given_ended_at, NEW.created_at);
  NEW.ended_at := CASE WHEN NEW.status IN ('COMPLETED', 'ABANDONED', 'FAILED', 'DECLINED', 'MISSED')
    THEN greatest(NEW.started_at, coalesce(NEW.given_ended_at, NEW.last_known_at)) END;
  RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION derive_conversation_times() FROM PUBLIC;
DO $$
BEGIN
  EXECUTE format(
    'ALTER FUNCTION derive_conversation_times() SET search_path = pg_catalog, %I, pg_temp', current_schema());
END $$;

CREATE TRIGGER derive_times
  BEFORE INSERT OR UPDATE OF status, given_started_at, given_ended_at, first_known_at, last_known_at, rules_version, started_at, ended_at
  ON conversations FOR EACH ROW WHEN (NEW.rules_version > 0) EXECUTE FUNCTION derive_conversation_times();

-- To bring a stored row up to date is no change that subscribers are told of.
DROP TRIGGER note_change ON conversations;
CREATE TRIGGER note_change AFTER UPDATE ON conversations
  FOR EACH ROW WHEN (NEW.rules_version = OLD.rules_version) EXECUTE FUNCTION note_conversation_change();
CREATE TRIGGER note_creation AFTER INSERT OR DELETE ON conversations
  FOR EACH ROW EXECUTE FUNCTION note_conversation_change();

-- A duration rests on two different instants: DURATION_MEAN is of the conversations that have one. (`ended`, which counts
-- all that ended, stays for servers of the version before.)
ALTER TABLE conversation_rollups ADD COLUMN durations integer NOT NULL DEFAULT 0;

DO $$
DECLARE
  kind text[];
  sums text[] := ARRAY[
    'conversations', '1',
    'completed', $sql$(status = 'COMPLETED')::int$sql$,
    'abandoned', $sql$(status = 'ABANDONED')::int$sql$,
    'suggestion_only', '(assistant_message_count = 0)::int',
    'bot_handled', $sql$coalesce((outcome = 'BOT_HANDLED')::int, 0)$sql$,
    'escalated', $sql$coalesce((outcome IN ('AGENT', 'EMAIL', 'CUSTOM_ESCALATION'))::int, 0)$sql$,
    'failed_escalation', $sql$coalesce((outcome = 'FAILED_ESCALATION')::int, 0)$sql$,
    'informed', $sql$coalesce((resolution = 'INFORMED')::int, 0)$sql$,
    'resolved', $sql$coalesce((resolution = 'RESOLVED')::int, 0)$sql$,
    'messages', 'message_count',
    'system_messages', 'system_message_count',
    'user_messages', 'user_message_count',
    'assistant_messages', 'assistant_message_count',
    'human_agent_messages', 'human_agent_message_count',
    'internal_events', 'internal_event_count',
    'tool_calls', 'tool_call_count',
    'tool_errors', 'tool_error_count',
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
    'sentiment', 'sentiment_sum'];
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
    EXECUTE format($sql$CREATE OR REPLACE FUNCTION roll_up_conversation_%s() RETURNS trigger
      LANGUAGE plpgsql AS $body$BEGIN %s; RETURN NULL; END$body$ $sql$,
      kind[1], format(adding, '(SELECT rollup_slot(added.tenant_id))', kind[2]));
    EXECUTE format('ALTER FUNCTION roll_up_conversation_%s() SET search_path = pg_catalog, %I, pg_temp', kind[1], current_schema());
  END LOOP;
END $$;

-- The durations of what is stored, in the rows of the first slot. The owner of the tables is held by their policies too.
ALTER TABLE conversations NO FORCE ROW LEVEL SECURITY;
ALTER TABLE conversation_rollups NO FORCE ROW LEVEL SECURITY;
UPDATE conversation_rollups r SET durations = found.durations
FROM (
  SELECT c.tenant_id, units.minutes, date_bin(units.minutes * interval '1 minute', c.started_at, timestamptz '2000-01-01 00:00Z') AS start,
    count(*)::int AS durations
  FROM conversations c, (VALUES (15), (60), (1440)) units (minutes)
  WHERE NOT c.is_test AND c.ended_at > c.started_at GROUP BY 1, 2, 3
) found
WHERE r.tenant_id = found.tenant_id AND r.minutes = found.minutes AND r.started_at = found.start
  -- Any one of the rows that hold the sum.
  AND r.slot = (SELECT min(s.slot) FROM conversation_rollups s
    WHERE s.tenant_id = r.tenant_id AND s.minutes = r.minutes AND s.started_at = r.started_at);
ALTER TABLE conversations FORCE ROW LEVEL SECURITY;
ALTER TABLE conversation_rollups FORCE ROW LEVEL SECURITY;

ALTER TABLE tenants NO FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant_jobs NO FORCE ROW LEVEL SECURITY;
INSERT INTO tenant_jobs (tenant_id, name) SELECT id, 'recompute conversations' FROM tenants;
ALTER TABLE tenants FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant_jobs FORCE ROW LEVEL SECURITY;

-- 0.1.0 runs on: what it writes has the version 0, and is brought up to date when it is written to again.
INSERT INTO migration_compatibility (migration_name, oldest_code_version)
  VALUES ('20261129184000_known_times', '0.1.0');
