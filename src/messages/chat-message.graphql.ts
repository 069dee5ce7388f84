import { READERS_ONLY } from '../graphql/access.ts'
import { builder } from '../graphql/builder.ts'
import { Node } from '../graphql/node.ts'
import { column, FROM_ROW, type OfKind, requiredColumn } from '../graphql/read-extensions.ts'
import { Message } from './message.graphql.ts'
import { EnrichedField, MessageRole } from './message-enums.graphql.ts'
import type { Attachment as AttachmentRow, Reply as ReplyRow } from './message-row.ts'

const Intent = builder.objectRef<{ name: string; meaningful: boolean; externalId: string | null }>('Intent').implement({
  description: 'The intent that was recognised in a message.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Name of the intent.' }),
    meaningful: t.exposeBoolean('meaningful', {
      description: 'False for greetings, thanks and the like, which do not show what a conversation is about.',
    }),
    externalId: t.exposeString('externalId', {
      nullable: true,
      description: "External id: the caller's own id for the intent. Null if not given.",
    }),
  }),
})

const Reply = builder.objectRef<ReplyRow>('Reply').implement({
  description: 'The reply of a dialogue that a message is.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Name of the reply.' }),
    externalId: t.exposeString('externalId', {
      nullable: true,
      description: "External id: the caller's own id for the reply. Null if not given.",
    }),
    type: t.exposeString('type', {
      nullable: true,
      description: "Type of the reply, in the caller's words. Null if not given.",
    }),
  }),
})

const Attachment = builder.objectRef<AttachmentRow>('Attachment').implement({
  description: 'A file that was sent with a message, and is hosted elsewhere.',
  fields: (t) => ({
    url: t.exposeString('url', {
      description: 'URL of the file, https. What redaction finds in it is replaced, and it may then lead nowhere.',
    }),
    name: t.exposeString('name', { nullable: true, description: 'Name of the file. Null if not given.' }),
    mediaType: t.exposeString('mediaType', {
      nullable: true,
      description: 'Media type, such as image/png. Null if not given.',
    }),
  }),
})

export const ChatMessage = builder.prismaObject('Message', {
  variant: 'ChatMessage',
  extensions: { kind: { column: 'kind', value: 'CHAT' } } satisfies OfKind,
  description:
    'A chat message from the end user, the AI agent or a person who took over, or a system prompt (instructions to the agent). Fields that were not given are null, unless they are derived.',
  interfaces: [Node, Message],
  authScopes: READERS_ONLY,
  select: { id: true, kind: true },
  fields: (t) => ({
    role: t.field({
      type: MessageRole,
      description: 'Who the message is from.',
      // A CHECK constraint of the table: every chat message has a role and content.
      ...requiredColumn('role'),
    }),
    authorName: t.string({
      ...column('name'),
      nullable: true,
      description: 'Name of its author. Null if not given.',
    }),
    content: t.string({
      description: 'Text of the message.',
      ...requiredColumn('content'),
    }),
    attachments: t.field({
      type: [Attachment],
      description: 'Files that were sent with it. Empty if there are none.',
      select: { attachments: true },
      extensions: FROM_ROW,
      resolve: ({ attachments }) => (attachments as AttachmentRow[] | null) ?? [],
    }),
    model: t.string({
      ...column('model'),
      nullable: true,
      description:
        'The language model that wrote it, up to 256 characters. Default for deriving the cost: the model of the conversation or agent.',
    }),
    tokenCount: t.int({
      ...column('tokenCount'),
      nullable: true,
      description: 'Length in tokens, given or derived. Null if unknown.',
    }),
    costUsd: t.float({
      nullable: true,
      description: 'Cost in US dollars, given or derived. Null if unknown.',
      select: { cost: true },
      extensions: FROM_ROW,
      resolve: (message) => message.cost?.toNumber(),
    }),
    latencyMs: t.float({
      ...column('latencyMs'),
      nullable: true,
      description: 'How long the AI agent took to answer, in milliseconds. Null if unknown.',
    }),
    rating: t.int({
      ...column('rating'),
      nullable: true,
      description: 'Rating: -1 is bad, 0 neutral, 1 good. Null if it is not rated.',
    }),
    sentiment: t.float({
      ...column('sentiment'),
      nullable: true,
      description: 'Sentiment from -1 (negative) to 1 (positive), given or derived. Null if unknown.',
    }),
    language: t.string({
      ...column('language'),
      nullable: true,
      description: 'BCP 47 language tag, such as en or pt-BR, given or derived. Null if unknown.',
    }),
    translation: t.string({
      ...column('translation'),
      nullable: true,
      description: 'Translation of the content into another language, as given by the caller. Null if there is none.',
    }),
    understood: t.boolean({
      ...column('understood'),
      nullable: true,
      description:
        'Whether the AI agent understood this user message, as given by the caller. Null if not given; analytics then count it as understood.',
    }),
    intent: t.field({
      type: Intent,
      nullable: true,
      description: 'The intent that was recognised in it.',
      select: { intentName: true, intentMeaningful: true, intentExternalId: true },
      extensions: FROM_ROW,
      resolve: ({ intentName, intentMeaningful, intentExternalId }) =>
        intentName === null
          ? null
          : { name: intentName, meaningful: intentMeaningful ?? true, externalId: intentExternalId },
    }),
    reply: t.field({
      type: Reply,
      nullable: true,
      description: 'The reply of the dialogue that it is. Null if not given.',
      select: { reply: true },
      // Only ever written from ReplyInput.
      extensions: FROM_ROW,
      resolve: ({ reply }) => reply as ReplyRow | null,
    }),
    participantId: t.string({
      ...column('participantId'),
      nullable: true,
      description: 'Id of the speaker, if the conversation has several.',
    }),
    endedAt: t.field({
      ...column('endedAt'),
      type: 'DateTime',
      nullable: true,
      description: 'For speech: when the utterance ended.',
    }),
    enrichedFields: t.field({
      type: [EnrichedField],
      description: 'The fields that Parley derived because the caller did not give them.',
      select: { derived: true },
      extensions: FROM_ROW,
      resolve: (message) => message.derived,
    }),
  }),
})
