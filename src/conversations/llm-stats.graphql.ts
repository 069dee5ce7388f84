import { builder } from '../graphql/builder.ts'
import { FROM_ROW } from '../graphql/read-extensions.ts'
import { Conversation } from './conversation.graphql.ts'

/** Counts that only the caller's platform can know about its language model. Parley just stores them. */
const COUNTS = {
  notUnderstoodCount: 'Number of messages that the model did not understand.',
  responseGeneratedCount: 'Number of answers that the model wrote.',
  errorOccurredCount: 'Number of errors while generating answers.',
  escalationRequiredCount: 'Number of times that the model asked for a person.',
  fallbackCount: "Number of times that a prepared answer replaced the model's own.",
} as const

type Count = keyof typeof COUNTS
type LlmStatsRow = Partial<Record<string, number>>

/** Before version 1, counts were stored without `Count`. */
const earlierName = (name: Count) => name.replace(/Count$/, '')

/** Makes one field per count. */
const forEach = <Made>(make: (name: Count, description: string) => Made) =>
  Object.fromEntries(Object.entries(COUNTS).map(([name, description]) => [name, make(name as Count, description)])) as {
    [Name in Count]: Made
  }

const LlmStats = builder.objectRef<LlmStatsRow>('LlmStats').implement({
  description: "The caller's counts of what a language model did in a conversation.",
  fields: (t) =>
    forEach((name, description) =>
      t.int({ description, extensions: FROM_ROW, resolve: (counts) => counts[name] ?? counts[earlierName(name)] ?? 0 }),
    ),
})

export const LlmStatsInput = builder.inputType('LlmStatsInput', {
  description: 'Counts of what a language model did in a conversation, none of them negative.',
  fields: (t) => forEach((_name, description) => t.int({ required: true, defaultValue: 0, description })),
})

builder.prismaObjectFields(Conversation, (t) => ({
  isLlmConversation: t.boolean({
    nullable: true,
    description:
      'Whether a language model took part: as given or, if not given, true if there are `llmStats`. Null if unknown.',
    select: { isLlmConversation: true, llmStats: true },
    extensions: FROM_ROW,
    resolve: ({ isLlmConversation, llmStats }) => isLlmConversation ?? (llmStats === null ? null : true),
  }),
  llmStats: t.field({
    type: LlmStats,
    nullable: true,
    description: "The caller's counts of what a language model did. Null if none were given.",
    select: { llmStats: true },
    // Only ever written from LlmStatsInput.
    extensions: FROM_ROW,
    resolve: ({ llmStats }) => llmStats as LlmStatsRow | null,
  }),
}))
