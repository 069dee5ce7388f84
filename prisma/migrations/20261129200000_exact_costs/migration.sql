-- Costs are kept with all the decimals that they have. To leave their scale open changes the catalog alone: no table is
-- rewritten or read.
ALTER TABLE messages ALTER COLUMN cost TYPE numeric;
ALTER TABLE conversations ALTER COLUMN cost TYPE numeric;
ALTER TABLE conversation_rollups ALTER COLUMN cost TYPE numeric;

INSERT INTO migration_compatibility (migration_name, oldest_code_version)
  VALUES ('20261129200000_exact_costs', '0.1.0');
