-- Temporary objects are looked up first unless pg_temp is named, and "$user" is whatever schema has the role's name. Whoever
-- calls a function that looks past a policy could have put a table or view there, and the function would have used it.
DO $$
DECLARE signature regprocedure;
BEGIN
  EXECUTE format('GRANT parley_functions TO %I', current_user);
  FOR signature IN
    SELECT p.oid FROM pg_proc p
    WHERE p.pronamespace = current_schema()::regnamespace AND (p.proowner = 'parley_functions'::regrole
      OR p.proname IN ('note_conversation_change', 'rollup_slot') OR p.proname LIKE 'roll\_up\_conversation\_%')
  LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = pg_catalog, %I, pg_temp', signature, current_schema());
  END LOOP;
  EXECUTE format('REVOKE parley_functions FROM %I', current_user);
END $$;

-- 0.1.0 runs on: it calls the same functions, and makes nothing temporary.
INSERT INTO migration_compatibility (migration_name, oldest_code_version)
  VALUES ('20261129090000_pinned_search_paths', '0.1.0');
