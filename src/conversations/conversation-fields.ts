import { badInput, type InputPath, limitExceeded } from '../errors.ts'
import { checkJsonSize, checkLabels, checkLanguage, checkLength, checkUrl, unlessBlank } from '../input/check-input.ts'
import { LIMITS } from '../input/limits.ts'
import { checkCost } from '../messages/parse-messages.ts'
import { toPointer } from '../metadata/metadata-entries.ts'
import { checkPlainFields, type PlainValues } from './plain-fields.ts'

type Maybe<Value> = Value | null | undefined

/** Fields that a caller can set when logging a conversation, and change later. */
export interface ConversationFields extends PlainValues {
  isTest?: Maybe<boolean>
  isLlmConversation?: Maybe<boolean>
  language?: Maybe<string>
  labels?: Maybe<string[]>
  recording?: Maybe<{ url: string; contentType?: Maybe<string>; durationMs?: Maybe<number> }>
  costUsd?: Maybe<number>
  llmStats?: Maybe<Record<string, number>>
  analysis?: Maybe<{ summary?: Maybe<string>; tags?: Maybe<string[]>; extractedData?: unknown }>
}

export function checkFields(fields: ConversationFields, path: InputPath): void {
  checkPlainFields(fields, path)
  checkLanguage(fields.language, [...path, 'language'])
  checkLabels(fields.labels, [...path, 'labels'])
  checkCost(fields.costUsd, [...path, 'costUsd'])
  for (const [name, count] of Object.entries(fields.llmStats ?? {}))
    if (count < 0) throw badInput([...path, 'llmStats', name], 'must not be negative.')
  if (fields.recording) checkRecording(fields.recording, [...path, 'recording'])
  if (fields.analysis) {
    checkLength(fields.analysis.summary, LIMITS.text, [...path, 'analysis', 'summary'])
    checkLabels(fields.analysis.tags, [...path, 'analysis', 'tags'])
    checkJsonSize(fields.analysis, LIMITS.json, [...path, 'analysis'])
  }
}

function checkRecording(recording: NonNullable<ConversationFields['recording']>, path: InputPath) {
  checkUrl(recording.url, ['https', 'http'], [...path, 'url'])
  checkLength(recording.contentType, LIMITS.name, [...path, 'contentType'])
  if (recording.durationMs != null && recording.durationMs < 0) {
    throw badInput([...path, 'durationMs'], 'must not be negative.')
  }
}

/** Checks the size of metadata, and that its paths are short enough for an index row. */
export function checkMetadata(metadata: Record<string, unknown>, path: InputPath): void {
  checkJsonSize(metadata, LIMITS.json, path)
  const visit = (object: object, keys: string[]) => {
    for (const [key, value] of Object.entries(object)) {
      const inner = [...keys, key]
      if (Buffer.byteLength(toPointer(inner)) > LIMITS.metadataPath) {
        throw limitExceeded(
          [...path, ...keys, `${key.slice(0, 40)}…`],
          `is a metadata path longer than ${LIMITS.metadataPath} bytes.`,
          LIMITS.metadataPath,
        )
      }
      if (value !== null && typeof value === 'object' && !Array.isArray(value)) visit(value, inner)
    }
  }
  visit(metadata, [])
}

/**
 * The end user and the model: as given, or else from the metadata (`user_id` or `userId`, and `model`). Blank is not
 * given.
 */
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
