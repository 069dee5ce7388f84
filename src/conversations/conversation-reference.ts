import type { ConversationStatus } from '../database/generated/client/enums.ts'
import { formatInputPath, type InputPath, ParleyError } from '../errors.ts'
import { exactlyOne } from '../input/exactly-one.ts'
import { decodeId } from '../input/ids.ts'

/** A conversation, by Parley's id or the caller's own. */
export interface ConversationReference {
  id?: string | null | undefined
  externalId?: string | null | undefined
}

/** The condition that finds it; null for an id that can't be one of ours. */
export function findConversation(
  reference: ConversationReference,
  path: InputPath,
): { id: string } | { externalId: string } | null {
  const { name, value } = exactlyOne(reference, ['id', 'externalId'], path)
  if (name === 'externalId') return { externalId: value }
  const id = decodeId('Conversation', value)
  return id === null ? null : { id }
}

const FINAL: ReadonlySet<ConversationStatus> = new Set(['COMPLETED', 'ABANDONED', 'FAILED', 'DECLINED', 'MISSED'])

/** Whether a conversation with this status accepts no more messages. */
export const isFinal = (status: ConversationStatus) => FINAL.has(status)

export const conversationClosed = (status: ConversationStatus, path: InputPath = ['input']) =>
  new ParleyError(
    'CONVERSATION_CLOSED',
    `The conversation is ${status}: it accepts no more messages and no other result.`,
    {
      inputPath: formatInputPath(path),
      status,
    },
  )

export const sequenceConflict = (expected: number, actual: number) =>
  new ParleyError('SEQUENCE_CONFLICT', `input.expectedSequence: is ${expected}, but the next sequence is ${actual}.`, {
    inputPath: 'input.expectedSequence',
    expectedSequence: expected,
    actualSequence: actual,
  })
