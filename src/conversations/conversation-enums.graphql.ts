import type {
  Channel as ChannelName,
  ConversationStatus as ConversationStatusName,
  Direction as DirectionName,
  Outcome as OutcomeName,
  Resolution as ResolutionName,
} from '../database/generated/client/enums.ts'
import { builder } from '../graphql/builder.ts'

type Described<Name extends string> = Record<Name, { description: string }>

export const ConversationStatus = builder.enumType('ConversationStatus', {
  description:
    'Lifecycle status of a conversation. COMPLETED, ABANDONED, FAILED, DECLINED and MISSED are final: the conversation is closed and accepts no more messages, unless it is reopened. The others are open.',
  values: {
    QUEUED: { description: 'Waiting to start.' },
    RINGING: { description: 'A call that has not been answered yet.' },
    ACTIVE: { description: 'In progress.' },
    COMPLETED: { description: 'Final: ended normally.' },
    ABANDONED: { description: 'Final: the end user left.' },
    FAILED: { description: 'Final: ended with an error.' },
    DECLINED: { description: 'Final: a call that was declined.' },
    MISSED: { description: 'Final: a call that nobody answered.' },
  } satisfies Described<ConversationStatusName>,
})

export const Channel = builder.enumType('Channel', {
  description: 'Channel the conversation took place on.',
  values: {
    CHAT: { description: 'A chat window or messenger.' },
    TICKET: { description: 'A support ticket.' },
    VOICE: { description: 'A voice call.' },
    EMAIL: { description: 'Email.' },
    OTHER: { description: 'Any other channel.' },
  } satisfies Described<ChannelName>,
})

export const Direction = builder.enumType('Direction', {
  description: 'Which side started it.',
  values: {
    INBOUND: { description: 'The end user, other than from a web page.' },
    OUTBOUND: { description: 'The agent.' },
    WEB: { description: 'The end user, from a web page.' },
  } satisfies Described<DirectionName>,
})

export const Outcome = builder.enumType('Outcome', {
  description: 'Who or what handled it in the end.',
  values: {
    BOT_HANDLED: { description: 'Only the AI agent handled it.' },
    HUMAN_AGENT: { description: 'It was handed over to a person. (This is a human agent, not an `Agent`.)' },
    EMAIL: { description: 'It was handed over to email.' },
    CUSTOM_ESCALATION: { description: 'It was escalated in another way.' },
    FAILED_ESCALATION: { description: 'It should have been escalated, but nobody took over.' },
  } satisfies Described<OutcomeName>,
})

export const Resolution = builder.enumType('Resolution', {
  description: 'What it achieved for the end user.',
  values: {
    INFORMED: { description: 'The end user got an answer.' },
    RESOLVED: { description: 'The problem is solved.' },
    ESCALATED: { description: 'Somebody else is taking care of the problem.' },
    UNDEFINED: { description: 'The caller does not know. (Null: the caller said nothing.)' },
  } satisfies Described<ResolutionName>,
})

export const AnalysisStatus = builder.enumType('AnalysisStatus', {
  description: "Progress of the caller's own analysis of a conversation.",
  values: {
    PENDING: { description: 'Not started.' },
    RUNNING: { description: 'In progress.' },
    COMPLETED: { description: 'Done.' },
    FAILED: { description: 'Ended with an error.' },
  } as const,
})
