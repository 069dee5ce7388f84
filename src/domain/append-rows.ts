import { Prisma } from '../database/generated/client/client.ts'
import type { ConversationStatus } from '../database/generated/client/enums.ts'
import { type Client, ownRows } from '../database/tenant-scope.ts'
import { readWriteBasis } from '../database/write-basis.ts'
import {
  addTotals,
  insertMessages,
  insertMetadataEntries,
  linkAgents,
  type NewMessageRow,
  totalsOf,
} from '../database/write-conversations.ts'
import { badInput, formatInputPath, type InputPath, notFound, ParleyError } from '../errors.ts'
import { checkMetadata } from './conversation-fields.ts'
import { isFinal } from './conversations.ts'
import { prepareMessages } from './derivation/derive-messages.ts'

interface AppendOptions {
  status: ConversationStatus | null
  /** Merged into the metadata, key by key; later ones win. */
  metadata: Record<string, unknown> | null
  endedAt: Date | null
  expectedSequence: number | null
  agentIds: readonly string[]
  /** Where it stands in what the caller sent. */
  path?: InputPath
}

const { sql, join, empty } = Prisma

/**
 * Appends rows to an open conversation and answers its UUID. The conversation is locked first, so that concurrent
 * appends line up and each takes the next sequences: none is lost, none is given twice.
 */
export async function appendRows(
  db: Client,
  tenantId: string,
  where: { id: string } | { externalId: string } | null,
  given: readonly NewMessageRow[],
  options: AppendOptions,
): Promise<string> {
  const { path = ['input'] } = options
  if (where === null) throw notFound('conversation', [...path, 'conversationId'])
  const found = 'id' in where ? sql`c.id = ${where.id}::uuid` : sql`c.external_id = ${where.externalId}`
  const { status, metadata, expectedSequence } = options
  const basis = await readWriteBasis(db, tenantId, { conversation: found, agentIds: options.agentIds })
  if (!basis.conversation) throw await whyNot(db, where, expectedSequence, path)
  const messages = await prepareMessages(given, basis, basis.conversation)
  const totals = totalsOf(messages)
  const changes = [
    addTotals(totals),
    sql`updated_at = now()`,
    ...(status ? [sql`status = ${status}::text::conversation_status`] : []),
    ...(status && isFinal(status)
      ? [
          sql`ended_at = greatest(started_at, coalesce(${options.endedAt}::timestamptz, greatest(last_message_at, ${totals.last_message_at}::timestamptz), now()))`,
        ]
      : []),
    ...(metadata ? [sql`metadata = metadata || ${JSON.stringify(metadata)}::jsonb`] : []),
  ]
  const [row] = await db.$queryRaw<
    { id: string; sequence: number; metadata: Record<string, unknown>; started_at: Date }[]
  >`
    UPDATE conversations c SET ${join(changes)}
    WHERE ${ownRows(tenantId, 'c')} AND ${found} AND c.status IN ('QUEUED', 'RINGING', 'ACTIVE')
      ${expectedSequence === null ? empty : sql`AND c.message_count = ${expectedSequence}::integer`}
    RETURNING c.id::text AS id, c.message_count - ${messages.length}::integer AS sequence, c.metadata, c.started_at`
  if (!row) throw await whyNot(db, where, expectedSequence, path)
  if (options.endedAt && options.endedAt < row.started_at) throw badInput([...path, 'endedAt'], 'is before the start.')
  await insertMessages(db, tenantId, row.id, row.sequence, messages)
  await linkAgents(db, tenantId, row.id, options.agentIds)
  if (metadata) await replaceMetadataEntries(db, tenantId, row.id, row.metadata, path)
  return row.id
}

/** Writes the index entries of a conversation's metadata anew, after checking the whole of it. */
export async function replaceMetadataEntries(
  db: Client,
  tenantId: string,
  conversationId: string,
  metadata: Record<string, unknown>,
  path: InputPath,
) {
  checkMetadata(metadata, [...path, 'metadata'])
  await db.conversationMetadata.deleteMany({ where: { conversationId } })
  await insertMetadataEntries(db, tenantId, conversationId, metadata)
}

/** The error for an append that found no open conversation at the expected sequence. */
async function whyNot(
  db: Client,
  where: { id: string } | { externalId: string },
  expectedSequence: number | null,
  path: InputPath,
): Promise<ParleyError> {
  const conversation = await db.conversation.findFirst({ where, select: { status: true, messageCount: true } })
  if (!conversation) return notFound('conversation', [...path, 'id' in where ? 'conversationId' : 'externalId'])
  if (isFinal(conversation.status)) return conversationClosed(conversation.status, path)
  return sequenceConflict(expectedSequence ?? 0, conversation.messageCount)
}

export const conversationClosed = (status: ConversationStatus, path: InputPath = ['input']) =>
  new ParleyError(
    'CONVERSATION_CLOSED',
    `The conversation is ${status}: it takes no more messages and no other result.`,
    {
      inputPath: formatInputPath(path),
      status,
    },
  )

export const sequenceConflict = (expected: number, actual: number) =>
  new ParleyError(
    'SEQUENCE_CONFLICT',
    `input.expectedSequence: is ${expected}, and the next message would be ${actual}.`,
    {
      inputPath: 'input.expectedSequence',
      expectedSequence: expected,
      actualSequence: actual,
    },
  )
