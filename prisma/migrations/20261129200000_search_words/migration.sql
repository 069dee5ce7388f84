-- Search by words that Parley makes of each message (src/domain/search): those of PostgreSQL depend on the locale of the
-- database and know no words of scripts without spaces. `search_words` has them in their order, ' my order 1001 ', and
-- `search_parts` what else finds the text. Both are null in rows of before, which are indexed in the background.
ALTER TABLE messages
  ADD COLUMN search_words text COLLATE "C",
  ADD COLUMN search_parts text COLLATE "C",
  ADD COLUMN search_version smallint;

-- What the index holds. By its cost, the planner looks it up instead of calculating it for each row.
CREATE FUNCTION search_keys(words text, parts text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 10000
AS $$
BEGIN
  RETURN array_to_tsvector(string_to_array(btrim(words || coalesce(parts, '')), ' '));
END $$;
REVOKE ALL ON FUNCTION search_keys(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_keys(text, text) TO parley_tenant, parley_functions;

CREATE INDEX messages_by_words ON messages USING gin (tenant_id, search_keys(search_words, search_parts))
  WHERE search_words IS NOT NULL;
GRANT SELECT (search_words, search_parts, search_version) ON messages TO parley_functions;
