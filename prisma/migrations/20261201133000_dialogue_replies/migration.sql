-- The reply of a dialogue that a message is, the caller's own id of an intent, and whether a language model took part.
ALTER TABLE messages
  ADD COLUMN reply              jsonb CHECK (jsonb_typeof(reply) = 'object'),
  ADD COLUMN intent_external_id text;

ALTER TABLE conversations ADD COLUMN is_llm_conversation boolean;

-- Earlier versions ignore the new columns.
INSERT INTO migration_compatibility (migration_name, oldest_code_version)
  VALUES ('20261201133000_dialogue_replies', '1.0.0');
