import { createHash, randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Session } from '../../src/database/session.ts'
import { COUNTERS } from './verify.ts'

const DIRECTORY = join(import.meta.dirname, '../../prisma/migrations')

/** The last migration of the state that is planted: the next ones add sums to the conversations, and roll-ups. */
const LAST = '20261121180000_origins_and_rate_limits'

/** A database as an early version of Parley left it, with conversations; how many migrations it has. */
export async function makeOldDatabase(session: Session): Promise<number> {
  await session.execute(`
    CREATE TABLE _prisma_migrations (
      id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at timestamptz, migration_name varchar(255) NOT NULL,
      logs text, rolled_back_at timestamptz, started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0)`)
  const names = readdirSync(DIRECTORY)
    .sort()
    .filter((name) => name <= LAST)
  for (const name of names) await apply(session, name)
  await plantConversations(session)
  return names.length
}

async function apply(session: Session, name: string) {
  const sql = readFileSync(join(DIRECTORY, name, 'migration.sql'), 'utf8')
  await session.execute(sql)
  await session.query(
    `INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, applied_steps_count) VALUES ($1, $2, now(), $3, 1)`,
    [randomUUID(), createHash('sha256').update(sql).digest('hex'), name],
  )
}

export const PLANTED = { tenant: 'old', conversations: 2_000, messages: 4 }

/** Tags as `messagesOf` gives them. */
async function plantConversations(session: Session) {
  const { tenant, conversations, messages } = PLANTED
  await session.execute(`
    INSERT INTO tenants (id, name, time_zone) VALUES ('${tenant}', 'An old customer', 'UTC');
    INSERT INTO conversations (tenant_id, id, external_id, status, started_at, ended_at)
      SELECT '${tenant}', gen_random_uuid(), '${tenant}/' || i, 'COMPLETED', t, t + interval '1 minute'
      FROM generate_series(1, ${conversations}) i, LATERAL (SELECT timestamptz '2026-06-01' + i * interval '17 minutes' AS t) at;
    INSERT INTO messages (tenant_id, conversation_id, sequence, id, kind, "timestamp", role, content, cost, rating, latency_ms, sentiment, metadata)
      SELECT c.tenant_id, c.id, part, gen_random_uuid(), 'CHAT', c.started_at + part * interval '3 seconds',
        (ARRAY['USER', 'ASSISTANT'])[part % 2 + 1]::message_role, 'Hello', 0.0001 * part, part % 2, 0.7 * part, 0.1 * part,
        jsonb_build_object('tag', c.external_id, 'part', part)
      FROM conversations c, generate_series(0, ${messages - 1}) part`)
  const known = await session.query<{ name: string }>(
    `SELECT attname AS name FROM pg_attribute WHERE attrelid = 'conversations'::regclass AND attname = ANY ($1::text[])`,
    [Object.keys(COUNTERS)],
  )
  const counted = known.map(({ name }) => `${COUNTERS[name as keyof typeof COUNTERS]} AS ${name}`)
  await session.execute(`
    UPDATE conversations c SET ${known.map(({ name }) => `${name} = r.${name}`)}
    FROM (SELECT m.tenant_id, m.conversation_id, ${counted} FROM messages m GROUP BY 1, 2) r
    WHERE r.tenant_id = c.tenant_id AND r.conversation_id = c.id`)
}
