import type { ConversationStatus } from '../database/generated/client/enums.ts'
import { badInput, formatInputPath, type InputPath, ParleyError } from '../errors.ts'
import { exactlyOne, type Reference } from '../input/exactly-one.ts'
import { decodeId } from '../input/ids.ts'

/** The condition that finds it; null for an id that can't be one of ours. */
export function findConversation(
  reference: Reference,
  path: InputPath,
): { id: string } | { externalId: string } | null {
  const { name, value } = exactlyOne(reference, path)
  if (name === 'externalId') return { externalId: value }
  const id = decodeId('Conversation', value)
  return id === null ? null : { id }
}

export const FINAL_STATUSES = ['COMPLETED', 'ABANDONED', 'FAILED', 'DECLINED', 'MISSED'] as const

const FINAL: ReadonlySet<ConversationStatus> = new Set(FINAL_STATUSES)

/** Whether a conversation with this status accepts no more messages. */
export const isFinal = (status: ConversationStatus) => FINAL.has(status)

/** The open statuses, in the order in which a conversation passes through them. */
const OPEN: readonly ConversationStatus[] = ['QUEUED', 'RINGING', 'ACTIVE']

/** Refuses a step back from one open status to another. */
export function checkForward(from: ConversationStatus, to: ConversationStatus, path: InputPath): void {
  if (!isFinal(from) && !isFinal(to) && OPEN.indexOf(to) < OPEN.indexOf(from))
    throw badInput(path, `can't be ${to}: the conversation is ${from} already.`)
}

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
