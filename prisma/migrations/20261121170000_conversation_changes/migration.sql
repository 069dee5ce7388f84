-- Live data: what changed, in the order in which others could first see it.

-- In the order of what they say: where one transaction changes a conversation several times, the greatest stands for all.
CREATE TYPE conversation_change_kind AS ENUM ('UPDATED', 'INTERNAL_MESSAGES', 'MESSAGES', 'CREATED', 'DELETED');

-- One row for each transaction and conversation. Transactions commit in another order than they begin, so a reader goes
-- on from a snapshot: it takes the rows of transactions that this could not see yet. No foreign keys: a deletion outlives
-- its conversation, and an append is to lock no tenant's row.
CREATE TABLE conversation_changes (
  tenant_id       text COLLATE "C" NOT NULL,
  transaction_id  bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
  conversation_id uuid NOT NULL,
  kind            conversation_change_kind NOT NULL,
  changed_at      timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, transaction_id, conversation_id)
);

ALTER TABLE conversation_changes ENABLE ROW LEVEL SECURITY;
ALTER TABLE conversation_changes FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON conversation_changes TO parley_tenant
  USING (tenant_id = (SELECT current_setting('app.tenant_id', true)))
  WITH CHECK (tenant_id = (SELECT current_setting('app.tenant_id', true)));
GRANT SELECT, INSERT, UPDATE, DELETE ON conversation_changes TO parley_tenant;

-- A trigger, so that no way of writing can forget it. Runs as whoever writes, behind the same policies.
CREATE FUNCTION note_conversation_change() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
DECLARE
  what conversation_change_kind := 'UPDATED';
BEGIN
  IF TG_OP = 'INSERT' THEN
    what := 'CREATED';
  ELSIF TG_OP = 'DELETE' THEN
    what := 'DELETED';
  ELSIF NEW.message_count > OLD.message_count THEN
    -- Of messages that only INTERNALS_READ may see, others are not to be told.
    what := CASE
      WHEN NEW.message_count - NEW.system_message_count - NEW.internal_event_count
        > OLD.message_count - OLD.system_message_count - OLD.internal_event_count THEN 'MESSAGES'
      ELSE 'INTERNAL_MESSAGES' END;
  END IF;
  INSERT INTO conversation_changes AS c (tenant_id, conversation_id, kind)
  VALUES (coalesce(NEW.tenant_id, OLD.tenant_id), coalesce(NEW.id, OLD.id), what)
  ON CONFLICT (tenant_id, transaction_id, conversation_id) DO UPDATE SET kind = greatest(c.kind, excluded.kind);
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION note_conversation_change() FROM PUBLIC;

CREATE TRIGGER note_change AFTER INSERT OR UPDATE OR DELETE ON conversations
  FOR EACH ROW EXECUTE FUNCTION note_conversation_change();
