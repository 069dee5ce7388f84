-- What a browser-facing endpoint must know: whose pages may read its answers, and how much was asked this minute.

-- Exact web origins, such as https://app.example.com, as a browser sends them.
ALTER TABLE tenants ADD COLUMN allowed_origins text[] NOT NULL DEFAULT '{}';
CREATE INDEX tenants_by_allowed_origin ON tenants USING gin (allowed_origins);
GRANT SELECT (allowed_origins) ON tenants TO parley_functions;

-- Requests counted so far in one minute (since 1970), by a hash of whom they count for. Not worth a write-ahead log:
-- after a crash the minute begins anew.
CREATE UNLOGGED TABLE rate_counts (
  minute integer NOT NULL,
  budget text COLLATE "C" NOT NULL,
  spent  integer NOT NULL,
  PRIMARY KEY (minute, budget)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON rate_counts TO parley_functions;

-- Whether pages of an origin may read the answers for a tenant; for none, whether any tenant lets them. A preflight
-- comes before there is a credential.
CREATE FUNCTION is_allowed_origin(page_origin text, page_tenant_id text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT
AS $$
  SELECT EXISTS (
    SELECT 1 FROM tenants t
    WHERE t.allowed_origins @> ARRAY[page_origin] AND (page_tenant_id IS NULL OR t.id = page_tenant_id))
$$;

-- Adds what one process counted, and answers what all of them did. In one order, so that processes never wait in a circle.
CREATE FUNCTION add_to_rate_counts(in_minute integer, budgets text[], amounts integer[])
RETURNS TABLE (budget text, spent integer)
LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
  DELETE FROM rate_counts WHERE (minute, rate_counts.budget) IN (
    SELECT c.minute, c.budget FROM rate_counts c WHERE c.minute < in_minute - 1 LIMIT 1000 FOR UPDATE SKIP LOCKED);
  INSERT INTO rate_counts AS c (minute, budget, spent)
  SELECT in_minute, added.budget, added.amount FROM unnest(budgets, amounts) AS added (budget, amount) ORDER BY added.budget
  ON CONFLICT (minute, budget) DO UPDATE SET spent = c.spent + excluded.spent
  RETURNING c.budget, c.spent
$$;

DO $$
DECLARE signature text;
BEGIN
  EXECUTE format('GRANT parley_functions TO %I', current_user);
  EXECUTE format('GRANT USAGE, CREATE ON SCHEMA %I TO parley_functions', current_schema());
  FOREACH signature IN ARRAY ARRAY['is_allowed_origin(text, text)', 'add_to_rate_counts(integer, text[], integer[])'] LOOP
    EXECUTE format('ALTER FUNCTION %s OWNER TO parley_functions', signature);
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', signature);
  END LOOP;
  EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM parley_functions', current_schema());
  EXECUTE format('REVOKE parley_functions FROM %I', current_user);
END $$;
