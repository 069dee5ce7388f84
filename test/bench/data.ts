import { parseArgs } from 'node:util'
import pg from 'pg'
import { migrate } from '../../src/database/migrate.ts'
import { clientSession } from '../../src/database/session.ts'

/** Raised when what follows makes other rows: databases filled before are then made anew. */
export const DATA_VERSION = 2

const CONVERSATIONS = `
  INSERT INTO conversations (tenant_id, id, external_id, status, channel, direction, campaign, end_user_id, language, model,
    labels, metadata, outcome, resolution, started_at, ended_at, last_message_at, created_at, updated_at, message_count,
    user_message_count, assistant_message_count, tool_call_count, token_count, cost, priced_message_count, rating_count, rating_sum,
    sentiment_count, sentiment_sum, latency_count, latency_sum_ms)
  SELECT tenant, (lpad(to_hex((extract(epoch FROM started) * 1000)::bigint), 12, '0') || '7' || lpad(to_hex(n % 4096), 3, '0')
      || '8' || lpad(to_hex(n / 4096), 3, '0') || lpad(to_hex(n), 12, '0'))::uuid,
    'ext-' || n, (ARRAY['COMPLETED', 'COMPLETED', 'COMPLETED', 'ABANDONED', 'FAILED'])[1 + n % 5]::conversation_status,
    (ARRAY['CHAT', 'VOICE', 'EMAIL'])[1 + n % 3]::channel, (ARRAY['INBOUND', 'WEB'])[1 + n % 2]::direction, 'campaign-' || n % 7,
    'user-' || n % (5 + $1::int / 20), (ARRAY['en', 'de', 'pt-BR'])[1 + n % 3], (ARRAY['gpt-5', 'claude-5', 'gemini-3'])[1 + n % 3],
    ARRAY['label-' || n % 11], jsonb_build_object('plan', (ARRAY['free', 'pro', 'team', 'enterprise'])[1 + n / 100 % 4],
      'customer', 'c' || n / 100 % 5000, 'score', n % 1000, 'shop', jsonb_build_object('country', (ARRAY['DE', 'US', 'BR'])[1 + n % 3])),
    (ARRAY['BOT_HANDLED', 'HUMAN_AGENT', 'EMAIL', NULL])[1 + n % 4]::outcome, (ARRAY['RESOLVED', 'INFORMED', NULL])[1 + n % 3]::resolution,
    started, started + interval '3 minutes', started + interval '3 minutes', started, started, 6, 3, 2, 1, 240, 0.003, 2, 1, 1,
    3, 0.75, 2, 1600
  FROM (SELECT n, 't' || lpad((CASE WHEN n % 10 < 3 THEN 0 ELSE n / 10 % 99 + 1 END)::text, 3, '0') AS tenant,
          timestamptz '2024-11-01' + (n * 15485863::bigint % 63072000) * interval '1 second' AS started
        FROM generate_series($2::int, $3::int) AS n) drawn`

const MESSAGES = `
  INSERT INTO messages (tenant_id, conversation_id, sequence, id, kind, "timestamp", role, content, token_count, cost, latency_ms,
    sentiment, rating, name, input, output)
  SELECT c.tenant_id, c.id, s, (left(c.id::text, 24) || lpad(to_hex(s), 2, '0') || right(c.id::text, 10))::uuid,
    (CASE WHEN s = 3 THEN 'TOOL' ELSE 'CHAT' END)::message_kind, c.started_at + s * interval '30 seconds',
    (CASE WHEN s = 3 THEN NULL WHEN s % 2 = 0 THEN 'USER' ELSE 'ASSISTANT' END)::message_role,
    CASE WHEN s <> 3 THEN 'Message ' || s || ' about order ' || c.external_id || ': ' || (ARRAY['where is my parcel and when will it arrive',
      'I would like to change the address of my delivery please', 'your order has left our warehouse this morning', 'thank you very much for the quick help'])[1 + (s + c.message_count) % 4] END,
    CASE WHEN s <> 3 THEN 48 END, CASE WHEN s IN (1, 5) THEN 0.0015 END, CASE WHEN s IN (1, 5) THEN 800 END,
    CASE WHEN s % 2 = 0 THEN 0.25 END, CASE WHEN s = 5 THEN 1 END, CASE WHEN s = 3 THEN 'find_order' END,
    CASE WHEN s = 3 THEN '{"query": "order"}'::jsonb END, CASE WHEN s = 3 THEN '{"found": true}'::jsonb END
  FROM conversations c, generate_series(0, 5) AS s WHERE c.external_id = ANY ($1)`

/** The entries that src/metadata/metadata-entries.ts would write for the metadata above. */
const ENTRIES = `
  INSERT INTO conversation_metadata (tenant_id, conversation_id, path, value)
  SELECT c.tenant_id, c.id, e.path, e.value FROM conversations c, LATERAL (VALUES
    ('/plan', 's' || (c.metadata ->> 'plan')), ('/customer', 's' || (c.metadata ->> 'customer')), ('/shop', 'o'),
    ('/shop/country', 's' || (c.metadata #>> '{shop,country}')),
    ('/score', 'd' || encode(set_byte(float8send((c.metadata ->> 'score')::float8), 0, get_byte(float8send((c.metadata ->> 'score')::float8), 0) # 128), 'hex'))
  ) AS e (path, value) WHERE c.external_id = ANY ($1)`

