-- Documents by their hashes. A token that is limited to registered documents may send nothing else.
CREATE TABLE trusted_documents (
  tenant_id  text COLLATE "C" NOT NULL REFERENCES tenants (id),
  id         uuid NOT NULL,
  -- Of the text as it was sent, in lower-case hexadecimal.
  sha256     text COLLATE "C" NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  document   text NOT NULL,
  name       text,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, sha256)
);

ALTER TABLE trusted_documents ENABLE ROW LEVEL SECURITY;
ALTER TABLE trusted_documents FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON trusted_documents TO parley_tenant
  USING (tenant_id = (SELECT current_setting('app.tenant_id', true)))
  WITH CHECK (tenant_id = (SELECT current_setting('app.tenant_id', true)));
GRANT SELECT, INSERT, UPDATE, DELETE ON trusted_documents TO parley_tenant;

-- Those of the account, for all of its tenants. A table of its own, because a policy that showed a tenant more than its own
-- rows would be refused at the start. It holds nothing of any tenant.
CREATE TABLE account_documents (
  id         uuid PRIMARY KEY,
  sha256     text COLLATE "C" NOT NULL UNIQUE CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  document   text NOT NULL,
  name       text,
  created_at timestamptz(3) NOT NULL DEFAULT now()
);
GRANT SELECT ON account_documents TO parley_tenant;
GRANT SELECT, INSERT, DELETE ON account_documents TO parley_admin;

CREATE TYPE token_documents AS ENUM ('ANY', 'REGISTERED');
ALTER TABLE token_issuers ADD COLUMN documents token_documents NOT NULL DEFAULT 'ANY';

ALTER TYPE audit_action ADD VALUE 'DOCUMENTS_REGISTERED';
ALTER TYPE audit_action ADD VALUE 'DOCUMENTS_DELETED';
ALTER TYPE audit_object_type ADD VALUE 'DOCUMENT';

-- The same as before, with one more column. The serving role is granted it again after the migrations.
DO $$
BEGIN
  EXECUTE format('GRANT parley_functions TO %I', current_user);
  EXECUTE format('GRANT CREATE ON SCHEMA %I TO parley_functions', current_schema());
END $$;

DROP FUNCTION find_token_issuer(text, text);
CREATE FUNCTION find_token_issuer(token_issuer text, token_claims text)
RETURNS TABLE (
  id uuid, name text, audience text, jwks_url text, keys jsonb, tenant_claim text, scopes text[], documents text,
  tenant_id text, embed_tokens_revoked_at timestamptz
)
LANGUAGE plpgsql STABLE SECURITY DEFINER
AS $$
BEGIN
  RETURN QUERY
    SELECT i.id, i.name, i.audience, i.jwks_url, i.keys, i.tenant_claim, i.scopes::text[], i.documents::text,
      t.id, t.embed_tokens_revoked_at::timestamptz
    FROM token_issuers i LEFT JOIN tenants t ON t.id = token_claims::jsonb ->> i.tenant_claim
    WHERE i.issuer = token_issuer;
END
$$;

DO $$
BEGIN
  EXECUTE format('ALTER FUNCTION find_token_issuer(text, text) SET search_path = pg_catalog, %I, pg_temp', current_schema());
  ALTER FUNCTION find_token_issuer(text, text) OWNER TO parley_functions;
  REVOKE ALL ON FUNCTION find_token_issuer(text, text) FROM PUBLIC;
  EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM parley_functions', current_schema());
  EXECUTE format('REVOKE parley_functions FROM %I', current_user);
END $$;

-- An earlier version would accept any document with the token of an issuer that is limited to registered ones.
INSERT INTO migration_compatibility (migration_name, oldest_code_version)
  VALUES ('20261201130000_trusted_documents', '1.0.0');
