-- All origins that a tenant allows: a process keeps them, so that whoever makes up origins has the database asked nothing.
CREATE FUNCTION list_allowed_origins() RETURNS TABLE (origin text, tenant_id text)
LANGUAGE sql STABLE SECURITY DEFINER
AS $$
  SELECT page_origin, t.id FROM tenants t, unnest(t.allowed_origins) AS page_origin WHERE t.allowed_origins <> '{}'
$$;

DO $$
BEGIN
  EXECUTE format('ALTER FUNCTION list_allowed_origins() SET search_path = pg_catalog, %I, pg_temp', current_schema());
  EXECUTE format('GRANT parley_functions TO %I', current_user);
  EXECUTE format('GRANT USAGE, CREATE ON SCHEMA %I TO parley_functions', current_schema());
  ALTER FUNCTION list_allowed_origins() OWNER TO parley_functions;
  REVOKE ALL ON FUNCTION list_allowed_origins() FROM PUBLIC;
  EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM parley_functions', current_schema());
  EXECUTE format('REVOKE parley_functions FROM %I', current_user);
END $$;

-- is_allowed_origin() stays for the processes of the version before, which may serve until the last of them is replaced.
INSERT INTO migration_compatibility (migration_name, oldest_code_version)
  VALUES ('20261129093000_list_allowed_origins', '0.1.0');
