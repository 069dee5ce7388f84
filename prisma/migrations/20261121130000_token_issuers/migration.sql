-- Tokens that the SaaS product signs itself: whom it is trusted to be, and what ends such tokens.

CREATE TABLE token_issuers (
  id           uuid PRIMARY KEY,
  name         text,
  -- What its tokens say in "iss": by this a token is told apart before it is verified.
  issuer       text COLLATE "C" NOT NULL UNIQUE,
  audience     text NOT NULL,
  jwks_url     text,
  keys         jsonb,
  tenant_claim text NOT NULL,
  scopes       scope[] NOT NULL,
  created_at   timestamptz(3) NOT NULL DEFAULT now(),
  updated_at   timestamptz(3) NOT NULL DEFAULT now(),
  CHECK (num_nonnulls(jwks_url, keys) = 1)
);

-- They carry no generation, which only this server's own tokens do: what counts is when they were issued.
ALTER TABLE tenants ADD COLUMN embed_tokens_revoked_at timestamptz(3);

GRANT SELECT, INSERT, UPDATE, DELETE ON token_issuers TO parley_admin;
GRANT SELECT ON token_issuers TO parley_functions;
GRANT UPDATE (embed_tokens_revoked_at) ON tenants TO parley_tenant;
GRANT SELECT (embed_tokens_revoked_at) ON tenants TO parley_functions;

-- The issuer that a token names, and the tenant that one of the token's claims names: all that is needed to verify the
-- token, and to decide whether one that verifies is still taken. token_claims: a JSON object of the claims that are texts.
CREATE FUNCTION find_token_issuer(token_issuer text, token_claims text)
RETURNS TABLE (
  id uuid, name text, audience text, jwks_url text, keys jsonb, tenant_claim text, scopes text[],
  tenant_id text, embed_tokens_revoked_at timestamptz
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT
AS $$
  SELECT i.id, i.name, i.audience, i.jwks_url, i.keys, i.tenant_claim, i.scopes::text[], t.id, t.embed_tokens_revoked_at
  FROM token_issuers i LEFT JOIN tenants t ON t.id = token_claims::jsonb ->> i.tenant_claim
  WHERE i.issuer = token_issuer
$$;

DO $$
BEGIN
  EXECUTE format('GRANT parley_functions TO %I', current_user);
  EXECUTE format('GRANT USAGE, CREATE ON SCHEMA %I TO parley_functions', current_schema());
  ALTER FUNCTION find_token_issuer(text, text) OWNER TO parley_functions;
  REVOKE ALL ON FUNCTION find_token_issuer(text, text) FROM PUBLIC;
  EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM parley_functions', current_schema());
  EXECUTE format('REVOKE parley_functions FROM %I', current_user);
END $$;
