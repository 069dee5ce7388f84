import { queryFromInfo } from '@pothos/plugin-prisma'
import { badInput, ParleyError, refusalOf } from '../errors.ts'
import { WRITERS_SEE } from '../graphql/access.ts'
import { builder } from '../graphql/builder.ts'
import { checkCount, checkInput } from '../input/check-input.ts'
import { LIMITS } from '../input/limits.ts'
import { Conversation } from './conversation.graphql.ts'
import { LogConversationInput } from './conversation-inputs.graphql.ts'
import { loadWritten } from './conversation-payload.graphql.ts'
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
  description: 'Why a conversation was not stored: what `logConversation` answers as an error.',
  fields: (t) => ({
    code: t.string({
      description: 'One of the codes of `extensions.code`.',
      resolve: ({ refusal }) => String(refusal.extensions['code']),
    }),
    message: t.string({
      description: 'For people; begins with the input it is about.',
      resolve: ({ refusal }) => refusal.message,
    }),
    inputPath: t.string({
      nullable: true,
      description: 'What of the input it is about, such as `inputs[3].externalId`.',
      resolve: ({ refusal }) => inputPathsOf(refusal)[0],
    }),
    inputPaths: t.stringList({
      description: 'All that it is about: a conversation can have several values that do not fit the schema.',
      resolve: ({ refusal }) => inputPathsOf(refusal),
    }),
  }),
})

const LogConversationsResult = builder.objectRef<Result>('LogConversationsResult').implement({
  description: 'What became of one conversation.',
  fields: (t) => ({
    index: t.exposeInt('index', { description: 'Its place in `inputs`, from 0.' }),
    conversation: t.field({
      type: Conversation,
      nullable: true,
      description: `The new one, or the one that existed; null if there is an error. ${WRITERS_SEE.conversation}`,
      resolve: ({ outcome }, _args, context, info) =>
        outcome instanceof ParleyError
          ? null
          : loadWritten(context, queryFromInfo({ context, info }), outcome.conversationId),
    }),
    created: t.boolean({
      nullable: true,
      description: 'False where a conversation of this external id existed; null where there is an error.',
      resolve: ({ outcome }) => (outcome instanceof ParleyError ? null : outcome.created),
    }),
    error: t.field({
      type: LogError,
      nullable: true,
      description: 'Why it was not stored; null where it was.',
      resolve: ({ outcome }) => (outcome instanceof ParleyError ? { refusal: outcome } : null),
    }),
  }),
})

const LogConversationsPayload = builder.objectRef<{ results: Result[] }>('LogConversationsPayload').implement({
  description: 'The answer of `logConversations`.',
  fields: (t) => ({
    results: t.field({
      type: [LogConversationsResult],
      description: 'One for each of `inputs`, in their order.',
      resolve: ({ results }) => results,
    }),
  }),
})

builder.mutationField('logConversations', (t) =>
  t.field({
    type: LogConversationsPayload,
    description:
      'Stores many conversations, each as `logConversation` would: those that are refused are named, the others are kept. In a list variable, so is one that does not fit the schema; in the document, it refuses the whole. With external ids it is safe to send again. Needs the scope CONVERSATIONS_WRITE.',
    authScopes: { $all: { scope: 'CONVERSATIONS_WRITE', tenant: true } },
    args: {
      inputs: t.arg({
        type: [LogConversationInput],
        required: true,
        description: 'From 1 to 500.',
      }),
    },
    // Each by itself, so that one that can't be stored leaves the others alone.
    extensions: { checksInput: true },
    resolve: async (_root, { inputs }, context) => {
      if (inputs.length === 0) throw badInput(['inputs'], 'must have at least one entry.')
      checkCount(inputs, LIMITS.conversationsPerCall, ['inputs'])
      const given = inputs.map((input, index) => ({ input, path: ['inputs', index], now: context.now }))
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
