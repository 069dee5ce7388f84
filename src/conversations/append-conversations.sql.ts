import { Prisma } from '../database/generated/client/client.ts'
import type { ConversationStatus } from '../database/generated/client/enums.ts'
import type { Statements } from '../database/sql-transactions.ts'
import { ownRows } from '../database/tenant-scope.ts'
import { type MessageTotals, type NewMessageRow, totalsOf } from '../messages/message-row.ts'
import { metadataEntries } from '../metadata/metadata-entries.ts'
import { SETTINGS } from '../tenants/tenant-settings.sql.ts'
import { MESSAGE_COLUMNS } from './insert-conversations.sql.ts'
import type { UserLanguages } from './user-languages.ts'
import { knownAgents, type PrerequisiteKeys, type WritePrerequisites } from './write-prerequisites.sql.ts'

/** What must be known before conversations are appended to. They are locked until the end of the transaction. */
export interface AppendPrerequisites extends WritePrerequisites {
  conversations: OpenRow[]
  /** Agents that took part and have a model, in their order. */
  models: { conversationId: string; id: string; model: string }[]
}

export interface OpenRow {
  id: string
  externalId: string | null
  status: ConversationStatus
  messageCount: number
  tokenCount: number
  /** US dollars, rounded to a double. */
  cost: number
  endUserId: string | null
  model: string | null
  givenLanguage: string | null
  userLanguages: UserLanguages
  /** Times are ISO 8601. */
  givenStartedAt: string | null
  firstKnownAt: string | null
  lastKnownAt: string | null
  lastEntryAt: string | null
  isLive: boolean
  /** Closed only because nothing came any more. */
  isAbandonedAsIdle: boolean
  /** Below RULES_VERSION, the columns from `givenLanguage` on are not filled in yet. */
  rulesVersion: number
  /** Null if it was not requested. */
  metadata: Record<string, unknown> | null
}

const { sql, raw, join } = Prisma

export async function loadAppendPrerequisites(
  db: Statements,
  tenantId: string,
  keys: PrerequisiteKeys & { ids: readonly string[]; withMetadata: boolean },
): Promise<AppendPrerequisites> {
  const [row] = await db.run<{ prerequisites: AppendPrerequisites }>(sql`
    WITH locked AS MATERIALIZED (
      SELECT c.id, c.external_id AS "externalId", c.status, c.message_count AS "messageCount", c.token_count AS "tokenCount", c.cost,
        c.end_user_id AS "endUserId", c.model, c.given_language AS "givenLanguage", c.user_languages AS "userLanguages",
        c.given_started_at AS "givenStartedAt", c.first_known_at AS "firstKnownAt",
        c.last_known_at AS "lastKnownAt", c.last_entry_at AS "lastEntryAt", c.is_live AS "isLive",
        c.is_abandoned_as_idle AS "isAbandonedAsIdle", c.rules_version AS "rulesVersion",
        ${raw(keys.withMetadata ? 'c.metadata' : 'NULL')} AS metadata
      FROM conversations c
      -- Only by id: with an OR of two keys, PostgreSQL uses neither index if the tenant seems small.
      WHERE ${ownRows(tenantId, 'c')} AND c.id = ANY (ARRAY(
        SELECT unnest(${keys.ids}::uuid[]) UNION ALL
        SELECT e.id FROM conversations e WHERE ${ownRows(tenantId, 'e')} AND e.external_id = ANY (${keys.externalIds}::text[])))
      -- Always in the same order, so that transactions never deadlock. The lock is that of the update that follows: it
      -- lets others look up the key of the row, as inserted messages do.
      ORDER BY c.id FOR NO KEY UPDATE ${raw(db.skipsLockedRows ? 'SKIP LOCKED' : '')}
    )
    SELECT jsonb_build_object('settings', ${SETTINGS}, 'agents', ${knownAgents(tenantId, keys)},
      'conversations', coalesce((SELECT jsonb_agg(to_jsonb(l)) FROM locked l), '[]'),
      'models', coalesce((
        SELECT jsonb_agg(jsonb_build_object('conversationId', k.conversation_id, 'id', a.id, 'model', a.model) ORDER BY k.position)
        FROM conversation_agents k JOIN agents a ON a.tenant_id = k.tenant_id AND a.id = k.agent_id
        WHERE ${ownRows(tenantId, 'k')} AND k.conversation_id IN (SELECT id FROM locked) AND a.model IS NOT NULL
      ), '[]')) AS prerequisites
    FROM tenants t WHERE t.id = ${tenantId}`)
  if (!row) throw new Error('the tenant of this transaction does not exist')
  return row.prerequisites
}

