import { filterScope } from '../conversations/conversation-filter.graphql.ts'
import { badInput } from '../errors.ts'
import { builder } from '../graphql/builder.ts'
import { readsNumbers } from '../graphql/read-extensions.ts'
import {
  type AnalyticsArguments,
  analyticsArgs,
  parseAnalyticsFilter,
  resolveTimeZone,
} from './analytics-arguments.graphql.ts'
import { type LanguageRow, languageMetrics } from './breakdowns.sql.ts'
import { withoutTests } from './series.ts'
import { parsePeriod } from './time-buckets.ts'

const LanguageMetrics = builder.objectRef<LanguageRow>('LanguageMetrics').implement({
  description: 'What the chat messages in one language add up to.',
  fields: (t) => ({
    language: t.exposeString('language', {
      nullable: true,
      description: 'As given or derived; null: messages whose language is not known.',
    }),
    messages: t.exposeInt('messages', { description: 'Chat messages (that this credential may see).' }),
    userMessages: t.exposeInt('user_messages', { description: "End users' messages." }),
    conversations: t.exposeInt('conversations', { description: 'In how many conversations.' }),
    meanSentiment: t.exposeFloat('sentiment', {
      nullable: true,
      description: "Mean sentiment (−1 … 1) of end users' messages that have one.",
    }),
  }),
})

builder.queryField('languageMetrics', (t) =>
  t.field({
    type: [LanguageMetrics],
    description:
      'The languages of chat messages in conversations that began in a range, most used first. Needs the scope ANALYTICS_READ.',
    authScopes: { $all: { scope: 'ANALYTICS_READ', tenant: true } },
    args: {
      ...analyticsArgs,
      first: t.arg.int({ required: true, defaultValue: 20, description: 'How many languages, 1 to 100.' }),
    },
    resolve: readsNumbers(async (args: AnalyticsArguments & { first: number }, context, statements) => {
      if (args.first < 1 || args.first > 100) throw badInput(['first'], 'must be between 1 and 100.')
      const filter = withoutTests(parseAnalyticsFilter(context, args.filter), args.includeTests)
      const period = parsePeriod(args.range, await resolveTimeZone(context, args.timeZone, statements), context.now)
      return languageMetrics(statements, { filter, period, scope: filterScope(context) }, args.first)
    }),
  }),
)
