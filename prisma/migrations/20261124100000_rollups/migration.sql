-- Analytics: what a conversation's messages add up to, and what conversations add up to by time.

-- Sums of a conversation ------------------------------------------------------------------------------
-- numeric where they are no whole numbers: taken back and forth, such sums stay exact.

ALTER TABLE conversations
  ADD COLUMN priced_message_count integer NOT NULL DEFAULT 0,
  ADD COLUMN rating_count         integer NOT NULL DEFAULT 0,
  ADD COLUMN rating_sum           integer NOT NULL DEFAULT 0,
  ADD COLUMN sentiment_count      integer NOT NULL DEFAULT 0,
  ADD COLUMN sentiment_sum        numeric(18, 9) NOT NULL DEFAULT 0,
  ADD COLUMN latency_count        integer NOT NULL DEFAULT 0,
  ADD COLUMN latency_sum_ms       numeric(24, 3) NOT NULL DEFAULT 0;

-- What was stored before. The owner of the tables is held by their policies too, unless it says otherwise.
ALTER TABLE conversations NO FORCE ROW LEVEL SECURITY;
ALTER TABLE messages NO FORCE ROW LEVEL SECURITY;
ALTER TABLE conversations DISABLE TRIGGER note_change;
UPDATE conversations c SET
  priced_message_count = m.priced, rating_count = m.rated, rating_sum = m.ratings, sentiment_count = m.scored,
  sentiment_sum = m.sentiments, latency_count = m.timed, latency_sum_ms = m.latencies, not_understood_count = m.not_understood
FROM (
  SELECT tenant_id, conversation_id, count(cost) AS priced,
    count(rating) FILTER (WHERE role = 'ASSISTANT') AS rated,
    coalesce(sum(rating) FILTER (WHERE role = 'ASSISTANT'), 0) AS ratings,
    count(sentiment) FILTER (WHERE role = 'USER') AS scored,
    coalesce(sum(round(sentiment::numeric, 9)) FILTER (WHERE role = 'USER'), 0) AS sentiments,
    count(latency_ms) FILTER (WHERE role = 'ASSISTANT') AS timed,
    coalesce(sum(round(latency_ms::numeric, 3)) FILTER (WHERE role = 'ASSISTANT'), 0) AS latencies,
    count(*) FILTER (WHERE role = 'USER' AND NOT understood) AS not_understood
  FROM messages GROUP BY tenant_id, conversation_id
) m
WHERE m.tenant_id = c.tenant_id AND m.conversation_id = c.id;
ALTER TABLE conversations ENABLE TRIGGER note_change;

-- Analytics leave tests out: with this, counting by time reads the index alone.
DROP INDEX conversations_by_start;
CREATE INDEX conversations_by_start ON conversations (tenant_id, started_at, id) INCLUDE (is_test);

-- Sums of conversations by when they began --------------------------------------------------------------
-- Tests are left out. A day of a time zone is not one of UTC: it is put together of UTC days, hours and quarters of
-- an hour (src/database/rollups.ts); no zone in use is off by less.

-- The length of a unit is a number and no enum, whose `=` is not leakproof and so serves no index under a policy.
-- Several rows hold one sum, a slot each: those who write at the same time write to different ones.
CREATE TABLE conversation_rollups (
  tenant_id                  text COLLATE "C" NOT NULL,
  minutes                    integer NOT NULL CHECK (minutes IN (15, 60, 1440)),
  started_at                 timestamptz(3) NOT NULL,
  slot                       smallint NOT NULL,
  conversations              integer NOT NULL,
  completed                  integer NOT NULL,
  abandoned                  integer NOT NULL,
  suggestion_only            integer NOT NULL,
  bot_handled                integer NOT NULL,
  escalated                  integer NOT NULL,
  failed_escalation          integer NOT NULL,
  informed                   integer NOT NULL,
  resolved                   integer NOT NULL,
  messages                   integer NOT NULL,
  system_messages            integer NOT NULL,
  user_messages              integer NOT NULL,
  assistant_messages         integer NOT NULL,
  human_agent_messages       integer NOT NULL,
  internal_events            integer NOT NULL,
  tool_calls                 integer NOT NULL,
  tool_errors                integer NOT NULL,
  not_understood             integer NOT NULL,
  tokens                     bigint NOT NULL,
  cost                       numeric(30, 9) NOT NULL,
  priced_conversations       integer NOT NULL,
  ended                      integer NOT NULL,
  duration_ms                bigint NOT NULL,
  timed_messages             integer NOT NULL,
  latency_ms                 numeric(30, 3) NOT NULL,
  rated_messages             integer NOT NULL,
  ratings                    integer NOT NULL,
  scored_messages            integer NOT NULL,
  sentiment                  numeric(30, 9) NOT NULL,
  PRIMARY KEY (tenant_id, minutes, started_at, slot)
) WITH (fillfactor = 70); -- the rows of now are written again and again

ALTER TABLE conversation_rollups ENABLE ROW LEVEL SECURITY;
ALTER TABLE conversation_rollups FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON conversation_rollups TO parley_tenant
  USING (tenant_id = (SELECT current_setting('app.tenant_id', true)))
  WITH CHECK (tenant_id = (SELECT current_setting('app.tenant_id', true)));
GRANT SELECT, INSERT, UPDATE, DELETE ON conversation_rollups TO parley_tenant;

-- The lowest slot that no other open transaction of this tenant writes to, held to the end of this one: nobody waits for
-- a sum. (Beyond a thousand writers at once some would share a slot, and wait for each other.)
CREATE FUNCTION rollup_slot(tenant text) RETURNS smallint
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
BEGIN
  FOR slot IN 0..999 LOOP
    IF pg_try_advisory_xact_lock(hashtext('rollup ' || tenant), slot) THEN RETURN slot; END IF;
  END LOOP;
  RETURN pg_backend_pid() % 1000;
END
$$;
REVOKE ALL ON FUNCTION rollup_slot(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION rollup_slot(text) TO parley_tenant;

-- Triggers, so that no way of writing can forget it, and in the writer's transaction, so that no crash can come
-- between. One for each kind of statement: what rows there are to add and to take away differs.
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
    ARRAY['insert', 'NEW TABLE AS new_rows', 'SELECT 1 AS sign, * FROM new_rows'],
    ARRAY['update', 'NEW TABLE AS new_rows OLD TABLE AS old_rows', 'SELECT 1 AS sign, * FROM new_rows UNION ALL SELECT -1, * FROM old_rows'],
    ARRAY['delete', 'OLD TABLE AS old_rows', 'SELECT -1 AS sign, * FROM old_rows']
  ] LOOP
    EXECUTE format($sql$CREATE FUNCTION roll_up_conversation_%s() RETURNS trigger
      LANGUAGE plpgsql SET search_path FROM CURRENT AS $body$BEGIN %s; RETURN NULL; END$body$ $sql$,
      kind[1], format(adding, '(SELECT rollup_slot(added.tenant_id))', kind[3]));
    EXECUTE format('REVOKE ALL ON FUNCTION roll_up_conversation_%s() FROM PUBLIC', kind[1]);
    EXECUTE format('CREATE TRIGGER roll_up_%1$s AFTER %1$s ON conversations REFERENCING %2$s FOR EACH STATEMENT EXECUTE FUNCTION roll_up_conversation_%1$s()',
      kind[1], kind[2]);
  END LOOP;
  EXECUTE format(adding, '0', 'SELECT 1 AS sign, * FROM conversations');
END $$;

ALTER TABLE conversations FORCE ROW LEVEL SECURITY;
ALTER TABLE messages FORCE ROW LEVEL SECURITY;