/** Which of these conversations exist, whether another transaction has locked them or not. */
export async function loadExisting(
  db: Statements,
  tenantId: string,
  { ids, externalIds }: { ids: readonly string[]; externalIds: readonly string[] },
): Promise<{ id: string; externalId: string | null }[]> {
  return db.run(sql`
    SELECT c.id::text AS id, c.external_id AS "externalId" FROM conversations c
    WHERE ${ownRows(tenantId, 'c')} AND c.id = ANY (ARRAY(
      SELECT unnest(${[...ids]}::uuid[]) UNION ALL
      SELECT e.id FROM conversations e WHERE ${ownRows(tenantId, 'e')} AND e.external_id = ANY (${[...externalIds]}::text[])))`)
}

/** Which of these external ids the entries of these conversations have. */
export const loadEntryIds = (
  db: Statements,
  tenantId: string,
  ids: readonly string[],
  externalIds: readonly string[],
): Promise<{ conversationId: string; externalId: string }[]> =>
  db.run(sql`
    SELECT m.conversation_id::text AS "conversationId", m.external_id AS "externalId" FROM messages m
    WHERE ${ownRows(tenantId, 'm')} AND m.external_id = ANY (${[...externalIds]}::text[])
      AND m.conversation_id = ANY (${[...ids]}::uuid[])`)

/** What is added to a locked conversation. */
export interface Appended {
  /** UUID. */
  id: string
  messages: (NewMessageRow & { sequence: number })[]
  /** Null: no change. */
  status: ConversationStatus | null
  /** As given now; null: no change. */
  givenEndedAt: Date | null
  /** Of all entries, including earlier ones. */
  firstKnownAt: Date | null
  lastKnownAt: Date | null
  lastEntryAt: Date | null
  language: string | null
  userLanguages: UserLanguages
  /** The whole metadata, including what is new; null: no change. */
  metadata: Record<string, unknown> | null
  /** For conversations that have none yet; null: no change. */
  endUserId: string | null
  model: string | null
  /** UUIDs, in order. Agents that are already linked keep their position. */
  agentIds: readonly string[]
}

/** One statement per table, however many conversations there are. All are sent together. */
export async function writeAppended(db: Statements, tenantId: string, appended: readonly Appended[]): Promise<void> {
  const changes = appended.map(
    ({ id, messages, status, metadata, endUserId, model, language, userLanguages, ...times }) => ({
      ...{ ...totalsOf(messages), id, status, metadata, end_user_id: endUserId, model, language },
      ...{ user_languages: userLanguages, given_ended_at: times.givenEndedAt, last_entry_at: times.lastEntryAt },
      ...{ first_known_at: times.firstKnownAt, last_known_at: times.lastKnownAt },
    }),
  )
  const messages = appended.flatMap((one) => one.messages.map((row) => ({ ...row, conversation_id: one.id })))
  await Promise.all([
    db.run(sql`
      UPDATE conversations c SET ${join(sums())}, last_message_at = greatest(c.last_message_at, d.last_message_at),
        end_user_id = coalesce(c.end_user_id, d.end_user_id), model = coalesce(c.model, d.model),
        updated_at = now(), status = coalesce(d.status, c.status),
        is_abandoned_as_idle = c.is_abandoned_as_idle AND d.status IS NULL, metadata = coalesce(d.metadata, c.metadata),
        language = d.language, user_languages = d.user_languages,
        -- What goes on after it was idle has no end any more. What was closed keeps its own.
        given_ended_at = CASE WHEN c.is_abandoned_as_idle AND d.status IS NOT NULL THEN d.given_ended_at
          WHEN d.status = c.status THEN coalesce(c.given_ended_at, d.given_ended_at)
          ELSE coalesce(d.given_ended_at, c.given_ended_at) END,
        first_known_at = d.first_known_at, last_known_at = d.last_known_at, last_entry_at = d.last_entry_at
      FROM jsonb_populate_recordset(NULL::conversations, ${JSON.stringify(changes)}::jsonb) d
      -- The ids are given twice: with only the join, PostgreSQL searches all conversations if the tenant seems small.
      WHERE ${ownRows(tenantId, 'c')} AND c.id = ANY (${appended.map(({ id }) => id)}::uuid[]) AND c.id = d.id`),
    db.run(sql`
      INSERT INTO messages (tenant_id, conversation_id, sequence, ${raw(MESSAGE_COLUMNS)})
      SELECT ${tenantId}, conversation_id, sequence, ${raw(MESSAGE_COLUMNS)}
      FROM jsonb_populate_recordset(NULL::messages, ${JSON.stringify(messages)}::jsonb)`),
    ...linkAgents(db, tenantId, appended),
    ...replaceEntries(db, tenantId, appended),
  ])
}

