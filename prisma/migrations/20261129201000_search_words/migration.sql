-- Search by words that Parley makes of each message (src/search): those of PostgreSQL depend on the locale of the
-- database, and scripts without spaces have none. `search_words` has them in their order, ' my order 1001 ', `search_parts` what
-- else finds the text, and `search_version` says which version of the tokeniser made both.
ALTER TABLE messages
  ADD COLUMN search_words   text COLLATE "C",
  ADD COLUMN search_parts   text COLLATE "C",
  ADD COLUMN search_version smallint;

-- What the index holds: the tenant as well, so that one condition says all, and no other index can be used instead. By its
-- cost, the planner looks it up instead of calculating it for each row.
CREATE FUNCTION search_keys(tenant text, words text, parts text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 10000
AS $$
BEGIN
  RETURN array_to_tsvector(string_to_array(btrim(words || coalesce(parts, '')), ' ') || (':' || tenant));
END $$;

-- No row has words yet, so this reads the table once and writes nothing.
CREATE INDEX messages_by_words ON messages USING gin (search_keys(tenant_id, search_words, search_parts))
  WHERE search_words IS NOT NULL;

-- Rows without words of this version, of before or of servers of an earlier version that run beside others, are indexed in the
-- background. The next version of the tokeniser has a migration that replaces `index_inserted` and leaves a job for each tenant.
CREATE FUNCTION leave_for_indexing() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    NEW.search_words := NULL;
    NEW.search_parts := NULL;
    NEW.search_version := NULL;
  END IF;
  -- The row follows what only has the time of its id.
  INSERT INTO tenant_jobs AS j (tenant_id, name, after_id)
  VALUES (NEW.tenant_id, 'index messages', (left(NEW.id::text, 13) || '-0000-0000-000000000000')::uuid)
  -- Locks the job in any case, so that it does not end before this transaction.
  ON CONFLICT (tenant_id, name) DO UPDATE SET after_id = excluded.after_id WHERE j.after_id > excluded.after_id;
  RETURN NEW;
END $$;
CREATE TRIGGER index_inserted BEFORE INSERT ON messages FOR EACH ROW
  WHEN (NEW.content IS NOT NULL AND NEW.search_version IS DISTINCT FROM 1) EXECUTE FUNCTION leave_for_indexing();
-- What a text no longer has, such as redacted words, is not found.
CREATE TRIGGER index_changed BEFORE UPDATE OF content ON messages FOR EACH ROW
  WHEN (NEW.content IS DISTINCT FROM OLD.content AND NEW.search_words IS NOT DISTINCT FROM OLD.search_words)
  EXECUTE FUNCTION leave_for_indexing();

ALTER TABLE tenants NO FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant_jobs NO FORCE ROW LEVEL SECURITY;
INSERT INTO tenant_jobs (tenant_id, name) SELECT id, 'index messages' FROM tenants;
-- Where there is something to search, a start drops the index of before once all of it is indexed: src/search/old-text-index.sql.ts.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM tenants) THEN DROP INDEX messages_by_text; END IF;
END $$;
ALTER TABLE tenants FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant_jobs FORCE ROW LEVEL SECURITY;

-- search_messages(text, boolean), which finds the words of PostgreSQL, stays for servers of the version before.
CREATE FUNCTION search_messages(search text, look_ups jsonb, with_system boolean) RETURNS SETOF uuid
-- work_mem: a bitmap of a frequent word that does not fit is rechecked row by row, which took five times as long.
LANGUAGE plpgsql STABLE SECURITY DEFINER SET work_mem = '64MB'
AS $$
DECLARE
  tenant text := current_setting('app.tenant_id', true);
  of_tenant tsquery := array_to_tsvector(ARRAY[':' || tenant])::text::tsquery;
  one record;
BEGIN
  -- EXECUTE plans it for these words and this tenant. With `=`, the index of another kind looked cheaper before there were
  -- statistics, and the words of all messages of the tenant were calculated.
  FOR one IN SELECT * FROM jsonb_to_recordset(look_ups) 
    AS l (from_version smallint, to_version smallint, keys tsquery, "like" text[], match text[], not_like text[], not_match text[])
  LOOP
    RETURN QUERY EXECUTE '
      SELECT DISTINCT m.conversation_id FROM messages m
      WHERE m.search_words IS NOT NULL AND search_keys(m.tenant_id, m.search_words, m.search_parts) @@ $2
        AND m.tenant_id IS NOT DISTINCT FROM $1 AND ($3 OR m.role <> ''SYSTEM'')
        AND m.search_words LIKE ALL ($4) AND m.search_words ~ ALL ($5)
        AND NOT m.search_words LIKE ANY ($6) AND NOT m.search_words ~ ANY ($7) AND m.search_version BETWEEN $8 AND $9'
    USING tenant, of_tenant && one.keys, with_system, one.like, one.match, one.not_like, one.not_match, one.from_version,
      one.to_version;
  END LOOP;
  -- What has no words yet is found as before.
  IF EXISTS (SELECT FROM tenant_jobs j WHERE j.tenant_id = tenant AND j.name = 'index messages') THEN
    RETURN QUERY EXECUTE '
      SELECT DISTINCT m.conversation_id FROM messages m
      WHERE m.tenant_id = $1 AND m.search_words IS NULL AND to_tsvector(''simple'', m.content) @@ $2
        AND ($3 OR m.role <> ''SYSTEM'')'
    USING tenant, websearch_to_tsquery('simple', search), with_system;
  END IF;
END $$;

DO $migration$
DECLARE signature text;
BEGIN
  EXECUTE format('GRANT parley_functions TO %I', current_user);
  EXECUTE format('GRANT USAGE, CREATE ON SCHEMA %I TO parley_functions', current_schema());
  FOREACH signature IN ARRAY ARRAY['search_keys(text, text, text)', 'leave_for_indexing()', 'search_messages(text, jsonb, boolean)'] LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = pg_catalog, %I, pg_temp', signature, current_schema());
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', signature);
  END LOOP;
  GRANT EXECUTE ON FUNCTION search_keys(text, text, text) TO parley_tenant, parley_functions;
  GRANT SELECT (search_words, search_parts, search_version) ON messages TO parley_functions;
  ALTER FUNCTION search_messages(text, jsonb, boolean) OWNER TO parley_functions;
  GRANT EXECUTE ON FUNCTION search_messages(text, jsonb, boolean) TO parley_tenant;
  EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM parley_functions', current_schema());
  EXECUTE format('REVOKE parley_functions FROM %I', current_user);
END $migration$;

-- 0.1.0 runs on: what it writes is indexed in the background.
INSERT INTO migration_compatibility (migration_name, oldest_code_version)
  VALUES ('20261129201000_search_words', '0.1.0');
