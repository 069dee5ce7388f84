import type { Session } from '../../src/database/session.ts'
import type { Ledger } from './ledger.ts'

/** What is wrong in a database. */
export interface Findings {
  /** Writes that were acknowledged and are not there, whole. */
  lost: string[]
  /** Writes that are stored more than once. */
  twice: string[]
  /** Rows whose counters are not what the messages add up to, and writes of which a part is stored. */
  differences: string[]
}

/** The columns of `conversations` that count its messages, each as what the messages `m` add up to. */
export const COUNTERS = {
  message_count: 'count(m.id)',
  system_message_count: "count(*) FILTER (WHERE m.role = 'SYSTEM')",
  user_message_count: "count(*) FILTER (WHERE m.role = 'USER')",
  assistant_message_count: "count(*) FILTER (WHERE m.role = 'ASSISTANT')",
  human_agent_message_count: "count(*) FILTER (WHERE m.role = 'HUMAN_AGENT')",
  tool_call_count: "count(*) FILTER (WHERE m.kind = 'TOOL')",
  tool_error_count: "count(m.error) FILTER (WHERE m.kind = 'TOOL')",
  public_event_count: "count(*) FILTER (WHERE m.visibility = 'PUBLIC')",
  internal_event_count: "count(*) FILTER (WHERE m.visibility = 'INTERNAL')",
  understood_count: "count(*) FILTER (WHERE m.role = 'USER' AND m.understood)",
  not_understood_count: "count(*) FILTER (WHERE m.role = 'USER' AND NOT m.understood)",
  token_count: 'coalesce(sum(m.token_count), 0)',
  cost: 'coalesce(sum(m.cost), 0)',
  priced_message_count: 'count(m.cost)',
  rating_count: "count(m.rating) FILTER (WHERE m.role = 'ASSISTANT')",
  rating_sum: "coalesce(sum(m.rating) FILTER (WHERE m.role = 'ASSISTANT'), 0)",
  sentiment_count: "count(m.sentiment) FILTER (WHERE m.role = 'USER')",
  sentiment_sum: "coalesce(sum(round(m.sentiment::numeric, 9)) FILTER (WHERE m.role = 'USER'), 0)",
  latency_count: "count(m.latency_ms) FILTER (WHERE m.role = 'ASSISTANT')",
  latency_sum_ms: "coalesce(sum(round(m.latency_ms::numeric, 3)) FILTER (WHERE m.role = 'ASSISTANT'), 0)",
  last_message_at: 'max(m."timestamp")',
}

/** The sums of `conversation_rollups`, each as what the conversations `c` add up to; their counters come from the messages. */
export const ROLLUPS = {
  conversations: 'count(*)',
  completed: "count(*) FILTER (WHERE c.status = 'COMPLETED')",
  abandoned: "count(*) FILTER (WHERE c.status = 'ABANDONED')",
  suggestion_only: 'count(*) FILTER (WHERE c.assistant_message_count = 0)',
  bot_handled: "count(*) FILTER (WHERE c.outcome = 'BOT_HANDLED')",
  escalated: "count(*) FILTER (WHERE c.outcome IN ('HUMAN_AGENT', 'EMAIL', 'CUSTOM_ESCALATION'))",
  failed_escalation: "count(*) FILTER (WHERE c.outcome = 'FAILED_ESCALATION')",
  informed: "count(*) FILTER (WHERE c.resolution = 'INFORMED')",
  resolved: "count(*) FILTER (WHERE c.resolution = 'RESOLVED')",
  with_resolution: 'count(c.resolution)',
  messages: 'sum(c.message_count)',
  system_messages: 'sum(c.system_message_count)',
  user_messages: 'sum(c.user_message_count)',
  assistant_messages: 'sum(c.assistant_message_count)',
  human_agent_messages: 'sum(c.human_agent_message_count)',
  internal_events: 'sum(c.internal_event_count)',
  tool_calls: 'sum(c.tool_call_count)',
  tool_errors: 'sum(c.tool_error_count)',
  understood: 'sum(c.understood_count)',
  not_understood: 'sum(c.not_understood_count)',
  tokens: 'sum(c.token_count)',
  cost: 'sum(c.cost)',
  priced_conversations: 'count(*) FILTER (WHERE c.priced_message_count > 0)',
  ended: 'count(c.ended_at)',
  durations: 'count(*) FILTER (WHERE c.ended_at > c.started_at)',
  duration_ms: 'coalesce(sum((extract(epoch FROM c.ended_at - c.started_at) * 1000)::bigint), 0)',
  timed_messages: 'sum(c.latency_count)',
  latency_ms: 'sum(c.latency_sum_ms)',
  rated_messages: 'sum(c.rating_count)',
  ratings: 'sum(c.rating_sum)',
  scored_messages: 'sum(c.sentiment_count)',
  sentiment: 'sum(c.sentiment_sum)',
}

