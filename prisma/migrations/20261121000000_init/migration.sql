-- The first tables, and the second wall between tenants: row-level security under roles that own nothing.
-- Written for PostgreSQL 15 upward. The layout is Prisma's own; src/database/migrate.ts applies it.

CREATE EXTENSION IF NOT EXISTS btree_gin;

-- Roles -------------------------------------------------------------------------------------------
-- Nobody logs in as these; the server's login role switches to one of the first two in each transaction.
--   parley_tenant     what a request may touch: rows of the tenant in app.tenant_id
--   parley_admin      the same, and tenants and API keys
--   parley_functions  owns the two functions below that must look past a policy; no role is its member
DO $$
DECLARE role_name text;
BEGIN
  FOREACH role_name IN ARRAY ARRAY['parley_tenant', 'parley_admin', 'parley_functions'] LOOP
    BEGIN
      EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS INHERIT', role_name);
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      NULL; -- roles are shared by all databases of a cluster: another one of ours made it
    END;
  END LOOP;
  IF NOT pg_has_role('parley_admin', 'parley_tenant', 'MEMBER') THEN
    BEGIN
      GRANT parley_tenant TO parley_admin;
    EXCEPTION WHEN unique_violation THEN
      NULL;
    END;
  END IF;
END $$;

-- Types -------------------------------------------------------------------------------------------

CREATE TYPE scope AS ENUM ('ANALYTICS_READ', 'CONVERSATIONS_READ', 'INTERNALS_READ', 'CONVERSATIONS_WRITE', 'CONVERSATIONS_ERASE', 'EMBED_TOKENS_CREATE', 'ADMIN');
CREATE TYPE agent_status AS ENUM ('DRAFT', 'ACTIVE', 'DEPRECATED', 'ARCHIVED');
CREATE TYPE conversation_status AS ENUM ('QUEUED', 'RINGING', 'ACTIVE', 'COMPLETED', 'ABANDONED', 'FAILED', 'DECLINED', 'MISSED');
CREATE TYPE channel AS ENUM ('CHAT', 'TICKET', 'VOICE', 'EMAIL', 'OTHER');
CREATE TYPE direction AS ENUM ('INBOUND', 'OUTBOUND', 'WEB');
CREATE TYPE outcome AS ENUM ('BOT_HANDLED', 'AGENT', 'EMAIL', 'CUSTOM_ESCALATION', 'FAILED_ESCALATION');
CREATE TYPE resolution AS ENUM ('INFORMED', 'RESOLVED', 'ESCALATED', 'UNDEFINED');
CREATE TYPE message_kind AS ENUM ('CHAT', 'TOOL', 'EVENT');
CREATE TYPE message_role AS ENUM ('SYSTEM', 'USER', 'ASSISTANT', 'HUMAN_AGENT');
CREATE TYPE visibility AS ENUM ('PUBLIC', 'INTERNAL');

-- The account's tables ----------------------------------------------------------------------------

CREATE TABLE tenants (
  id         text COLLATE "C" PRIMARY KEY,
  name       text NOT NULL,
  time_zone  text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now()
);

CREATE TABLE api_keys (
  id                         uuid PRIMARY KEY,
  tenant_id                  text COLLATE "C" REFERENCES tenants (id),
  name                       text NOT NULL,
  scopes                     scope[] NOT NULL,
  auto_create_tenants        boolean NOT NULL DEFAULT false,
  secret_hash                bytea NOT NULL,
  secret_last_four           text NOT NULL,
  previous_secret_hash       bytea,
  previous_secret_expires_at timestamptz(3),
  created_at                 timestamptz(3) NOT NULL DEFAULT now(),
  regenerated_at             timestamptz(3),
  last_used_at               timestamptz(3),
  expires_at                 timestamptz(3),
  revoked_at                 timestamptz(3)
);
CREATE INDEX api_keys_tenant ON api_keys (tenant_id);

-- A tenant's tables -------------------------------------------------------------------------------
-- tenant_id comes first in every primary and foreign key: no row can point at another tenant's, and
-- the tables can be distributed by tenant.

CREATE TABLE agents (
  tenant_id     text COLLATE "C" NOT NULL REFERENCES tenants (id),
  id            uuid NOT NULL,
  external_id   text,
  name          text NOT NULL,
  description   text,
  system_prompt text,
  model         text,
  tags          text[] NOT NULL DEFAULT '{}',
  status        agent_status NOT NULL DEFAULT 'ACTIVE',
  created_at    timestamptz(3) NOT NULL DEFAULT now(),
  updated_at    timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, external_id)
);

