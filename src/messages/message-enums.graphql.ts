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
  description: 'Who a chat message is from.',
  values: {
    SYSTEM: { description: 'A system prompt: instructions to the agent. Visible only with the scope INTERNALS_READ.' },
    USER: { description: 'The end user.' },
    ASSISTANT: { description: 'The AI agent.' },
    HUMAN_AGENT: { description: 'A person who took over from the AI agent.' },
  } satisfies Described<MessageRoleName>,
})

export const MessageType = builder.enumType('MessageType', {
  description: 'Types of transcript entries.',
  values: {
    CHAT: { description: 'A `ChatMessage`.' },
    TOOL: { description: 'A `ToolCall`.' },
    EVENT: { description: 'A `ConversationEvent`.' },
  } satisfies Described<MessageKindName>,
})

export const Visibility = builder.enumType('Visibility', {
  description: 'Who may see an event.',
  values: {
    PUBLIC: { description: 'Everyone who may read the conversation.' },
    INTERNAL: { description: 'Only credentials with the scope INTERNALS_READ.' },
  } satisfies Described<VisibilityName>,
})

export const EnrichedField = builder.enumType('EnrichedField', {
  description:
    'Fields of a message that Parley can derive. A field that the caller gave is not derived, and only `updateMessages` changes a derived value.',
  values: {
    SENTIMENT: { description: '`sentiment`, for user messages in English.' },
    LANGUAGE: { description: '`language`, if the text is long enough to tell.' },
    TOKEN_COUNT: { description: "`tokenCount`, in GPT-4o's encoding (o200k_base)." },
    COST: { description: '`costUsd`, at the price of the model at the time.' },
  } satisfies Record<DerivedFieldName, { description: string }>,
})

/** An object rather than a list, which would count as ten in the cost of a query. */
export const Redactions = builder.objectRef<RedactionCounts>('Redactions').implement({
  description: 'How many values of each kind were redacted before a message was stored, and what replaced them.',
  fields: (t) => ({
    emailAddressCount: t.int({
      description: 'Number of email addresses, replaced by `email@example.com`.',
      extensions: FROM_ROW,
      resolve: (counts) => counts.emailAddresses ?? 0,
    }),
    cardNumberCount: t.int({
      description: 'Number of payment card numbers, replaced by `1111 1111 1111 1111`.',
      extensions: FROM_ROW,
      resolve: (counts) => counts.cardNumbers ?? 0,
    }),
    usSocialSecurityNumberCount: t.int({
      description: 'Number of US Social Security numbers, replaced by `000-00-0000`.',
      extensions: FROM_ROW,
      resolve: (counts) => counts.usSocialSecurityNumbers ?? 0,
    }),
    ukNationalInsuranceNumberCount: t.int({
      description: 'Number of UK National Insurance numbers, replaced by `QQ 12 34 56 C`.',
      extensions: FROM_ROW,
      resolve: (counts) => counts.ukNationalInsuranceNumbers ?? 0,
    }),
    phoneNumberCount: t.int({
      description: 'Number of phone numbers, replaced by `+00 000 000000`.',
      extensions: FROM_ROW,
      resolve: (counts) => counts.phoneNumbers ?? 0,
    }),
    ibanCount: t.int({
      description: 'Number of IBANs, replaced by `XX00 0000 0000 0000 0000 00`.',
      extensions: FROM_ROW,
      resolve: (counts) => counts.ibans ?? 0,
    }),
    patternMatchCount: t.int({
      description: "Number of matches of the tenant's own patterns, replaced as those say.",
      extensions: FROM_ROW,
      resolve: (counts) => counts.patternMatches ?? 0,
    }),
  }),
})
