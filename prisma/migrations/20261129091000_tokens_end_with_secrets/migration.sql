-- A token for a browser ends with the secret that it was made with, which it names by a mark: a hash of the secret's hash.
-- What decides that beside the token is answered here; when, by the clock of whoever asks.
CREATE FUNCTION read_maker_of_token(token_tenant_id text, token_key_id uuid)
RETURNS TABLE (
  generation integer, key_is_live boolean, secret_mark text, regenerated_at timestamptz,
  previous_secret_mark text, previous_secret_expires_at timestamptz
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT
AS $$
BEGIN
  RETURN QUERY
    SELECT t.embed_token_generation, k.id IS NOT NULL, left(encode(sha256(k.secret_hash), 'hex'), 32), k.regenerated_at::timestamptz,
      left(encode(sha256(k.previous_secret_hash), 'hex'), 32), k.previous_secret_expires_at::timestamptz
    FROM tenants t LEFT JOIN api_keys k
      ON k.id = token_key_id AND k.revoked_at IS NULL AND (k.tenant_id IS NULL OR k.tenant_id = t.id)
    WHERE t.id = token_tenant_id;
END
$$;

DO $$
BEGIN
  EXECUTE format('GRANT parley_functions TO %I', current_user);
  EXECUTE format('GRANT USAGE, CREATE ON SCHEMA %I TO parley_functions', current_schema());
  EXECUTE format('ALTER FUNCTION read_maker_of_token(text, uuid) SET search_path = pg_catalog, %I, pg_temp', current_schema());
  ALTER FUNCTION read_maker_of_token(text, uuid) OWNER TO parley_functions;
  REVOKE ALL ON FUNCTION read_maker_of_token(text, uuid) FROM PUBLIC;
  EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM parley_functions', current_schema());
  EXECUTE format('REVOKE parley_functions FROM %I', current_user);
END $$;

-- 0.1.0 runs on: it asks check_embed_token() as before, and ends tokens with their keys only.
INSERT INTO migration_compatibility (migration_name, oldest_code_version)
  VALUES ('20261129091000_tokens_end_with_secrets', '0.1.0');
