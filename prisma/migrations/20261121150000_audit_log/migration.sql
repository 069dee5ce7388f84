-- The audit log: who did what to which object, when, from where. The server adds to it and changes nothing in it.

CREATE TYPE audit_actor_kind AS ENUM ('ACCOUNT_KEY', 'TENANT_KEY', 'EMBED_TOKEN', 'FOREIGN_TOKEN', 'NONE');
CREATE TYPE audit_action AS ENUM (
  'API_KEY_GENERATED', 'API_KEY_REGENERATED', 'API_KEY_REVOKED', 'TENANT_CREATED', 'TENANT_UPDATED',
  'EMBED_TOKEN_CREATED', 'EMBED_TOKENS_REVOKED', 'SIGNING_KEY_ROTATED',
  'TOKEN_ISSUER_REGISTERED', 'TOKEN_ISSUER_UPDATED', 'TOKEN_ISSUER_REMOVED',
  'CONVERSATION_DELETED', 'CREDENTIAL_USED', 'ACCOUNT_READ', 'DATA_WRITTEN'
);
CREATE TYPE audit_object_type AS ENUM ('API_KEY', 'TENANT', 'EMBED_TOKEN', 'SIGNING_KEY', 'TOKEN_ISSUER', 'CONVERSATION');
CREATE TYPE audit_outcome AS ENUM ('DONE', 'REFUSED');

-- No foreign keys: what an event says stays, whatever becomes of the key or the tenant. Ids are written as in the API.
CREATE TABLE audit_events (
  id             uuid PRIMARY KEY,
  at             timestamptz(3) NOT NULL DEFAULT now(),
  actor_kind     audit_actor_kind NOT NULL,
  actor_id       text COLLATE "C",
  actor_name     text,
  actor_subject  text,
  tenant_id      text COLLATE "C",
  action         audit_action NOT NULL,
  object_type    audit_object_type,
  object_id      text COLLATE "C",
  outcome        audit_outcome NOT NULL,
  error_code     text,
  request_id     text,
  client_address text,
  details        jsonb NOT NULL DEFAULT '{}',
  CHECK ((outcome = 'REFUSED') = (error_code IS NOT NULL))
);
CREATE INDEX audit_events_by_time ON audit_events (at, id);
CREATE INDEX audit_events_by_tenant ON audit_events (tenant_id, at, id);
CREATE INDEX audit_events_by_actor ON audit_events (actor_id, at, id);

-- A tenant's role adds events of its own tenant and reads none; an administrator's adds and reads. Nobody but the
-- owner of the table can change or remove one.
ALTER TABLE audit_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_events FORCE ROW LEVEL SECURITY;
CREATE POLICY add_own ON audit_events FOR INSERT TO parley_tenant
  WITH CHECK (tenant_id = (SELECT current_setting('app.tenant_id', true)));
CREATE POLICY add_any ON audit_events FOR INSERT TO parley_admin WITH CHECK (true);
CREATE POLICY read_any ON audit_events FOR SELECT TO parley_admin USING (true);
GRANT INSERT ON audit_events TO parley_tenant, parley_admin;
GRANT SELECT ON audit_events TO parley_admin;
