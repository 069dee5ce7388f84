import { roleOf } from '../vocabulary.ts'
import { TranscriptBuilder } from './transcript-builder.ts'
import { ConversionError, type Fields, isFields, typeOf } from './values.ts'

/** ISO 8601 has years of four digits, and Parley accepts no others. */
const MAX_YEAR = 9_999

/** Begins a message with what formats say of it in the same way. */
export function beginMessage(builder: TranscriptBuilder, message: Fields, place: string) {
  const { role, id, name, model, metadata } = message
  builder.begin({
    role: knownRole(role, `${place}.role`),
    id,
    authorName: name,
    model,
    timestamp: timestampOf(message['createdAt'] ?? message['created_at'], builder),
    metadata: isFields(metadata) && Object.keys(metadata).length > 0 ? metadata : undefined,
  })
}

function timestampOf(value: unknown, builder: TranscriptBuilder) {
  const time = timeOf(value)
  const year = time === undefined ? 0 : new Date(time).getUTCFullYear()
  if (year >= 1 && year <= MAX_YEAR) return time
  if (value != null) builder.lose('time')
  return undefined
}

function knownRole(role: unknown, place: string) {
  if (typeof role !== 'string') throw new ConversionError(place, 'must be a text')
  try {
    return roleOf(role)
  } catch (error) {
    throw new ConversionError(place, error instanceof Error ? error.message : String(error))
  }
}

/** A date, an ISO 8601 text or seconds since 1970. */
export function timeOf(value: unknown): Date | string | undefined {
  if (typeof value === 'string') return Number.isNaN(Date.parse(value)) ? undefined : value
  const time = typeof value === 'number' ? new Date(value * 1_000) : value
  return time instanceof Date && !Number.isNaN(time.getTime()) ? time : undefined
}

/** Whether a result is a list of texts and files, and not of data. */
export const isContent = (value: unknown): value is readonly unknown[] =>
  Array.isArray(value) && value.every((part) => typeof part === 'string' || (isFields(part) && holdsContent(part)))

const holdsContent = (part: Fields) =>
  typeof part['text'] === 'string' || /image|audio|file|document|media/.test(typeOf(part))

/** The text of a result that is such a list. The entry of a tool call has no attachments, so files are named. */
export function textOfResult(builder: TranscriptBuilder, convert: (inner: TranscriptBuilder) => void): string {
  const inner = new TranscriptBuilder({ onLoss: (kind) => builder.lose(kind), namesFiles: true })
  inner.begin({ role: 'USER' })
  convert(inner)
  return inner
    .end()
    .flatMap(({ chat }) => chat?.content ?? [])
    .join('\n')
}