CREATE TABLE conversations (
  tenant_id                  text COLLATE "C" NOT NULL REFERENCES tenants (id),
  id                         uuid NOT NULL,
  external_id                text,
  status                     conversation_status NOT NULL,
  channel                    channel,
  direction                  direction,
  campaign                   text,
  is_test                    boolean NOT NULL DEFAULT false,
  end_user_id                text,
  company_name               text,
  language                   text,
  model                      text,
  labels                     text[] NOT NULL DEFAULT '{}',
  description                text,
  feedback                   text,
  metadata                   jsonb NOT NULL DEFAULT '{}',
  outcome                    outcome,
  resolution                 resolution,
  started_at                 timestamptz(3) NOT NULL,
  ended_at                   timestamptz(3),
  last_message_at            timestamptz(3),
  created_at                 timestamptz(3) NOT NULL DEFAULT now(),
  updated_at                 timestamptz(3) NOT NULL DEFAULT now(),
  recording_url              text,
  recording_content_type     text,
  recording_duration_seconds double precision,
  analysis                   jsonb,
  message_count              integer NOT NULL DEFAULT 0,
  system_message_count       integer NOT NULL DEFAULT 0,
  user_message_count         integer NOT NULL DEFAULT 0,
  assistant_message_count    integer NOT NULL DEFAULT 0,
  human_agent_message_count  integer NOT NULL DEFAULT 0,
  tool_call_count            integer NOT NULL DEFAULT 0,
  tool_error_count           integer NOT NULL DEFAULT 0,
  public_event_count         integer NOT NULL DEFAULT 0,
  internal_event_count       integer NOT NULL DEFAULT 0,
  not_understood_count       integer NOT NULL DEFAULT 0,
  token_count                integer NOT NULL DEFAULT 0,
  cost                       numeric(18, 9) NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, external_id)
) WITH (fillfactor = 85); -- an append updates the counts: room on the page keeps that update off the indexes

-- No index holds a column that an append changes, for the same reason.
CREATE INDEX conversations_by_start ON conversations (tenant_id, started_at, id);
CREATE INDEX conversations_by_end_user ON conversations (tenant_id, end_user_id, started_at, id) WHERE end_user_id IS NOT NULL;

CREATE TABLE conversation_agents (
  tenant_id       text COLLATE "C" NOT NULL,
  conversation_id uuid NOT NULL,
  agent_id        uuid NOT NULL,
  position        smallint NOT NULL,
  PRIMARY KEY (tenant_id, conversation_id, agent_id),
  FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, agent_id) REFERENCES agents (tenant_id, id)
);
CREATE INDEX conversation_agents_by_agent ON conversation_agents (tenant_id, agent_id, conversation_id);

-- The metadata's values, one row a value, so that a filter on a key nobody declared is answered from an index.
-- Not a GIN index on the JSON: its operators are not leakproof, and PostgreSQL leaves such an index unused
-- where row-level security applies. `path` is an RFC 6901 pointer, `value` sorts as the value does:
-- src/database/metadata-entries.ts writes and reads both.
CREATE TABLE conversation_metadata (
  tenant_id       text COLLATE "C" NOT NULL,
  conversation_id uuid NOT NULL,
  path            text COLLATE "C" NOT NULL,
  value           text COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant_id, conversation_id, path, value),
  FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX conversation_metadata_by_value ON conversation_metadata (tenant_id, path, value, conversation_id);
CREATE STATISTICS conversation_metadata_values (mcv, ndistinct) ON tenant_id, path, value FROM conversation_metadata;

CREATE TABLE messages (
  tenant_id         text COLLATE "C" NOT NULL,
  conversation_id   uuid NOT NULL,
  sequence          integer NOT NULL CHECK (sequence >= 0),
  id                uuid NOT NULL,
  kind              message_kind NOT NULL,
  "timestamp"       timestamptz(3) NOT NULL,
  agent_id          uuid,
  metadata          jsonb NOT NULL DEFAULT '{}',
  role              message_role,
  content           text,
  model             text,
  token_count       integer,
  cost              numeric(18, 9),
  latency_ms        double precision,
  rating            smallint CHECK (rating BETWEEN -1 AND 1),
  sentiment         double precision CHECK (sentiment BETWEEN -1 AND 1),
  language          text,
  translation       text,
  understood        boolean,
  intent_name       text,
  intent_meaningful boolean,
  participant_id    text,
  ended_at          timestamptz(3),
  name              text,
  input             jsonb,
  output            jsonb,
  thought           text,
  error             text,
  duration_ms       double precision,
  visibility        visibility,
  payload           jsonb,
  PRIMARY KEY (tenant_id, conversation_id, sequence),
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, agent_id) REFERENCES agents (tenant_id, id),
  CHECK (CASE kind
    WHEN 'CHAT' THEN role IS NOT NULL AND content IS NOT NULL
    WHEN 'TOOL' THEN name IS NOT NULL
    WHEN 'EVENT' THEN name IS NOT NULL AND visibility IS NOT NULL
  END)
);
CREATE INDEX messages_by_name ON messages (tenant_id, name, conversation_id) WHERE name IS NOT NULL;
CREATE INDEX messages_by_intent ON messages (tenant_id, intent_name, conversation_id) WHERE intent_name IS NOT NULL;
CREATE INDEX messages_by_text ON messages USING gin (tenant_id, to_tsvector('simple', content)) WHERE content IS NOT NULL;

