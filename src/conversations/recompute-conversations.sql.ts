import { Prisma } from '../database/generated/client/client.ts'
import type { Statements } from '../database/sql-transactions.ts'
import { ownRows } from '../database/tenant-scope.ts'
import { RULES_VERSION } from './insert-conversations.sql.ts'

/** Updates rows that an earlier version of the code stored. */

const { sql, raw } = Prisma

/** How many conversations are updated in one statement. */
const PIECE = 50

/**
 * If no time was given, an earlier version stored the time of the call. It generated the row's id, which starts with a
 * time, at most this much later.
 */
const ID_IS_MADE_WITHIN_MS = 25

/** Messages stored together with their conversation were stored within this time after its id was generated. */
const SAME_CALL_MS = 1_000

const madeAt = (id: string) =>
  `to_timestamp(('x' || left(replace(${id}::text, '-', ''), 12))::bit(48)::bigint / 1000.0)::timestamptz(3)`

/** Whether a time is that of the call that stored a row. */
const isArrival = (time: string, id: string) =>
  `${time} BETWEEN ${madeAt(id)} - interval '${ID_IS_MADE_WITHIN_MS} ms' AND ${madeAt(id)}`

const BLANK = String.raw`'^\s*$'`

/** Brings these conversations (UUIDs) up to date, from each version of the rules to the next. */
export async function recomputeConversations(db: Statements, tenantId: string, ids: readonly string[]): Promise<void> {
  await deriveTimes(db, tenantId, ids)
  await countUnderstood(db, tenantId, ids)
}

/**
 * To version 1: derives which times were given, and what is known of the others. Blank end users, models and tool errors
 * become null.
 */
