-- The names of the schema of version 1.
ALTER TYPE outcome RENAME VALUE 'AGENT' TO 'HUMAN_AGENT';
ALTER TYPE audit_actor_kind RENAME VALUE 'FOREIGN_TOKEN' TO 'ISSUER_TOKEN';
ALTER TYPE audit_action RENAME VALUE 'TOKEN_ISSUER_REMOVED' TO 'TOKEN_ISSUER_DELETED';

-- Their bodies name the value.
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['roll_up_conversation_insert', 'roll_up_conversation_update', 'roll_up_conversation_delete'] LOOP
    EXECUTE replace(pg_get_functiondef(name::regproc), $q$'AGENT'$q$, $q$'HUMAN_AGENT'$q$);
  END LOOP;
END $$;

-- Durations are in milliseconds throughout. Changing the type fires no trigger, so subscribers notice nothing.
ALTER TABLE conversations RENAME COLUMN recording_duration_seconds TO recording_duration_ms;
ALTER TABLE conversations ALTER COLUMN recording_duration_ms TYPE double precision USING recording_duration_ms * 1000;

-- Earlier versions use the old names.
INSERT INTO migration_compatibility (migration_name, oldest_code_version)
  VALUES ('20261130100000_contract_names', '1.0.0');
