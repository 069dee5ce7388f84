import type { DerivedField } from '../../database/generated/client/enums.ts'
import type { InputPath } from '../../errors.ts'
import type { TimeSlice } from '../../fairness/time-slice.ts'
import { toSearchColumns } from '../../search/search-columns.ts'
import type { DerivationSettings, RedactionSettings } from '../../tenants/tenant-settings.sql.ts'
import type { NewMessageRow, UntimedRow } from '../message-row.ts'
import { redactMessage } from '../redaction/redact-message.ts'
import { loadRedaction } from '../redaction/redact-value.ts'
import { costOf } from './cost.ts'
import { detectLanguage } from './language.ts'
import { scoreSentiment } from './sentiment.ts'
import { countTokens } from './token-count.ts'

/** The conversation that messages are added to. */
export interface Surroundings {
  model: string | null | undefined
  language: string | null | undefined
  /** Tokens of the messages before them. */
  tokenCount: number
}

/** Messages without what the tenant wants redacted. `paths`: where they are in the input, by their ids. */
export async function redactMessages<Row extends UntimedRow>(
  messages: readonly Row[],
  settings: RedactionSettings,
  paths: ReadonlyMap<string, InputPath>,
  timeSlice: TimeSlice,
): Promise<Row[]> {
  const redact = await loadRedaction(settings, timeSlice)
  if (!redact) return [...messages]
  const redacted: Row[] = []
  for (const message of messages) {
    redacted.push(await redactMessage(message, redact, paths.get(message.id) ?? []))
    if (timeSlice.isOver) await timeSlice.yieldToEventLoop()
  }
  return redacted
}

/** Redacted messages with what the caller left out derived and marked. Given values are never overwritten. */
export async function prepareMessages(
  messages: readonly NewMessageRow[],
  { settings, agentModels }: { settings: DerivationSettings; agentModels: readonly { id: string; model: string }[] },
  surroundings: Surroundings,
  timeSlice: TimeSlice,
): Promise<NewMessageRow[]> {
  const models = new Map(agentModels.map(({ id, model }) => [id, model]))
  const prepared: NewMessageRow[] = []
  let { tokenCount } = surroundings
  for (const message of messages) {
    const row = { ...message }
    if (row.kind === 'CHAT') {
      const model = row.model ?? surroundings.model ?? models.get(row.agent_id ?? '') ?? agentModels[0]?.model ?? null
      await derive(row, settings, { language: surroundings.language, tokenCount, model, timeSlice })
    }
    // From what is stored, not what was given.
    if (row.content != null) Object.assign(row, await toSearchColumns(row.content, timeSlice))
    prepared.push(row)
    tokenCount += row.token_count ?? 0
    if (timeSlice.isOver) await timeSlice.yieldToEventLoop()
  }
  return prepared
}

/** Derives the fields of a chat message, in the order in which they depend on each other. */
async function derive(
  row: NewMessageRow,
  settings: DerivationSettings,
  { language, tokenCount, model, timeSlice }: Surroundings & { model: string | null; timeSlice: TimeSlice },
) {
  const derived: DerivedField[] = []
  const fill = <Name extends 'language' | 'sentiment' | 'token_count' | 'cost'>(
    name: Name,
    mark: DerivedField,
    value: NewMessageRow[Name],
  ) => {
    if (value == null) return
    row[name] = value
    derived.push(mark)
  }
  const { role, content } = row
  if (role == null || content == null) return
  const wantsSentiment = settings.sentiment && role === 'USER' && row.sentiment == null
  // Even if the language is not stored, it may be needed to tell whether the sentiment lexicon applies.
  const detected = row.language == null && (settings.language || wantsSentiment) ? await detectLanguage(content) : null
  if (wantsSentiment) {
    fill('sentiment', 'SENTIMENT', await scoreSentiment(content, row.language ?? detected ?? language ?? null))
  }
  if (settings.language) fill('language', 'LANGUAGE', detected)
  if (settings.tokenCount && row.token_count == null) {
    fill('token_count', 'TOKEN_COUNT', await countTokens(content, timeSlice))
  }
  if (settings.cost && row.cost == null && row.token_count != null && model !== null && role !== 'HUMAN_AGENT') {
    const said = { role, tokens: row.token_count, tokensBefore: tokenCount, model, time: row.timestamp }
    fill('cost', 'COST', await costOf(said))
  }
  row.derived = derived
}
