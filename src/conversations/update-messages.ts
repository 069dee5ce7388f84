import type { DerivedField } from '../database/generated/client/enums.ts'
import { throughPrisma } from '../database/sql-transactions.ts'
import type { Client } from '../database/tenant-scope.ts'
import { badInput, type InputPath } from '../errors.ts'
import type { TimeSlice } from '../fairness/time-slice.ts'
import { checkCount, unlessBlank } from '../input/check-input.ts'
import { exactlyOne, type Reference, referenceNotFound, type ToRow } from '../input/exactly-one.ts'
import { decodeId } from '../input/ids.ts'
import { LIMITS } from '../input/limits.ts'
import { type ChatFindings, checkFindings } from '../messages/parse-messages.ts'
import { addCounts, type RedactionCounts } from '../messages/redaction/redact-text.ts'
import { loadRedaction, maxCharacters, type Redact } from '../messages/redaction/redact-value.ts'
import { loadSettings } from '../tenants/tenant-settings.sql.ts'
import { lockConversation } from './change-conversation.ts'
import { type ChatMessageRow, loadChatMessages, storeChatMessages } from './update-messages.sql.ts'

/** What is found out about a chat message after it was logged: absent fields keep their value, and null clears it. */
export interface MessageUpdate extends ChatFindings {
  by: Reference
}

export interface UpdateMessagesInput extends ToRow {
  messages: MessageUpdate[]
}

const path: InputPath = ['input', 'messages']
const checkTranslation = maxCharacters(LIMITS.content)

/** Updates messages of one conversation, open or closed: all of them, or none if one is unknown. */
export async function updateMessages(
  db: Client,
  tenantId: string,
  input: UpdateMessagesInput,
  { now, timeSlice }: { now: Date; timeSlice: TimeSlice },
) {
  const { messages } = input
  if (messages.length === 0) throw badInput(path, 'must have at least one entry.')
  checkCount(messages, LIMITS.messagesPerCall, path)
  for (const [index, update] of messages.entries()) checkFindings(update, [...path, index])
  const references = messages.map(({ by }, index) => exactlyOne(by, [...path, index, 'by']))
  const { id: conversationId } = await lockConversation(db, tenantId, input)
  const statements = throughPrisma(db)
  const stored = await loadChatMessages(statements, tenantId, conversationId, {
    ids: references.flatMap(({ name, value }) => (name === 'id' ? (decodeId('Message', value) ?? []) : [])),
    externalIds: references.flatMap(({ name, value }) => (name === 'externalId' ? value : [])),
  })
  const rows = found(references, stored, messages)
  const withTranslation = messages.some(({ translation }) => translation != null)
  const redact = withTranslation ? await loadRedaction(await loadSettings(statements, tenantId), timeSlice) : null
  const changed: ChatMessageRow[] = []
  for (const [index, row] of rows.entries())
    changed.push(await changedBy(messages[index], row, redact, [...path, index]))
  await storeChatMessages(statements, tenantId, conversationId, changed, now)
  return { conversationId, messageIds: rows.map(({ id }) => id) }
}

/** The rows that the updates name, in their order. */
function found(
  references: readonly { name: keyof Reference; value: string }[],
  stored: readonly ChatMessageRow[],
  messages: readonly MessageUpdate[],
): ChatMessageRow[] {
  const byId = new Map(stored.map((row) => [row.id, row]))
  const byExternalId = new Map(stored.map((row) => [row.external_id, row]))
  const seen = new Set<ChatMessageRow>()
  return references.map(({ name, value }, index) => {
    const by = [...path, index, 'by']
    const row = name === 'id' ? byId.get(decodeId('Message', value) ?? '') : byExternalId.get(value)
    if (!row) throw referenceNotFound('chat message in this conversation', messages[index]?.by ?? {}, by)
    if (seen.has(row)) throw badInput([...by, name], 'names a message that this call updates already.')
    seen.add(row)
    return row
  })
}

async function changedBy(
  update: MessageUpdate = { by: {} },
  row: ChatMessageRow,
  redact: Redact | null,
  at: InputPath,
): Promise<ChatMessageRow> {
  const counts: RedactionCounts = {}
  const { rating, sentiment, language, understood, intent, reply } = update
  const translation =
    update.translation != null && redact ? await redact(update.translation, counts) : update.translation
  if (translation !== update.translation) checkTranslation(translation, [...at, 'translation'])
  const given = Object.entries({
    ...{ rating, sentiment, translation, understood, reply },
    language: language === undefined ? undefined : unlessBlank(language),
    ...(intent === undefined
      ? {}
      : {
          intent_name: intent?.name ?? null,
          intent_meaningful: intent?.meaningful ?? null,
          intent_external_id: unlessBlank(intent?.externalId),
        }),
  }).filter(([, value]) => value !== undefined)
  const isGiven = (field: DerivedField) => given.some(([name]) => name === field.toLowerCase())
  return {
    ...row,
    ...Object.fromEntries(given),
    derived: row.derived.filter((field) => !isGiven(field)),
    redactions: sumOf(row.redactions, counts),
  }
}

/** What was redacted before, and now. */
function sumOf(before: RedactionCounts | null, counts: RedactionCounts): RedactionCounts | null {
  if (Object.keys(counts).length === 0) return before
  const sum: RedactionCounts = { ...before }
  addCounts(sum, counts)
  return sum
}
