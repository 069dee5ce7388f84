-- What a tenant has redacted besides: phone numbers, IBANs, and what matches its own patterns.
ALTER TABLE tenants
  ADD COLUMN redacts_phone_numbers boolean NOT NULL DEFAULT false,
  ADD COLUMN phone_region          text,
  ADD COLUMN redacts_ibans         boolean NOT NULL DEFAULT false,
  ADD COLUMN redaction_patterns    jsonb   NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(redaction_patterns) = 'array');

-- Earlier versions ignore the new columns, and so would store what a tenant wants redacted.
INSERT INTO migration_compatibility (migration_name, oldest_code_version)
  VALUES ('20261201134000_redaction_options', '1.0.0');
