import { queryFromInfo } from '@pothos/plugin-prisma'
import { badInput, ParleyError, refusalOf } from '../errors.ts'
import { WRITERS_SEE } from '../graphql/access.ts'
import { builder } from '../graphql/builder.ts'
import { checkCount, checkInput } from '../input/check-input.ts'
import { LIMITS } from '../input/limits.ts'
import { Conversation } from './conversation.graphql.ts'
import { LogConversationInput } from './conversation-inputs.graphql.ts'
import { DUPLICATES, loadWritten } from './conversation-payload.graphql.ts'
import type { LogOutcome } from './log-conversations.ts'
import { writeBatchOf } from './write-batch.ts'

interface Result {
  index: number
  outcome: LogOutcome
}

/** The first is `extensions.inputPath`. */
function inputPathsOf({ extensions }: ParleyError): string[] {
  const { inputPath, inputPaths = inputPath === undefined ? [] : [inputPath] } = extensions
  return inputPaths as string[]
}

const LogError = builder.objectRef<{ refusal: ParleyError }>('LogError').implement({
  description: 'Why a conversation was not stored: the error that `logConversation` would return.',
  fields: (t) => ({
    code: t.string({
      description: 'Error code, as in `extensions.code` of an error.',
      resolve: ({ refusal }) => String(refusal.extensions['code']),
    }),
    message: t.string({
      description: 'Human-readable message. It usually starts with the path of the refused input.',
      resolve: ({ refusal }) => refusal.message,
    }),
    inputPath: t.string({
      nullable: true,
      description:
        'Path of the refused input, such as `input.conversations[3].externalId`. Null if the error is not about an input.',
      resolve: ({ refusal }) => inputPathsOf(refusal)[0],
    }),
    inputPaths: t.stringList({
      description:
        'Paths of all refused inputs, at most 50: a conversation can have several values that do not match the schema.',
      resolve: ({ refusal }) => inputPathsOf(refusal),
    }),
  }),
})

const LogConversationsResult = builder.objectRef<Result>('LogConversationsResult').implement({
  description: 'Result for one conversation.',
  fields: (t) => ({
    index: t.exposeInt('index', { description: 'Index of the conversation in `conversations`, from 0.' }),
    conversation: t.field({
      type: Conversation,
      nullable: true,
      description: `The new conversation, or the existing one. Null if there is an error. ${WRITERS_SEE.conversation}`,
      resolve: ({ outcome }, _args, context, info) =>
        outcome instanceof ParleyError
          ? null
          : loadWritten(context, queryFromInfo({ context, info }), outcome.conversationId),
    }),
    created: t.boolean({
      nullable: true,
      description:
        'Whether the conversation was created. False if the external id already existed. Null if there is an error.',
      resolve: ({ outcome }) => (outcome instanceof ParleyError ? null : outcome.created),
    }),
    duplicateCount: t.int({
      nullable: true,
      description: `${DUPLICATES} Null if there is an error.`,
      resolve: ({ outcome }) => (outcome instanceof ParleyError ? null : (outcome.duplicateCount ?? 0)),
    }),
    error: t.field({
      type: LogError,
      nullable: true,
      description: 'Why the conversation was not stored. Null if it was.',
      resolve: ({ outcome }) => (outcome instanceof ParleyError ? { refusal: outcome } : null),
    }),
  }),
})

const LogConversationsInput = builder.inputType('LogConversationsInput', {
  description: 'Conversations to store.',
  fields: (t) => ({
    conversations: t.field({
      type: [LogConversationInput],
      required: true,
      description: 'The conversations, 1 to 500.',
    }),
  }),
})

const LogConversationsPayload = builder.objectRef<{ results: Result[] }>('LogConversationsPayload').implement({
  description: 'Result of `logConversations`.',
  fields: (t) => ({
    results: t.field({
      type: [LogConversationsResult],
      description: 'One result for each of `conversations`, in the same order.',
      resolve: ({ results }) => results,
    }),
  }),
})

builder.mutationField('logConversations', (t) =>
  t.field({
    type: LogConversationsPayload,
    description:
      'Stores many conversations, each as `logConversation` would, and returns a result for each: refused ones are reported, the others are stored. If the list comes from a variable, this also applies to conversations that do not match the schema, such as one with an unknown role; if the list is written in the document, one such conversation refuses the whole call. If every conversation has an external id or an idempotency key, the call is safe to repeat. Needs the scope CONVERSATIONS_WRITE.',
    authScopes: { $all: { scope: 'CONVERSATIONS_WRITE', tenant: true } },
    args: {
      input: t.arg({ type: LogConversationsInput, required: true, description: 'The conversations.' }),
    },
    // Each is checked by itself, so that one that can't be stored does not affect the others.
    extensions: { checksInput: true },
    resolve: async (_root, { input: { conversations } }, context) => {
      const list = ['input', 'conversations']
      if (conversations.length === 0) throw badInput(list, 'must have at least one entry.')
      checkCount(conversations, LIMITS.conversationsPerCall, list)
      const given = conversations.map((input, index) => ({ input, path: [...list, index], now: context.now }))
      const refused = given.map(({ input, path }) => refusalOf(() => checkInput(input, path)))
      const taken = given.filter((_one, index) => !refused[index])
      const outcomes = await writeBatchOf(context).logMany(taken)
      context.wrote = true
      return {
        results: refused.map((refusal, index) => ({ index, outcome: refusal ?? (outcomes.shift() as LogOutcome) })),
      }
    },
  }),
)