async function deriveTimes(db: Statements, tenantId: string, ids: readonly string[]): Promise<void> {
  await db.run(sql`
    WITH due AS MATERIALIZED (
      SELECT c.id, c.status, c.started_at, c.ended_at, c.created_at, c.updated_at, c.language,
        ${raw(madeAt('c.id'))} AS made_at, ${raw(isArrival('c.started_at', 'c.id'))} AS starts_with_call
      FROM conversations c
      WHERE ${ownRows(tenantId, 'c')} AND c.id = ANY (${[...ids]}::uuid[]) AND c.rules_version < 1
      ORDER BY c.id FOR NO KEY UPDATE
    ), entry AS MATERIALIZED (
      SELECT m.conversation_id, m.id, m.sequence, m."timestamp", m.ended_at, m.role, m.language,
        m.kind = 'TOOL' AND m.error ~ ${raw(BLANK)} AS has_blank_error,
        ${raw(isArrival('m."timestamp"', 'm.id'))} AS is_arrival,
        ${raw(madeAt('m.id'))} < d.made_at + interval '${raw(String(SAME_CALL_MS))} ms' AS is_of_creation
      FROM due d JOIN messages m ON ${ownRows(tenantId, 'm')} AND m.conversation_id = d.id
    ), summed AS (
      SELECT e.conversation_id, min(e."timestamp") FILTER (WHERE e.is_of_creation) AS first_of_creation,
        max(e."timestamp") AS last_at, bool_or(NOT e.is_of_creation) AS grew,
        min(least(e."timestamp", e.ended_at)) FILTER (WHERE e.is_of_creation AND NOT e.is_arrival) AS first_given_of_creation,
        min(e."timestamp") FILTER (WHERE e.is_of_creation AND e.is_arrival) AS arrival_of_creation,
        min(least(e."timestamp", e.ended_at)) FILTER (WHERE NOT e.is_arrival) AS first_given,
        max(greatest(e."timestamp", e.ended_at)) FILTER (WHERE NOT e.is_arrival) AS last_given,
        min(e.ended_at) AS first_end, max(e.ended_at) AS last_end, min(e."timestamp") AS first_at,
        (array_agg(e."timestamp" ORDER BY e.sequence DESC))[1] AS last_entry_at,
        count(*) FILTER (WHERE e.has_blank_error)::int AS blank_errors
      FROM entry e GROUP BY e.conversation_id
    ), spoken AS (
      SELECT e.conversation_id, e.language, count(*) AS messages,
        min((extract(epoch FROM e."timestamp") * 1000)::bigint) AS first_ms,
        (array_agg(e.sequence ORDER BY e."timestamp", e.sequence))[1] AS first_sequence
      FROM entry e WHERE e.role = 'USER' AND e.language IS NOT NULL GROUP BY e.conversation_id, e.language
    ), languages AS (
      SELECT s.conversation_id, jsonb_object_agg(s.language, jsonb_build_array(s.messages, s.first_ms, s.first_sequence)) AS counts,
        (array_agg(s.language ORDER BY s.messages DESC, s.first_ms, s.first_sequence))[1] AS most_used
      FROM spoken s GROUP BY s.conversation_id
    ), judged AS (
      SELECT d.*, s.*, l.counts, l.most_used,
        CASE WHEN CASE WHEN s.first_of_creation IS NULL THEN NOT d.starts_with_call ELSE d.started_at <> s.first_of_creation END
          THEN d.started_at END AS given_start,
        -- If no end was given, an earlier version stored the time of the last entry or, without entries, of the call.
        CASE WHEN CASE WHEN s.last_at IS NOT NULL THEN d.ended_at <> greatest(d.started_at, s.last_at)
            ELSE d.ended_at <> d.started_at AND abs(extract(epoch FROM d.ended_at - d.updated_at)) > 1
              AND NOT ${raw(isArrival('d.ended_at', 'd.id'))} END
          THEN d.ended_at END AS given_end
      FROM due d LEFT JOIN summed s ON s.conversation_id = d.id LEFT JOIN languages l ON l.conversation_id = d.id
    ), living AS (
      SELECT j.*, (j.status IN ('QUEUED', 'RINGING', 'ACTIVE') OR j.grew IS TRUE)
        AND least(j.given_start, j.first_given_of_creation) >= j.made_at - interval '1 hour' IS NOT FALSE AS live
      FROM judged j
    ), known AS (
      SELECT l.*,
        CASE WHEN NOT l.live THEN least(l.first_given, l.first_end)
          ELSE least(l.first_at, l.first_end, l.arrival_of_creation,
            CASE WHEN l.given_start IS NULL AND l.first_of_creation IS NULL THEN l.started_at ELSE l.made_at END) END AS first_known,
        CASE WHEN l.live THEN greatest(l.last_at, l.last_end) ELSE greatest(l.last_given, l.last_end) END AS last_known
      FROM living l
    ), unblanked AS (
      UPDATE messages m SET error = NULL FROM entry e
      WHERE ${ownRows(tenantId, 'm')} AND e.has_blank_error AND m.conversation_id = e.conversation_id AND m.sequence = e.sequence
    )
    UPDATE conversations c SET rules_version = 1, given_started_at = k.given_start, given_ended_at = k.given_end,
      is_live = k.live, last_entry_at = k.last_entry_at,
      first_known_at = k.first_known, last_known_at = k.last_known,
      -- If nothing is known, this is returned as the start: the time of the call, as before.
      created_at = CASE WHEN coalesce(k.given_start, k.first_known, k.given_end) IS NULL THEN k.started_at ELSE c.created_at END,
      given_language = c.language, language = coalesce(c.language, k.most_used), user_languages = coalesce(k.counts, '{}'),
      end_user_id = CASE WHEN c.end_user_id ~ ${raw(BLANK)} THEN NULL ELSE c.end_user_id END,
      model = CASE WHEN c.model ~ ${raw(BLANK)} THEN NULL ELSE c.model END,
      tool_error_count = c.tool_error_count - coalesce(k.blank_errors, 0)
    FROM known k WHERE ${ownRows(tenantId, 'c')} AND c.id = k.id`)
}

/**
 * To version 2: counts the messages that were understood, and moves the duration of the recording, which was in seconds.
 * From then on, the roll-ups count the conversation's resolution (see the migration `contract_names`).
 */
async function countUnderstood(db: Statements, tenantId: string, ids: readonly string[]): Promise<void> {
  await db.run(sql`
    UPDATE conversations c SET rules_version = 2,
      understood_count = (SELECT count(*) FROM messages m
        WHERE ${ownRows(tenantId, 'm')} AND m.conversation_id = c.id AND m.role = 'USER' AND m.understood),
      recording_duration_ms = c.recording_duration_seconds * 1000, recording_duration_seconds = NULL
    WHERE ${ownRows(tenantId, 'c')} AND c.id = ANY (${[...ids]}::uuid[]) AND c.rules_version < 2`)
}

/** Updates the conversations that follow this UUID. Returns the UUID of the last one, or null if none follow. */
export async function recomputeNext(db: Statements, tenantId: string, afterId: string | null): Promise<string | null> {
  const rows = await db.run<{ id: string; isDue: boolean }>(sql`
    SELECT c.id::text AS id, c.rules_version < ${RULES_VERSION} AS "isDue" FROM conversations c
    WHERE ${ownRows(tenantId, 'c')} AND c.id > ${afterId ?? '00000000-0000-0000-0000-000000000000'}::uuid
    ORDER BY c.id LIMIT ${PIECE}`)
  const due = rows.flatMap(({ id, isDue }) => (isDue ? [id] : []))
  if (due.length > 0) await recomputeConversations(db, tenantId, due)
  return rows.at(-1)?.id ?? null
}
