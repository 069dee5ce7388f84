-- The functions that every request asks first, in PL/pgSQL: a connection plans them once. One in SQL that runs as another
-- role is planned at each call, which took longer than the look-up.

DO $$
BEGIN
  EXECUTE format('GRANT parley_functions TO %I', current_user);
  EXECUTE format('GRANT CREATE ON SCHEMA %I TO parley_functions', current_schema());
END $$;

CREATE OR REPLACE FUNCTION authenticate_api_key(key_id uuid, requested_tenant_id text)
RETURNS TABLE (
  tenant_id text, name text, scopes text[], auto_create_tenants boolean, secret_hash bytea, previous_secret_hash bytea,
  previous_secret_expires_at timestamptz, expires_at timestamptz, revoked_at timestamptz, tenant_exists boolean
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT
AS $$
BEGIN
  RETURN QUERY
    SELECT k.tenant_id, k.name, k.scopes::text[], k.auto_create_tenants, k.secret_hash, k.previous_secret_hash,
           k.previous_secret_expires_at::timestamptz, k.expires_at::timestamptz, k.revoked_at::timestamptz,
           EXISTS (SELECT 1 FROM tenants t WHERE t.id = requested_tenant_id)
    FROM api_keys k WHERE k.id = key_id;
END
$$;

CREATE OR REPLACE FUNCTION check_embed_token(token_tenant_id text, token_key_id uuid)
RETURNS TABLE (generation integer, key_is_live boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT
AS $$
BEGIN
  RETURN QUERY
    SELECT t.embed_token_generation,
      EXISTS (SELECT 1 FROM api_keys k WHERE k.id = token_key_id AND k.revoked_at IS NULL AND (k.tenant_id IS NULL OR k.tenant_id = t.id))
    FROM tenants t WHERE t.id = token_tenant_id;
END
$$;

CREATE OR REPLACE FUNCTION find_token_issuer(token_issuer text, token_claims text)
RETURNS TABLE (
  id uuid, name text, audience text, jwks_url text, keys jsonb, tenant_claim text, scopes text[],
  tenant_id text, embed_tokens_revoked_at timestamptz
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT
AS $$
BEGIN
  RETURN QUERY
    SELECT i.id, i.name, i.audience, i.jwks_url, i.keys, i.tenant_claim, i.scopes::text[], t.id, t.embed_tokens_revoked_at::timestamptz
    FROM token_issuers i LEFT JOIN tenants t ON t.id = token_claims::jsonb ->> i.tenant_claim
    WHERE i.issuer = token_issuer;
END
$$;

DO $$
BEGIN
  EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM parley_functions', current_schema());
  EXECUTE format('REVOKE parley_functions FROM %I', current_user);
END $$;
