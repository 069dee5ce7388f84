-- Work on stored rows that is left to do after an upgrade, for each tenant: servers do it piece by piece, after everybody
-- else's work. A row is deleted when its work is done.
CREATE TABLE tenant_jobs (
  tenant_id text COLLATE "C" NOT NULL REFERENCES tenants (id),
  name      text COLLATE "C" NOT NULL,
  -- The last row that was done; NULL: none.
  after_id  uuid,
  PRIMARY KEY (tenant_id, name)
);

ALTER TABLE tenant_jobs ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenant_jobs FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON tenant_jobs TO parley_tenant
  USING (tenant_id = (SELECT current_setting('app.tenant_id', true)))
  WITH CHECK (tenant_id = (SELECT current_setting('app.tenant_id', true)));
GRANT SELECT, INSERT, UPDATE, DELETE ON tenant_jobs TO parley_tenant;

CREATE POLICY listed ON tenant_jobs FOR SELECT TO parley_functions USING (true);
GRANT SELECT (tenant_id, name) ON tenant_jobs TO parley_functions;

CREATE FUNCTION list_tenant_jobs() RETURNS TABLE (tenant_id text, name text)
LANGUAGE sql STABLE SECURITY DEFINER
AS $$
  SELECT j.tenant_id, j.name FROM tenant_jobs j ORDER BY j.tenant_id, j.name
$$;

DO $$
BEGIN
  EXECUTE format('ALTER FUNCTION list_tenant_jobs() SET search_path = pg_catalog, %I, pg_temp', current_schema());
  EXECUTE format('GRANT parley_functions TO %I', current_user);
  EXECUTE format('GRANT USAGE, CREATE ON SCHEMA %I TO parley_functions', current_schema());
  ALTER FUNCTION list_tenant_jobs() OWNER TO parley_functions;
  REVOKE ALL ON FUNCTION list_tenant_jobs() FROM PUBLIC;
  EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM parley_functions', current_schema());
  EXECUTE format('REVOKE parley_functions FROM %I', current_user);
END $$;

INSERT INTO migration_compatibility (migration_name, oldest_code_version)
  VALUES ('20261129183000_tenant_jobs', '0.1.0');
