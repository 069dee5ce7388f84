-- Entries have the caller's own id, which makes a repeated one the same entry, and chat messages have attachments. In this
-- order, the index also finds the conversations that have an entry.
ALTER TABLE messages
  ADD COLUMN external_id text,
  ADD COLUMN attachments jsonb CHECK (jsonb_typeof(attachments) = 'array');
CREATE UNIQUE INDEX messages_by_external_id ON messages (tenant_id, external_id, conversation_id) WHERE external_id IS NOT NULL;

ALTER TABLE conversations
  ADD COLUMN title      text,
  ADD COLUMN end_reason text;

-- Earlier versions ignore the new columns.
INSERT INTO migration_compatibility (migration_name, oldest_code_version)
  VALUES ('20261201100000_entries_of_callers', '1.0.0');
