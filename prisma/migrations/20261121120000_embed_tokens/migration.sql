-- Tokens for browsers: the keys they are signed with, and what ends them.

-- Tokens carry the generation of their tenant; revokeEmbedTokens begins the next one. Exact, where a time of issue
-- in whole seconds would let some pass, or refuse some that were made right after.
ALTER TABLE tenants ADD COLUMN embed_token_generation integer NOT NULL DEFAULT 0;

-- The server's own signing keys. The private half is sealed with a secret that the database never sees.
CREATE TABLE signing_keys (
  id           text PRIMARY KEY,
  public_jwk   jsonb NOT NULL,
  sealed_jwk   text NOT NULL,
  created_at   timestamptz(3) NOT NULL DEFAULT now(),
  -- Until when tokens signed with it are taken; null for the one that signs.
  verify_until timestamptz(3)
);
CREATE UNIQUE INDEX signing_keys_current ON signing_keys ((true)) WHERE verify_until IS NULL;

GRANT SELECT, INSERT, UPDATE, DELETE ON signing_keys TO parley_admin;
GRANT SELECT ON signing_keys TO parley_functions;
GRANT UPDATE (embed_token_generation) ON tenants TO parley_tenant;
CREATE POLICY end_tokens ON tenants FOR UPDATE TO parley_tenant
  USING (id = (SELECT current_setting('app.tenant_id', true)))
  WITH CHECK (id = (SELECT current_setting('app.tenant_id', true)));
GRANT SELECT (embed_token_generation) ON tenants TO parley_functions;

-- Public keys to verify with and the sealed one to sign with: read before a tenant is known, and by tenants' back ends.
CREATE FUNCTION read_signing_keys() RETURNS TABLE (id text, public_jwk jsonb, sealed_jwk text, created_at timestamptz, verify_until timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT
AS $$
  SELECT k.id, k.public_jwk, k.sealed_jwk, k.created_at, k.verify_until FROM signing_keys k
  WHERE k.verify_until IS NULL OR k.verify_until > now() ORDER BY k.created_at DESC
$$;

-- What decides whether a token that verifies is still taken: its tenant, and the key that made it.
CREATE FUNCTION check_embed_token(token_tenant_id text, token_key_id uuid)
RETURNS TABLE (generation integer, key_is_live boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT
AS $$
  SELECT t.embed_token_generation,
    EXISTS (SELECT 1 FROM api_keys k WHERE k.id = token_key_id AND k.revoked_at IS NULL AND (k.tenant_id IS NULL OR k.tenant_id = t.id))
  FROM tenants t WHERE t.id = token_tenant_id
$$;

DO $$
DECLARE signature text;
BEGIN
  EXECUTE format('GRANT parley_functions TO %I', current_user);
  EXECUTE format('GRANT USAGE, CREATE ON SCHEMA %I TO parley_functions', current_schema());
  FOREACH signature IN ARRAY ARRAY['read_signing_keys()', 'check_embed_token(text, uuid)'] LOOP
    EXECUTE format('ALTER FUNCTION %s OWNER TO parley_functions', signature);
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', signature);
  END LOOP;
  GRANT EXECUTE ON FUNCTION read_signing_keys() TO parley_tenant;
  EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM parley_functions', current_schema());
  EXECUTE format('REVOKE parley_functions FROM %I', current_user);
END $$;
