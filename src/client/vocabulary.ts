import type { ConversationStatus, MessageRole } from './generated/schema-types.ts'

/** The role that each word of other products means. */
const ROLES: Record<MessageRole, string> = {
  USER: 'user human customer visitor client guest end_user contact lead',
  ASSISTANT: 'assistant ai bot chatbot agent model',
  SYSTEM: 'system developer',
  HUMAN_AGENT: 'human_agent operator admin teammate',
}

const STATUSES: Record<ConversationStatus, string> = {
  QUEUED: 'queued scheduled',
  RINGING: 'ringing',
  ACTIVE: 'active in_progress ongoing open started',
  COMPLETED: 'completed complete closed ended done resolved finished success',
  ABANDONED: 'abandoned expired',
  FAILED: 'failed error',
  DECLINED: 'declined rejected canceled cancelled busy',
  MISSED: 'missed no_answer',
}

const wordsOf = <Name extends string>(words: Record<Name, string>) =>
  new Map(
    Object.entries<string>(words).flatMap(([name, list]) =>
      [name, ...list.split(' ')].map((word) => [word, name as Name]),
    ),
  )

const roles = wordsOf(ROLES)
const statuses = wordsOf(STATUSES)

/** `in-progress` and `inProgress` as `in_progress`. */
const fold = (word: string) =>
  word
    .trim()
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .replace(/[\s-]+/g, '_')
    .toLowerCase()

export function roleOf(word: unknown): MessageRole {
  if (typeof word !== 'string') throw new Error('a message has no role; use USER, ASSISTANT, SYSTEM or HUMAN_AGENT')
  // Most are written as they are here.
  const role = roles.get(word) ?? roles.get(fold(word))
  if (!role) throw new Error(`the role "${word}" is unknown; use USER, ASSISTANT, SYSTEM or HUMAN_AGENT`)
  return role
}

export function statusOf(word: string): ConversationStatus {
  const status = statuses.get(word) ?? statuses.get(fold(word))
  if (!status) throw new Error(`the status "${word}" is unknown; use ${Object.keys(STATUSES).join(', ')}`)
  return status
}