CREATE TABLE idempotency_keys (
  tenant_id  text COLLATE "C" NOT NULL REFERENCES tenants (id),
  key        text COLLATE "C" NOT NULL,
  input_hash bytea NOT NULL,
  answer     jsonb,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, key)
);

-- The wall ----------------------------------------------------------------------------------------
-- With no tenant set, current_setting answers null or '', which equals no id: nothing is seen, nothing written.
-- The scalar sub-select is evaluated once a statement; the bare call was three times slower.

DO $$
DECLARE table_name text;
BEGIN
  FOREACH table_name IN ARRAY ARRAY['agents', 'conversations', 'conversation_agents', 'conversation_metadata', 'messages', 'idempotency_keys'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', table_name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', table_name);
    EXECUTE format($policy$CREATE POLICY own_tenant ON %I TO parley_tenant
      USING (tenant_id = (SELECT current_setting('app.tenant_id', true)))
      WITH CHECK (tenant_id = (SELECT current_setting('app.tenant_id', true)))$policy$, table_name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO parley_tenant', table_name);
  END LOOP;
END $$;

ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenants FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON tenants FOR SELECT TO parley_tenant USING (id = (SELECT current_setting('app.tenant_id', true)));
CREATE POLICY every_tenant ON tenants TO parley_admin USING (true) WITH CHECK (true);
CREATE POLICY known_tenant ON tenants FOR SELECT TO parley_functions USING (true);
GRANT SELECT ON tenants TO parley_tenant;
GRANT SELECT, INSERT, UPDATE ON tenants TO parley_admin;

-- API keys belong to the account: a tenant's role can't read the table at all.
GRANT SELECT, INSERT, UPDATE ON api_keys TO parley_admin;

-- The functions that look past a policy -------------------------------------------------------------
-- authenticate_api_key and touch_api_key run before a tenant is known. search_messages exists because full-text
-- search, like the JSON operators, can't use its index under a policy; it takes the tenant from the same setting as
-- the policies do and answers ids alone, whose rows the caller still reads through the wall.

GRANT SELECT (id) ON tenants TO parley_functions;
GRANT SELECT ON api_keys TO parley_functions;
GRANT UPDATE (last_used_at) ON api_keys TO parley_functions;
GRANT SELECT (tenant_id, conversation_id, role, content) ON messages TO parley_functions;
CREATE POLICY searched ON messages FOR SELECT TO parley_functions USING (true);

CREATE FUNCTION authenticate_api_key(key_id uuid, requested_tenant_id text)
RETURNS TABLE (
  tenant_id text, name text, scopes text[], auto_create_tenants boolean, secret_hash bytea, previous_secret_hash bytea,
  previous_secret_expires_at timestamptz, expires_at timestamptz, revoked_at timestamptz, tenant_exists boolean
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT
AS $$
  SELECT k.tenant_id, k.name, k.scopes::text[], k.auto_create_tenants, k.secret_hash, k.previous_secret_hash,
         k.previous_secret_expires_at, k.expires_at, k.revoked_at,
         EXISTS (SELECT 1 FROM tenants t WHERE t.id = requested_tenant_id)
  FROM api_keys k WHERE k.id = key_id
$$;

CREATE FUNCTION touch_api_key(key_id uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
  UPDATE api_keys k SET last_used_at = date_trunc('minute', now())
  WHERE k.id = key_id AND (k.last_used_at IS NULL OR k.last_used_at < date_trunc('minute', now()))
$$;

CREATE FUNCTION search_messages(query text, with_system boolean) RETURNS SETOF uuid
-- work_mem: a bitmap of a frequent word that does not fit is rechecked row by row, which took five times as long.
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT SET work_mem = '64MB'
AS $$
  SELECT DISTINCT m.conversation_id FROM messages m
  WHERE m.tenant_id = current_setting('app.tenant_id', true)
    AND to_tsvector('simple', m.content) @@ websearch_to_tsquery('simple', query)
    AND (with_system OR m.role <> 'SYSTEM')
$$;

DO $$
DECLARE signature text;
BEGIN
  EXECUTE format('GRANT parley_functions TO %I', current_user);
  EXECUTE format('GRANT USAGE, CREATE ON SCHEMA %I TO parley_functions', current_schema());
  FOREACH signature IN ARRAY ARRAY['authenticate_api_key(uuid, text)', 'touch_api_key(uuid)', 'search_messages(text, boolean)'] LOOP
    EXECUTE format('ALTER FUNCTION %s OWNER TO parley_functions', signature);
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', signature);
  END LOOP;
  GRANT EXECUTE ON FUNCTION search_messages(text, boolean) TO parley_tenant;
  EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM parley_functions', current_schema());
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO parley_tenant, parley_admin', current_schema());
  EXECUTE format('REVOKE parley_functions FROM %I', current_user);
END $$;
