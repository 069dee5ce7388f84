-- From where a key was last used, and by what; and the same of an issuer's tokens.
ALTER TABLE api_keys
  ADD COLUMN last_used_address    text,
  ADD COLUMN last_used_user_agent text;
ALTER TABLE token_issuers
  ADD COLUMN last_used_at         timestamptz(3),
  ADD COLUMN last_used_address    text,
  ADD COLUMN last_used_user_agent text;

GRANT UPDATE (last_used_address, last_used_user_agent) ON api_keys TO parley_functions;
GRANT UPDATE (last_used_at, last_used_address, last_used_user_agent) ON token_issuers TO parley_functions;

DO $$
BEGIN
  EXECUTE format('GRANT parley_functions TO %I', current_user);
  EXECUTE format('GRANT USAGE, CREATE ON SCHEMA %I TO parley_functions', current_schema());
END $$;

CREATE FUNCTION touch_api_key(key_id uuid, address text, user_agent text) RETURNS void
LANGUAGE sql SECURITY DEFINER
AS $$
  UPDATE api_keys k SET last_used_at = date_trunc('minute', now()), last_used_address = address, last_used_user_agent = user_agent
  WHERE k.id = key_id AND (k.last_used_at IS NULL OR k.last_used_at < date_trunc('minute', now()))
$$;

-- Earlier versions call this one, and say only that a key was used: the address of an earlier use must not stay beside that.
CREATE OR REPLACE FUNCTION touch_api_key(key_id uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER
AS $$
  SELECT touch_api_key(key_id, NULL, NULL)
$$;

CREATE FUNCTION touch_token_issuer(issuer_id uuid, address text, user_agent text) RETURNS void
LANGUAGE sql SECURITY DEFINER
AS $$
  UPDATE token_issuers i SET last_used_at = date_trunc('minute', now()), last_used_address = address, last_used_user_agent = user_agent
  WHERE i.id = issuer_id AND (i.last_used_at IS NULL OR i.last_used_at < date_trunc('minute', now()))
$$;

DO $$
DECLARE signature regprocedure;
BEGIN
  FOREACH signature IN ARRAY ARRAY[
    'touch_api_key(uuid)', 'touch_api_key(uuid, text, text)', 'touch_token_issuer(uuid, text, text)']::regprocedure[]
  LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = pg_catalog, %I, pg_temp', signature, current_schema());
    EXECUTE format('ALTER FUNCTION %s OWNER TO parley_functions', signature);
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', signature);
  END LOOP;
  EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM parley_functions', current_schema());
  EXECUTE format('REVOKE parley_functions FROM %I', current_user);
END $$;

INSERT INTO migration_compatibility (migration_name, oldest_code_version)
  VALUES ('20261201160000_last_uses', '0.1.0');
