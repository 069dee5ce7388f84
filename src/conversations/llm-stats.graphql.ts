import { builder } from '../graphql/builder.ts'
import { FROM_ROW } from '../graphql/read-extensions.ts'
import { Conversation } from './conversation.graphql.ts'

/** Counts that a platform keeps of its language model, and that nobody else can know; Parley stores them. */
const COUNTS = {
  notUnderstood: 'Messages that the model did not understand.',
  responseGenerated: 'Answers that it wrote.',
  errorOccurred: 'Errors in writing them.',
  escalationRequired: 'Times that it asked for a person.',
  fallback: 'Times that a prepared answer stood in for its own.',
} as const

type Count = keyof typeof COUNTS
type LlmStatsRow = Record<Count, number>

/** The same for each of them. */
const forEach = <Made>(make: (name: Count, description: string) => Made) =>
  Object.fromEntries(Object.entries(COUNTS).map(([name, description]) => [name, make(name as Count, description)])) as {
    [Name in Count]: Made
  }

const LlmStats = builder.objectRef<LlmStatsRow>('LlmStats').implement({
  description: 'What was counted of a language model’s work in a conversation, as given by the caller.',
  fields: (t) => forEach((name, description) => t.exposeInt(name, { description })),
})

export const LlmStatsInput = builder.inputType('LlmStatsInput', {
  description: 'What was counted of a language model’s work in a conversation.',
  fields: (t) => forEach((_name, description) => t.int({ required: true, defaultValue: 0, description })),
})

builder.prismaObjectField(Conversation, 'llmStats', (t) =>
  t.field({
    type: LlmStats,
    nullable: true,
    description: 'What was counted of a language model’s work; null: none took part, or nobody counted.',
    select: { llmStats: true },
    // Written from LlmStatsInput alone.
    extensions: FROM_ROW,
    resolve: ({ llmStats }) => llmStats as LlmStatsRow | null,
  }),
)