const columns = (of: Record<string, string>) =>
  Object.entries(of)
    .map(([name, value]) => `${value} AS ${name}`)
    .join(', ')

const COUNTED = `
  SELECT c.tenant_id, c.id, c.started_at, c.ended_at, c.is_test, c.status, c.outcome, c.resolution, ${columns(COUNTERS)}
  FROM conversations c LEFT JOIN messages m ON m.tenant_id = c.tenant_id AND m.conversation_id = c.id
  GROUP BY c.tenant_id, c.id`

/** Conversations whose counters, or the sequences of whose messages, are not what they should be. */
const WRONG_CONVERSATIONS = `
  WITH counted AS (${COUNTED})
  SELECT format('conversation %s of %s', c.external_id, c.tenant_id) AS what
  FROM conversations c JOIN counted r ON r.tenant_id = c.tenant_id AND r.id = c.id
  WHERE ${Object.keys(COUNTERS)
    .map((name) => `c.${name} IS DISTINCT FROM r.${name}`)
    .join(' OR ')}
    OR c.message_count <> (
      SELECT coalesce(max(m.sequence) + 1, 0) FROM messages m WHERE m.tenant_id = c.tenant_id AND m.conversation_id = c.id)`

const WRONG_ROLLUPS = `
  WITH counted AS (${COUNTED}), real AS (
    SELECT c.tenant_id, u.minutes, date_bin(u.minutes * interval '1 minute', c.started_at, '2000-01-01 00:00Z') AS started_at,
      ${columns(ROLLUPS)}
    FROM counted c, (VALUES (15), (60), (1440)) u (minutes) WHERE NOT c.is_test GROUP BY 1, 2, 3
  ), kept AS (
    SELECT tenant_id, minutes, started_at, ${Object.keys(ROLLUPS).map((name) => `sum(${name}) AS ${name}`)}
    FROM conversation_rollups GROUP BY 1, 2, 3
  )
  SELECT format('roll-up of %s: %s minutes from %s', tenant_id, minutes, started_at) AS what
  FROM real FULL JOIN kept USING (tenant_id, minutes, started_at)
  WHERE ${Object.keys(ROLLUPS)
    .map((name) => `coalesce(real.${name}, 0) <> coalesce(kept.${name}, 0)`)
    .join(' OR ')}`

/** Conversations whose change nobody who follows them would be told. */
const UNTOLD = `
  SELECT format('no change of conversation %s of %s', c.external_id, c.tenant_id) AS what FROM conversations c
  WHERE NOT EXISTS (SELECT FROM conversation_changes d WHERE d.tenant_id = c.tenant_id AND d.conversation_id = c.id)`

/** Tags as they are stored: with each message of the write, or as an entry of the conversation's metadata. */
const TAGS = `
  SELECT metadata->>'tag' AS tag, count(*)::int AS rows, count(DISTINCT metadata->>'part')::int AS parts
  FROM messages WHERE metadata ? 'tag' GROUP BY 1
  UNION ALL
  SELECT key, count(*)::int, 1 FROM conversations, jsonb_object_keys(metadata) AS key WHERE key LIKE '%/%' GROUP BY 1`

/** Recomputes whatever is derived from the messages, and reads back every write. As a superuser. */
export async function verify(session: Session, ledger: Ledger): Promise<Findings> {
  const rows = []
  for (const sql of [WRONG_CONVERSATIONS, WRONG_ROLLUPS, UNTOLD])
    rows.push(...(await session.query<{ what: string }>(sql)))
  const stored = await session.query<{ tag: string; rows: number; parts: number }>(TAGS)
  const found = new Map(stored.map((row) => [row.tag, row]))
  const partsOf = (tag: string) => found.get(tag)?.parts ?? 0
  const torn = [...ledger.sent].filter(([tag, parts]) => partsOf(tag) !== 0 && partsOf(tag) !== parts)
  return {
    lost: [...[...ledger.acknowledged].filter((tag) => partsOf(tag) === 0), ...(await undeleted(session, ledger))],
    twice: stored.filter(({ rows, parts }) => rows > parts).map(({ tag }) => tag),
    differences: [...rows.map(({ what }) => what), ...torn.map(([tag]) => `a part of ${tag}`)],
  }
}

/** Conversations that are there although their deletion was acknowledged. */
async function undeleted(session: Session, { deleted }: Ledger): Promise<string[]> {
  const rows = await session.query<{ id: string }>(
    'SELECT external_id AS id FROM conversations WHERE external_id = ANY ($1::text[])',
    [[...deleted]],
  )
  return rows.map(({ id }) => `deletion of ${id}`)
}