function sums(): Prisma.Sql[] {
  const { last_message_at, ...counts }: MessageTotals = totalsOf([])
  return Object.keys(counts).map((name) => raw(`${name} = c.${name} + d.${name}`))
}

/** Adds links after the existing ones, which do not change. Returns the statements in progress. */
export function linkAgents(db: Statements, tenantId: string, to: readonly Pick<Appended, 'id' | 'agentIds'>[]) {
  const links = to.flatMap(({ id, agentIds }) =>
    agentIds.map((agent_id, i) => ({ conversation_id: id, agent_id, position: i + 1 })),
  )
  if (links.length === 0) return []
  return [
    db.run(sql`
      INSERT INTO conversation_agents (tenant_id, conversation_id, agent_id, position)
      SELECT ${tenantId}, g.conversation_id, g.agent_id, g.position + (
        SELECT coalesce(max(a.position), 0) FROM conversation_agents a
        WHERE ${ownRows(tenantId, 'a')} AND a.conversation_id = g.conversation_id)
      FROM jsonb_populate_recordset(NULL::conversation_agents, ${JSON.stringify(links)}::jsonb) g
      ON CONFLICT DO NOTHING`),
  ]
}

/** Replaces the index entries of metadata. */
export function replaceEntries(db: Statements, tenantId: string, of: readonly Pick<Appended, 'id' | 'metadata'>[]) {
  const changed = of.filter(({ metadata }) => metadata !== null)
  if (changed.length === 0) return []
  const entries = changed.flatMap(({ id, metadata }) =>
    metadataEntries(metadata ?? {}).map((entry) => ({ conversation_id: id, ...entry })),
  )
  return [
    db.run(sql`
      DELETE FROM conversation_metadata e
      WHERE ${ownRows(tenantId, 'e')} AND e.conversation_id = ANY (${changed.map(({ id }) => id)}::uuid[])`),
    db.run(sql`
      INSERT INTO conversation_metadata (tenant_id, conversation_id, path, value)
      SELECT ${tenantId}, conversation_id, path, value
      FROM jsonb_populate_recordset(NULL::conversation_metadata, ${JSON.stringify(entries)}::jsonb)`),
  ]
}

/** The UUIDs of the messages of each conversation, in order. */
export async function messageIdsOf(db: Statements, tenantId: string, ids: readonly string[]) {
  const rows = await db.run<{ conversation_id: string; ids: string[] }>(sql`
    SELECT m.conversation_id::text AS conversation_id, array_agg(m.id::text ORDER BY m.sequence) AS ids FROM messages m
    WHERE ${ownRows(tenantId, 'm')} AND m.conversation_id = ANY (${[...ids]}::uuid[]) GROUP BY m.conversation_id`)
  return new Map(rows.map((row) => [row.conversation_id, row.ids]))
}
