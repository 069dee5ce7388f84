import type {
  Channel,
  ConversationStatus,
  MessageRole,
  Outcome,
  Resolution,
  SentimentLabel,
} from '../../client/generated/schema-types.ts'
import type { Text, Texts } from '../texts.ts'

/** The texts for what the API names in capitals. A server that is newer may have further names, which are shown as they are. */

type Labels<Name extends string> = Readonly<Record<Name, keyof Texts>>

export const STATUS: Labels<ConversationStatus> = {
  QUEUED: 'statusQueued',
  RINGING: 'statusRinging',
  ACTIVE: 'statusActive',
  COMPLETED: 'statusCompleted',
  ABANDONED: 'statusAbandoned',
  FAILED: 'statusFailed',
  DECLINED: 'statusDeclined',
  MISSED: 'statusMissed',
}

export const CHANNEL: Labels<Channel> = {
  CHAT: 'channelChat',
  TICKET: 'channelTicket',
  VOICE: 'channelVoice',
  EMAIL: 'channelEmail',
  OTHER: 'channelOther',
}

export const SENTIMENT: Labels<SentimentLabel> = {
  POSITIVE: 'sentimentPositive',
  NEUTRAL: 'sentimentNeutral',
  NEGATIVE: 'sentimentNegative',
}

export const ROLE: Labels<MessageRole> = {
  USER: 'roleUser',
  ASSISTANT: 'roleAssistant',
  HUMAN_AGENT: 'roleHumanAgent',
  SYSTEM: 'roleSystem',
}

export const OUTCOME: Labels<Outcome> = {
  BOT_HANDLED: 'outcomeBotHandled',
  HUMAN_AGENT: 'outcomeHumanAgent',
  EMAIL: 'outcomeEmail',
  CUSTOM_ESCALATION: 'outcomeCustomEscalation',
  FAILED_ESCALATION: 'outcomeFailedEscalation',
}

export const RESOLUTION: Labels<Resolution> = {
  INFORMED: 'resolutionInformed',
  RESOLVED: 'resolutionResolved',
  ESCALATED: 'resolutionEscalated',
  UNDEFINED: 'resolutionUndefined',
}

export const labelOf = <Name extends string>(labels: Labels<Name>, name: Name, text: Text): string =>
  Object.hasOwn(labels, name) ? text(labels[name]) : name
