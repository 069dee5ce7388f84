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
  description: 'Where a conversation is in its life. The last five are final: no message is added to them.',
  values: {
    QUEUED: { description: 'Waiting to begin.' },
    RINGING: { description: 'A call not yet answered.' },
    ACTIVE: { description: 'Going on.' },
    COMPLETED: { description: 'Final: ended as it should.' },
    ABANDONED: { description: 'Final: the end user left.' },
    FAILED: { description: 'Final: ended by an error.' },
    DECLINED: { description: 'Final: a call that was refused.' },
    MISSED: { description: 'Final: a call that nobody answered.' },
  } satisfies Described<ConversationStatusName>,
})

export const Channel = builder.enumType('Channel', {
  description: 'Channel the conversation took place on.',
  values: {
    CHAT: { description: 'A chat window or messenger.' },
    TICKET: { description: 'A support ticket.' },
    VOICE: { description: 'A call.' },
    EMAIL: { description: 'E-mail.' },
    OTHER: { description: 'Something else.' },
  } satisfies Described<ChannelName>,
})

export const Direction = builder.enumType('Direction', {
  description: 'Which side started it.',
  values: {
    INBOUND: { description: 'The end user.' },
    OUTBOUND: { description: 'The agent.' },
    WEB: { description: 'The end user, from a web page.' },
  } satisfies Described<DirectionName>,
})

export const Outcome = builder.enumType('Outcome', {
  description: 'Who or what handled it in the end.',
  values: {
    BOT_HANDLED: { description: 'The AI agent alone.' },
    AGENT: { description: 'It was handed to a person.' },
    EMAIL: { description: 'It was handed to e-mail.' },
    CUSTOM_ESCALATION: { description: 'It was handed on in another way.' },
    FAILED_ESCALATION: { description: 'It should have been handed on, and nobody took it.' },
  } satisfies Described<OutcomeName>,
})

export const Resolution = builder.enumType('Resolution', {
  description: 'What the end user got out of it.',
  values: {
    INFORMED: { description: 'An answer.' },
    RESOLVED: { description: 'The problem is solved.' },
    ESCALATED: { description: 'Somebody else goes on with it.' },
    UNDEFINED: { description: 'Not known.' },
  } satisfies Described<ResolutionName>,
})

export const AnalysisStatus = builder.enumType('AnalysisStatus', {
  description: "How far the caller's own analysis of a conversation is.",
  values: {
    PENDING: { description: 'Not begun.' },
    RUNNING: { description: 'Begun.' },
    COMPLETED: { description: 'Done.' },
    FAILED: { description: 'Ended by an error.' },
  } as const,
})
