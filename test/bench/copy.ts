import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { from } from 'pg-copy-streams'
import { newUuid } from '../../src/input/ids.ts'
import { type GivenConversation, keptBeside } from './systems/written.ts'

/** What COPY reads, by table. */
export type CopyText = Record<keyof typeof COLUMNS, string>

/** Those that are not their columns' default, in the order in which a row tells them. */
const COLUMNS = {
  conversations: `tenant_id, id, external_id, status, channel, end_user_id, model, metadata, started_at, ended_at, last_message_at,
    message_count, user_message_count, assistant_message_count, tool_call_count, latency_count, latency_sum_ms`,
  messages:
    'tenant_id, conversation_id, sequence, id, kind, "timestamp", role, content, latency_ms, name, input, output',
  conversation_metadata: 'tenant_id, conversation_id, path, value',
}

/** All rows that the conversations consist of, with ids of their own, in COPY's text format. */
export function toCopyText(tenantId: string, conversations: readonly GivenConversation[]): CopyText {
  const lines = { conversations: '', messages: '', conversation_metadata: '' }
  for (const given of conversations) {
    const id = newUuid()
    const { entries, ...kept } = keptBeside(given)
    const { externalId, status, channel, endUserId, model, metadata } = given
    lines.conversations += line([
      ...[tenantId, id, externalId, status, channel, endUserId, model, metadata],
      ...[kept.startedAt, kept.endedAt, kept.lastMessageAt],
      ...[kept.messageCount, kept.userMessageCount, kept.assistantMessageCount, kept.toolCallCount],
      ...[kept.latencyCount, kept.latencySumMs],
    ])
    for (const [sequence, message] of given.messages.entries()) {
      const what =
        message.kind === 'CHAT'
          ? [message.role, message.content, message.latencyMs, null, null, null]
          : [null, null, null, message.name, message.input, message.output]
      lines.messages += line([tenantId, id, sequence, newUuid(), message.kind, message.timestamp, ...what])
    }
    for (const { path, value } of entries) lines.conversation_metadata += line([tenantId, id, path, value])
  }
  return lines
}

const line = (values: readonly unknown[]) => `${values.map(field).join('\t')}\n`

export function field(value: unknown): string {
  if (value == null) return '\\N'
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  return text.replace(/[\\\t\n\r]/g, (character) => ESCAPES[character] ?? character)
}

const ESCAPES: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

/** Stores them in one transaction. */
export async function copy(client: pg.Client, text: CopyText): Promise<void> {
  await client.query('BEGIN')
  for (const [table, columns] of Object.entries(COLUMNS))
    await copyTable(client, `${table} (${columns})`, text[table as keyof CopyText])
  await client.query('COMMIT')
}

/** `into`: a table and its columns. */
export async function copyTable(client: pg.Client, into: string, rows: string): Promise<void> {
  await pipeline([rows], client.query(from(`COPY ${into} FROM STDIN`)))
}

export async function connectToCopy(ownerUrl: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: ownerUrl })
  await client.connect()
  return client
}
