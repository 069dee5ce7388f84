-- Open conversations that nothing is written to any more are closed as ABANDONED, if their tenant wants it so. 0: never.
ALTER TABLE tenants
  ADD COLUMN abandon_after_minutes integer NOT NULL DEFAULT 0 CHECK (abandon_after_minutes BETWEEN 0 AND 525600);
ALTER TABLE conversations ADD COLUMN is_abandoned_as_idle boolean NOT NULL DEFAULT false;

-- Finds those that have been idle for longest. It holds only open conversations.
CREATE INDEX conversations_open ON conversations (tenant_id, updated_at) WHERE ended_at IS NULL;

GRANT SELECT (abandon_after_minutes) ON tenants TO parley_functions;

CREATE FUNCTION list_abandoning_tenants() RETURNS TABLE (tenant_id text, after_minutes integer)
LANGUAGE sql STABLE SECURITY DEFINER
AS $$
  SELECT t.id, t.abandon_after_minutes FROM tenants t WHERE t.abandon_after_minutes > 0 ORDER BY t.id
$$;

DO $$
BEGIN
  EXECUTE format('ALTER FUNCTION list_abandoning_tenants() SET search_path = pg_catalog, %I, pg_temp', current_schema());
  EXECUTE format('GRANT parley_functions TO %I', current_user);
  EXECUTE format('GRANT USAGE, CREATE ON SCHEMA %I TO parley_functions', current_schema());
  ALTER FUNCTION list_abandoning_tenants() OWNER TO parley_functions;
  REVOKE ALL ON FUNCTION list_abandoning_tenants() FROM PUBLIC;
  EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM parley_functions', current_schema());
  EXECUTE format('REVOKE parley_functions FROM %I', current_user);
END $$;

-- Earlier versions would take a conversation that is only idle for one that its caller closed, which is what it looks like.
INSERT INTO migration_compatibility (migration_name, oldest_code_version)
  VALUES ('20261201110000_abandon_idle', '1.0.0');
