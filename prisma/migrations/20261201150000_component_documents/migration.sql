-- The tokens of an issuer can be limited to the documents of the web components.
ALTER TYPE token_documents ADD VALUE 'COMPONENTS';

-- An earlier version would accept any document with the token of such an issuer.
INSERT INTO migration_compatibility (migration_name, oldest_code_version)
  VALUES ('20261201150000_component_documents', '1.0.0');
