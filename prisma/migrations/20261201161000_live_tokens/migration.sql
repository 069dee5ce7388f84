-- How many embed tokens are accepted. They are stored nowhere, but every one that was made is an event of the audit log. What
-- it takes to tell whether one still is accepted is recorded beside the details, which are for people.
ALTER TABLE audit_events
  -- Names the secret that a token was made with: a hash of the secret's hash.
  ADD COLUMN token_secret_mark text,
  -- The generation of the tenant's tokens that it is of.
  ADD COLUMN token_generation  integer;

-- The UUID of a key in its id: a prefix, and 26 digits of 5 bits each, the first two of which are 0.
CREATE FUNCTION uuid_of_key_id(key_id text) RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT
AS $$
  SELECT (lpad(to_hex(substr(bits, 3, 64)::bit(64)::bigint), 16, '0') || lpad(to_hex(substr(bits, 67)::bit(64)::bigint), 16, '0'))::uuid
  FROM (
    SELECT string_agg((strpos('0123456789abcdefghjkmnpqrstvwxyz', substr(key_id, 4 + i, 1)) - 1)::bit(5)::text, '' ORDER BY i) AS bits
    FROM generate_series(1, 26) AS i
  ) AS digits
$$;

-- By key and tenant, how many tokens of these keys, or for these tenants, are accepted at that time; and how many of them end
-- with the key's previous secret.
CREATE FUNCTION count_live_tokens(counted_at timestamptz, key_ids text[], tenant_ids text[])
RETURNS TABLE (key_id text, tenant_id text, live_count integer, previous_secret_count integer)
LANGUAGE sql STABLE
AS $$
  -- OFFSET 0 has the events of each key and tenant found by themselves: PostgreSQL would rather go through the whole day's.
  WITH days AS (
    SELECT e.* FROM unnest(key_ids) AS wanted (id), LATERAL (
      SELECT e.at, e.actor_kind, e.actor_id, e.tenant_id, e.action, e.outcome, e.details, e.token_secret_mark, e.token_generation
      FROM audit_events e WHERE e.actor_id = wanted.id AND e.at > counted_at - interval '24 hours 1 minute'
      OFFSET 0) AS e
    UNION ALL
    SELECT e.* FROM unnest(tenant_ids) AS wanted (id), LATERAL (
      SELECT e.at, e.actor_kind, e.actor_id, e.tenant_id, e.action, e.outcome, e.details, e.token_secret_mark, e.token_generation
      FROM audit_events e WHERE e.tenant_id = wanted.id AND e.at > counted_at - interval '24 hours 1 minute'
      OFFSET 0) AS e
  ),
  made AS (
    SELECT e.actor_id AS key_id, e.tenant_id, e.at, e.token_secret_mark, e.token_generation FROM days e
    WHERE e.action = 'EMBED_TOKEN_CREATED' AND e.outcome = 'DONE' AND e.actor_kind IN ('ACCOUNT_KEY', 'TENANT_KEY')
      AND (e.details ->> 'expiresAt')::timestamptz > counted_at
  ),
  makers AS (
    SELECT m.key_id, k.tenant_id, k.regenerated_at, left(encode(sha256(k.secret_hash), 'hex'), 32) AS secret_mark,
      CASE WHEN k.previous_secret_expires_at > counted_at THEN left(encode(sha256(k.previous_secret_hash), 'hex'), 32) END AS previous_mark
    FROM (SELECT DISTINCT made.key_id FROM made) AS m JOIN api_keys k ON k.id = uuid_of_key_id(m.key_id)
    WHERE k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > counted_at)
  )
  SELECT m.key_id, m.tenant_id, count(*)::integer,
    count(*) FILTER (WHERE CASE WHEN m.token_secret_mark IS NULL
      THEN m.at < k.regenerated_at ELSE m.token_secret_mark = k.previous_mark END)::integer
  FROM made m JOIN makers k ON k.key_id = m.key_id JOIN tenants t ON t.id = m.tenant_id
  -- What an earlier version made has only its time. What can't be told by that, such as which of two secrets it was made with
  -- while both were accepted, counts: a day later, there is none left.
  WHERE CASE WHEN m.token_generation IS NULL
      THEN t.embed_tokens_revoked_at IS NULL OR m.at >= t.embed_tokens_revoked_at
      ELSE m.token_generation = t.embed_token_generation END
    AND CASE WHEN m.token_secret_mark IS NULL
      THEN k.regenerated_at IS NULL OR m.at >= k.regenerated_at OR k.previous_mark IS NOT NULL
      ELSE m.token_secret_mark = k.secret_mark OR m.token_secret_mark = k.previous_mark END
  GROUP BY m.key_id, m.tenant_id
$$;

GRANT SELECT (at, actor_kind, actor_id, tenant_id, action, outcome, details, token_secret_mark, token_generation)
  ON audit_events TO parley_functions;
CREATE POLICY counted ON audit_events FOR SELECT TO parley_functions USING (action = 'EMBED_TOKEN_CREATED');

-- How many tokens of the transaction's tenant are accepted. Its own role reads neither events nor keys.
CREATE FUNCTION count_own_live_tokens(counted_at timestamptz) RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER
AS $$
  SELECT coalesce(sum(c.live_count), 0)::integer
  FROM count_live_tokens(counted_at, '{}', ARRAY[current_setting('app.tenant_id', true)]) AS c
$$;

DO $$
DECLARE signature regprocedure;
BEGIN
  FOREACH signature IN ARRAY ARRAY[
    'uuid_of_key_id(text)', 'count_live_tokens(timestamptz, text[], text[])', 'count_own_live_tokens(timestamptz)']::regprocedure[]
  LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = pg_catalog, %I, pg_temp', signature, current_schema());
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', signature);
  END LOOP;
  GRANT EXECUTE ON FUNCTION uuid_of_key_id(text), count_live_tokens(timestamptz, text[], text[]) TO parley_admin, parley_functions;
  GRANT EXECUTE ON FUNCTION count_own_live_tokens(timestamptz) TO parley_tenant;
  EXECUTE format('GRANT parley_functions TO %I', current_user);
  EXECUTE format('GRANT USAGE, CREATE ON SCHEMA %I TO parley_functions', current_schema());
  ALTER FUNCTION count_own_live_tokens(timestamptz) OWNER TO parley_functions;
  EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM parley_functions', current_schema());
  EXECUTE format('REVOKE parley_functions FROM %I', current_user);
END $$;

INSERT INTO migration_compatibility (migration_name, oldest_code_version)
  VALUES ('20261201161000_live_tokens', '0.1.0');
