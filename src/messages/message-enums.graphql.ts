import type {
  MessageKind as MessageKindName,
  MessageRole as MessageRoleName,
  Visibility as VisibilityName,
} from '../database/generated/client/enums.ts'
import { builder } from '../graphql/builder.ts'

type Described<Name extends string> = Record<Name, { description: string }>

export const MessageRole = builder.enumType('MessageRole', {
  description: 'Who said something.',
  values: {
    SYSTEM: { description: 'Instructions to the agent. Seen with the scope INTERNALS_READ alone.' },
    USER: { description: 'The end user.' },
    ASSISTANT: { description: 'The AI agent.' },
    HUMAN_AGENT: { description: 'A person who took over from the AI agent.' },
  } satisfies Described<MessageRoleName>,
})

export const MessageType = builder.enumType('MessageType', {
  description: 'The kinds of entries of a transcript.',
  values: {
    CHAT: { description: 'A `ChatMessage`.' },
    TOOL: { description: 'A `ToolCall`.' },
    EVENT: { description: 'A `ConversationEvent`.' },
  } satisfies Described<MessageKindName>,
})

export const Visibility = builder.enumType('Visibility', {
  description: 'Who may see an event.',
  values: {
    PUBLIC: { description: 'Whoever may read the conversation.' },
    INTERNAL: { description: 'Only those with the scope INTERNALS_READ.' },
  } satisfies Described<VisibilityName>,
})
