-- What Parley fills in where the caller said nothing, what it takes out before storing, and which of it a tenant wants.

ALTER TABLE tenants
  ADD COLUMN derives_sentiment      boolean NOT NULL DEFAULT true,
  ADD COLUMN derives_language       boolean NOT NULL DEFAULT true,
  ADD COLUMN derives_token_count    boolean NOT NULL DEFAULT true,
  ADD COLUMN derives_cost           boolean NOT NULL DEFAULT true,
  ADD COLUMN redacts_personal_data  boolean NOT NULL DEFAULT true;

CREATE TYPE derived_field AS ENUM ('SENTIMENT', 'LANGUAGE', 'TOKEN_COUNT', 'COST');

-- How many of each kind were taken out: {"emailAddresses": 2}; null where there was nothing.
ALTER TABLE messages
  ADD COLUMN derived    derived_field[] NOT NULL DEFAULT '{}',
  ADD COLUMN redactions jsonb CHECK (jsonb_typeof(redactions) = 'object');
