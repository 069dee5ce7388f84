import type {
  DerivedField as DerivedFieldName,
  MessageKind as MessageKindName,
  MessageRole as MessageRoleName,
  Visibility as VisibilityName,
} from '../database/generated/client/enums.ts'
import { builder } from '../graphql/builder.ts'
import { FROM_ROW } from '../graphql/read-extensions.ts'
import type { RedactionCounts } from './redaction/redact-text.ts'

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

export const DerivedField = builder.enumType('DerivedField', {
  description: `What Parley may fill in of a message. Not derived where the caller gave it, and never changed afterwards.`,
  values: {
    SENTIMENT: { description: '`sentiment`, of user messages in English.' },
    LANGUAGE: { description: '`language`, where the text is long enough to tell.' },
    TOKEN_COUNT: { description: "`tokenCount`, by GPT-4o's encoding (o200k_base)." },
    COST: { description: '`cost`, by the price of the model at the time.' },
  } satisfies Record<DerivedFieldName, { description: string }>,
})

/** An object and no list, which would count for ten in what a query may cost. */
export const Redactions = builder.objectRef<RedactionCounts>('Redactions').implement({
  description: 'How many of each kind were taken out of a message before it was stored, and what stands there instead.',
  fields: (t) => ({
    emailAddresses: t.int({
      description: 'E-mail addresses: `email@example.com`.',
      extensions: FROM_ROW,
      resolve: (counts) => counts.emailAddresses ?? 0,
    }),
    cardNumbers: t.int({
      description: 'Payment card numbers: `1111 1111 1111 1111`.',
      extensions: FROM_ROW,
      resolve: (counts) => counts.cardNumbers ?? 0,
    }),
    usSocialSecurityNumbers: t.int({
      description: 'US Social Security numbers: `000-00-0000`.',
      extensions: FROM_ROW,
      resolve: (counts) => counts.usSocialSecurityNumbers ?? 0,
    }),
    ukNationalInsuranceNumbers: t.int({
      description: 'UK National Insurance numbers: `QQ 12 34 56 C`.',
      extensions: FROM_ROW,
      resolve: (counts) => counts.ukNationalInsuranceNumbers ?? 0,
    }),
  }),
})
