import type { FilterScope } from '../conversations/conversation-filter.sql.ts'
import { Prisma } from '../database/generated/client/client.ts'
import { type Statements, throughPrisma } from '../database/sql-transactions.ts'
import { type Client, ownRows } from '../database/tenant-scope.ts'
import { VOICE_EVENTS, type VoiceEvent } from '../messages/voice-events.ts'
import { type Cell, type Grouping, linesOf, percentiles, type Selection } from './aggregate-conversations.sql.ts'
import type { Aggregates, TimingAggregates } from './measure-kinds.ts'

/** Times between the voice events of conversations, and their interruptions. */

const { sql, raw, join } = Prisma

const STEPS = {
  stt_to_llm: ['STT_FINAL', 'LLM_REQUEST'],
  time_to_first_token: ['LLM_REQUEST', 'LLM_FIRST_TOKEN'],
  first_token_to_tts: ['LLM_FIRST_TOKEN', 'TTS_STREAM'],
  voice_latency: ['STT_FINAL', 'TTS_STREAM'],
} as const satisfies Record<string, readonly [begin: VoiceEvent, end: VoiceEvent]>

export type VoiceStep = keyof typeof STEPS

export const VOICE_STEPS = Object.keys(STEPS) as VoiceStep[]

/** Conversations, as `found`, with their voice events of these names, as `m`. */
const voiceEvents = (found: Prisma.Sql, { tenantId }: FilterScope, names: readonly VoiceEvent[]) => sql`
  (${found}) found JOIN messages m ON ${ownRows(tenantId, 'm')} AND m.conversation_id = found.id
    AND m.visibility = 'INTERNAL' AND m.name = ANY(${[...names]}::text[])`

/**
 * The length of a step, as `ms`, in the row of the event that ends it: the time since the event before, if that begins the
 * step. So a step spans neither an interruption nor another event of its own two names. Other rows have null.
 */
function stepsOf(step: VoiceStep, found: Prisma.Sql, scope: FilterScope): Prisma.Sql {
  const [begin, end] = STEPS[step]
  return sql`
    SELECT found.*, CASE WHEN m.name = ${raw(`'${end}'`)} AND lag(m.name) OVER events = ${raw(`'${begin}'`)}
      THEN (extract(epoch FROM m.timestamp - lag(m.timestamp) OVER events) * 1000)::float8 END AS ms
    FROM ${voiceEvents(found, scope, [begin, end, 'INTERRUPTION'])}
    WINDOW events AS (PARTITION BY found.line, found.id ORDER BY m.timestamp, m.sequence)`
}

/** The mean and percentiles of a step, by line and bucket. */
export function voiceTimings(
  statements: Statements,
  selection: Selection,
  grouping: Grouping | null,
  step: VoiceStep,
): Promise<Cell<TimingAggregates>[]> {
  const found = withInternalEvents(selection, grouping)
  return statements.run(sql`
    SELECT line, bucket, avg(ms) AS ${raw(`${step}_mean`)}, ${percentiles(step, sql`ms`)}
    FROM (${stepsOf(step, found, selection.scope)}) steps WHERE ms IS NOT NULL
    GROUP BY GROUPING SETS ((line, bucket), (line))`)
}

/** The number of interruptions, and of conversations that have any voice event. */
export function countInterruptions(
  statements: Statements,
  selection: Selection,
  grouping: Grouping | null,
): Promise<Cell<Pick<Aggregates, 'interruptions' | 'voice_conversations'>>[]> {
  return statements.run(sql`
    SELECT line, bucket, (count(*) FILTER (WHERE m.name = 'INTERRUPTION'))::int AS interruptions,
      count(DISTINCT m.conversation_id)::int AS voice_conversations
    FROM ${voiceEvents(withInternalEvents(selection, grouping), selection.scope, VOICE_EVENTS)}
    GROUP BY GROUPING SETS ((line, bucket), (line))`)
}

const withInternalEvents = (selection: Selection, grouping: Grouping | null) =>
  linesOf(selection, grouping, [sql`c.id`], sql`c.internal_event_count > 0`)

export type VoiceTimingsRow = { [Step in VoiceStep]: number | null } & { id: string; interruptions: number }

/**
 * The mean of each step in these conversations. A conversation without voice events has no row. All is computed for one
 * conversation after the other: as a join, before the table had statistics, it read the voice events of the whole tenant.
 */
export function voiceTimingsOf(client: Client, ids: readonly string[], scope: FilterScope): Promise<VoiceTimingsRow[]> {
  const found = sql`SELECT 0 AS line, voice.id`
  const means = VOICE_STEPS.map(
    (step) => sql`(SELECT avg(ms) FROM (${stepsOf(step, found, scope)}) steps) AS ${raw(step)}`,
  )
  return throughPrisma(client).run<VoiceTimingsRow>(sql`
    SELECT voice.id::text AS id, interruptions, ${join(means)}
    FROM unnest(${[...ids]}::uuid[]) AS voice (id) CROSS JOIN LATERAL (
      SELECT count(*) AS events, (count(*) FILTER (WHERE m.name = 'INTERRUPTION'))::int AS interruptions
      FROM ${voiceEvents(found, scope, VOICE_EVENTS)}
    ) counted
    WHERE events > 0`)
}
