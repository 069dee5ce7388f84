import type { Channel, Direction, Outcome, Resolution } from '../database/generated/client/enums.ts'
import { badInput, type InputPath, limitExceeded } from '../errors.ts'
import { checkCount, checkJsonSize, checkLength, unlessBlank } from '../input/check-input.ts'
import { LIMITS } from '../input/limits.ts'
import { toPointer } from '../metadata/metadata-entries.ts'

type Maybe<Value> = Value | null | undefined

/** What a caller may say of a conversation when logging it, and change later. */
export interface ConversationFields {
  channel?: Maybe<Channel>
  direction?: Maybe<Direction>
  campaign?: Maybe<string>
  isTest?: Maybe<boolean>
  endUserId?: Maybe<string>
  companyName?: Maybe<string>
  language?: Maybe<string>
  model?: Maybe<string>
  labels?: Maybe<string[]>
  description?: Maybe<string>
  feedback?: Maybe<string>
  outcome?: Maybe<Outcome>
  resolution?: Maybe<Resolution>
  recording?: Maybe<{ url: string; contentType?: Maybe<string>; durationSeconds?: Maybe<number> }>
  llmStats?: Maybe<Record<string, number>>
  analysis?: Maybe<{ summary?: Maybe<string>; tags?: Maybe<string[]>; extractedData?: unknown }>
}

export function checkFields(fields: ConversationFields, path: InputPath): void {
  for (const name of ['campaign', 'endUserId', 'companyName', 'language', 'model'] as const) {
    checkLength(fields[name], LIMITS.name, [...path, name])
  }
  checkLength(fields.description, LIMITS.text, [...path, 'description'])
  checkLength(fields.feedback, LIMITS.text, [...path, 'feedback'])
  checkCount(fields.labels, LIMITS.labels, [...path, 'labels'])
  for (const [index, label] of (fields.labels ?? []).entries())
    checkLength(label, LIMITS.name, [...path, 'labels', index])
  for (const [name, count] of Object.entries(fields.llmStats ?? {}))
    if (count < 0) throw badInput([...path, 'llmStats', name], 'must not be negative.')
  if (fields.recording) checkRecording(fields.recording, [...path, 'recording'])
  if (fields.analysis) {
    checkLength(fields.analysis.summary, LIMITS.text, [...path, 'analysis', 'summary'])
    checkCount(fields.analysis.tags, LIMITS.labels, [...path, 'analysis', 'tags'])
    checkJsonSize(fields.analysis, LIMITS.json, [...path, 'analysis'])
  }
}

function checkRecording(recording: NonNullable<ConversationFields['recording']>, path: InputPath) {
  checkLength(recording.url, LIMITS.text, [...path, 'url'])
  checkLength(recording.contentType, LIMITS.name, [...path, 'contentType'])
  // A page may put it into a link or a player: javascript: and the like must not get there.
  if (!URL.canParse(recording.url) || !/^https?:$/.test(new URL(recording.url).protocol)) {
    throw badInput([...path, 'url'], 'must be an http or https URL.')
  }
  if (recording.durationSeconds != null && recording.durationSeconds < 0) {
    throw badInput([...path, 'durationSeconds'], 'must not be negative.')
  }
}

/** Metadata within its limits: size, and paths short enough for an index row. */
export function checkMetadata(metadata: Record<string, unknown>, path: InputPath): void {
  checkJsonSize(metadata, LIMITS.json, path)
  const visit = (object: object, keys: string[]) => {
    for (const [key, value] of Object.entries(object)) {
      const inner = [...keys, key]
      if (Buffer.byteLength(toPointer(inner)) > LIMITS.metadataPath) {
        throw limitExceeded(
          [...path, ...keys, `${key.slice(0, 40)}…`],
          `is a key longer than ${LIMITS.metadataPath} bytes.`,
          LIMITS.metadataPath,
        )
      }
      if (value !== null && typeof value === 'object' && !Array.isArray(value)) visit(value, inner)
    }
  }
  visit(metadata, [])
}

/** Who and which model: as given, else as the metadata says under `user_id` or `userId`, and `model`. Blank is not given. */
export function reservedFields(
  { endUserId, model }: ConversationFields,
  metadata: Record<string, unknown>,
  path: InputPath,
): { endUserId: string | null; model: string | null } {
  const text = (key: string) => {
    const value = metadata[key]
    if (typeof value !== 'string' && (typeof value !== 'number' || key === 'model')) return null
    checkLength(String(value), LIMITS.name, [...path, key])
    return unlessBlank(String(value))
  }
  return {
    endUserId: unlessBlank(endUserId) ?? text('user_id') ?? text('userId'),
    model: unlessBlank(model) ?? text('model'),
  }
}
