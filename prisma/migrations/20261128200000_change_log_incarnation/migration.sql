-- Resume tokens hold numbers of transactions. In another database, or in this one after it was restored, the same numbers
-- are other transactions, and a token that was accepted there would silently lose changes. So a token also says which
-- database made it, and in which of its lives.

-- A copy of an embedded directory has everything in common with the directory. Whoever restores one replaces this.
ALTER TABLE position_key ADD COLUMN incarnation uuid NOT NULL DEFAULT gen_random_uuid();

-- The cluster, the database in it (a dump that is restored makes another), the timeline (a restore to a point in time or a
-- failover begins another), and the incarnation.
CREATE FUNCTION read_change_log(OUT sealing_key bytea, OUT identity text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT
AS $$
  SELECT p.key, concat_ws('/',
    (SELECT system_identifier FROM pg_control_system()),
    (SELECT oid FROM pg_database WHERE datname = current_database()),
    left(pg_walfile_name(pg_current_wal_lsn()), 8),
    p.incarnation)
  FROM position_key p
$$;

DO $$
BEGIN
  EXECUTE format('GRANT parley_functions TO %I', current_user);
  EXECUTE format('GRANT USAGE, CREATE ON SCHEMA %I TO parley_functions', current_schema());
  ALTER FUNCTION read_change_log() OWNER TO parley_functions;
  REVOKE ALL ON FUNCTION read_change_log() FROM PUBLIC;
  GRANT EXECUTE ON FUNCTION read_change_log() TO parley_tenant;
  EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM parley_functions', current_schema());
  EXECUTE format('REVOKE parley_functions FROM %I', current_user);
END $$;

-- read_position_key() stays for the processes of the version before, which may serve until the last of them is replaced.

-- 0.1.0 runs on: it reads the key as before. Its resume tokens expire when this version answers them.
INSERT INTO migration_compatibility (migration_name, oldest_code_version)
  VALUES ('20261128200000_change_log_incarnation', '0.1.0');
