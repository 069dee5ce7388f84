-- Positions in the changes are told to browsers, and hold numbers of transactions: how much every tenant of the cluster
-- writes could be read from them. They are sealed with this key, which all processes share.

CREATE TABLE position_key (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  key      bytea NOT NULL
);
-- Of two random UUIDs: 244 random bits without an extension.
INSERT INTO position_key (key) VALUES (sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')));
GRANT SELECT ON position_key TO parley_functions;

CREATE FUNCTION read_position_key() RETURNS bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT
AS $$ SELECT key FROM position_key $$;

DO $$
BEGIN
  EXECUTE format('GRANT parley_functions TO %I', current_user);
  EXECUTE format('GRANT USAGE, CREATE ON SCHEMA %I TO parley_functions', current_schema());
  ALTER FUNCTION read_position_key() OWNER TO parley_functions;
  REVOKE ALL ON FUNCTION read_position_key() FROM PUBLIC;
  GRANT EXECUTE ON FUNCTION read_position_key() TO parley_tenant;
  EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM parley_functions', current_schema());
  EXECUTE format('REVOKE parley_functions FROM %I', current_user);
END $$;