/** One conversation of 200 messages for each of the first 20 tenants, before all others, so that no page of the newest has it. */
const LONG_CONVERSATIONS = `
  INSERT INTO conversations (tenant_id, id, external_id, status, channel, metadata, started_at, ended_at, last_message_at,
    created_at, updated_at, message_count, user_message_count, assistant_message_count)
  SELECT 't' || lpad(n::text, 3, '0'), ('01924500-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'long-' || n, 'COMPLETED', 'CHAT',
    '{"plan": "pro"}', started, started + interval '100 minutes', started + interval '100 minutes', started, started, 200, 100, 100
  FROM generate_series(0, 19) AS n, (VALUES (timestamptz '2024-10-01')) AS at (started)`

const LONG_MESSAGES = `
  INSERT INTO messages (tenant_id, conversation_id, sequence, id, kind, "timestamp", role, content)
  SELECT c.tenant_id, c.id, s, (left(c.id::text, 24) || lpad(to_hex(s), 4, '0') || right(c.id::text, 8))::uuid, 'CHAT',
    c.started_at + s * interval '30 seconds', (ARRAY['USER', 'ASSISTANT'])[1 + s % 2]::message_role,
    'Message ' || s || ' of a long conversation: ' || (ARRAY['where is my parcel and when will it arrive',
      'your order has left our warehouse this morning'])[1 + s % 2]
  FROM conversations c, generate_series(0, 199) AS s WHERE c.external_id LIKE 'long-%'`

/** Words as search makes them of plain English. */
const WORDS = `
  UPDATE messages SET search_version = 1, search_words = regexp_replace(' ' || lower(content) || ' ', '[^a-z0-9]+', ' ', 'g')
  WHERE content IS NOT NULL`

const LONG_ENTRIES = `
  INSERT INTO conversation_metadata (tenant_id, conversation_id, path, value)
  SELECT tenant_id, id, '/plan', 'spro' FROM conversations WHERE external_id LIKE 'long-%'`

const STEP = 20_000

/**
 * Fills an empty PostgreSQL database with tenants of uneven size, for measuring; `url` is its owner's.
 *
 * 100 tenants (`t000` … `t099`), the first with 30 % of the conversations; six messages each, over two years;
 * metadata with a common value (`plan`: a quarter each), a rare one (`customer`: 1 in 5,000), a number and a nested one.
 * Everything is drawn from the row's number, so that two runs make the same rows.
 */
export async function fill(url: string, size: number): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await migrate(clientSession(client))
  await client.query(
    `INSERT INTO tenants (id, name, time_zone) SELECT 't' || lpad(n::text, 3, '0'), 'Tenant ' || n, 'UTC' FROM generate_series(0, 99) n ON CONFLICT DO NOTHING`,
  )
  await client.query('SET synchronous_commit = off')
  // Made once at the end: kept while loading, it takes most of the time.
  const { rows } = await client.query<{ sql: string }>(`SELECT pg_get_indexdef('messages_by_words'::regclass) AS sql`)
  await client.query('DROP INDEX messages_by_words')
  // What is loaded gets its words below.
  await client.query('ALTER TABLE messages DISABLE TRIGGER index_inserted')
  // Only while loading: each step looks its conversations up again.
  await client.query('CREATE INDEX loading ON conversations (external_id)')
  for (let from = 0; from < size; from += STEP) {
    const to = Math.min(from + STEP, size) - 1
    const ids = Array.from({ length: to - from + 1 }, (_, i) => `ext-${from + i}`)
    await client.query(CONVERSATIONS, [size, from, to])
    await client.query(MESSAGES, [ids])
    await client.query(ENTRIES, [ids])
    process.stderr.write(`\r${to + 1} of ${size} conversations`)
  }
  process.stderr.write('\n')
  for (const statement of [LONG_CONVERSATIONS, LONG_MESSAGES, LONG_ENTRIES]) await client.query(statement)
  await client.query('DROP INDEX loading')
  await client.query(WORDS)
  await client.query('ALTER TABLE messages ENABLE TRIGGER index_inserted')
  for (const { sql } of rows) await client.query(sql)
  // What was loaded is news to nobody.
  await client.query('TRUNCATE conversation_changes')
  await client.query('VACUUM ANALYZE')
  await client.end()
}

/** By itself: `node test/bench/data.ts --url postgres://owner@localhost/parley_bench [--size 1000000]` */
if (import.meta.main) {
  const { values } = parseArgs({ options: { url: { type: 'string' }, size: { type: 'string', default: '1000000' } } })
  if (!values.url) throw new Error('--url is missing')
  await fill(values.url, Number(values.size))
}
