-- What an administrator may say of a key: a note, how often it may be used, and from where.
ALTER TABLE api_keys
  ADD COLUMN note text,
  ADD COLUMN requests_per_minute integer CHECK (requests_per_minute BETWEEN 1 AND 1000000),
  ADD COLUMN allowed_networks text[] NOT NULL DEFAULT '{}';

ALTER TYPE audit_action ADD VALUE 'API_KEY_UPDATED' AFTER 'API_KEY_GENERATED';

-- New secrets whose answers may have been lost, for 10 minutes. Each is encrypted with a key that only its caller knows.
CREATE TABLE sealed_secrets (
  -- Derived from the idempotency key and the id of the credential that sent it.
  name       text COLLATE "C" PRIMARY KEY,
  sealed     text NOT NULL,
  created_at timestamptz(3) NOT NULL
);
CREATE INDEX sealed_secrets_created_at ON sealed_secrets (created_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON sealed_secrets TO parley_admin;

DO $$
BEGIN
  EXECUTE format('GRANT parley_functions TO %I', current_user);
  EXECUTE format('GRANT USAGE, CREATE ON SCHEMA %I TO parley_functions', current_schema());
  DROP FUNCTION authenticate_api_key(uuid, text);
  DROP FUNCTION read_maker_of_token(text, uuid);
END $$;

CREATE FUNCTION authenticate_api_key(key_id uuid, requested_tenant_id text)
RETURNS TABLE (
  tenant_id text, name text, scopes text[], auto_create_tenants boolean, secret_hash bytea, previous_secret_hash bytea,
  previous_secret_expires_at timestamptz, expires_at timestamptz, revoked_at timestamptz, requests_per_minute integer,
  allowed_networks text[], tenant_exists boolean
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT
AS $$
BEGIN
  RETURN QUERY
    SELECT k.tenant_id, k.name, k.scopes::text[], k.auto_create_tenants, k.secret_hash, k.previous_secret_hash,
           k.previous_secret_expires_at::timestamptz, k.expires_at::timestamptz, k.revoked_at::timestamptz,
           k.requests_per_minute, k.allowed_networks, EXISTS (SELECT 1 FROM tenants t WHERE t.id = requested_tenant_id)
    FROM api_keys k WHERE k.id = key_id;
END
$$;

-- A key's scopes and expiry can change after it made a token, which never has more rights than its key.
CREATE FUNCTION read_maker_of_token(token_tenant_id text, token_key_id uuid)
RETURNS TABLE (
  generation integer, key_is_live boolean, key_scopes text[], key_expires_at timestamptz, secret_mark text,
  regenerated_at timestamptz, previous_secret_mark text, previous_secret_expires_at timestamptz
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT
AS $$
BEGIN
  RETURN QUERY
    SELECT t.embed_token_generation, k.id IS NOT NULL, k.scopes::text[], k.expires_at::timestamptz,
      left(encode(sha256(k.secret_hash), 'hex'), 32), k.regenerated_at::timestamptz,
      left(encode(sha256(k.previous_secret_hash), 'hex'), 32), k.previous_secret_expires_at::timestamptz
    FROM tenants t LEFT JOIN api_keys k
      ON k.id = token_key_id AND k.revoked_at IS NULL AND (k.tenant_id IS NULL OR k.tenant_id = t.id)
    WHERE t.id = token_tenant_id;
END
$$;

DO $$
DECLARE
  signature regprocedure;
  caller regrole;
BEGIN
  FOREACH signature IN ARRAY ARRAY['authenticate_api_key(uuid, text)', 'read_maker_of_token(text, uuid)']::regprocedure[]
  LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = pg_catalog, %I, pg_temp', signature, current_schema());
    EXECUTE format('ALTER FUNCTION %s OWNER TO parley_functions', signature);
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', signature);
    -- Whoever serves could call the dropped ones: the same roles as this one.
    FOR caller IN
      SELECT a.grantee FROM pg_proc p, aclexplode(p.proacl) a
      WHERE p.oid = 'touch_api_key(uuid)'::regprocedure AND a.grantee NOT IN (0, p.proowner)
    LOOP
      EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %s', signature, caller);
    END LOOP;
  END LOOP;
  EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM parley_functions', current_schema());
  EXECUTE format('REVOKE parley_functions FROM %I', current_user);
END $$;

-- Earlier versions would accept a key from anywhere.
INSERT INTO migration_compatibility (migration_name, oldest_code_version)
  VALUES ('20261201131000_key_administration', '1.0.0');
