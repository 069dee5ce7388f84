-- The oldest version of the code that may run after each migration. Every migration from this one on inserts its own row, so
-- that the row is there exactly if the migration is.
CREATE TABLE migration_compatibility (
  migration_name      text PRIMARY KEY,
  oldest_code_version text NOT NULL CHECK (oldest_code_version ~ '^[0-9]{1,6}\.[0-9]{1,6}\.[0-9]{1,6}$')
);

-- 0.1.0 runs on: it does not know this table, and nothing that it knows is changed.
INSERT INTO migration_compatibility (migration_name, oldest_code_version)
  VALUES ('20261128120000_migration_compatibility', '0.1.0');
