import { filterScope } from '../conversations/conversation-filter.graphql.ts'
import { builder } from '../graphql/builder.ts'
import { type EntryLimits, entryCount, parseEntryCount } from '../graphql/entry-count.ts'
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

const LANGUAGES: EntryLimits = { min: 1, max: 100, default: 20 }

const LanguageMetrics = builder.objectRef<LanguageRow>('LanguageMetrics').implement({
  description: 'Metrics of the chat messages in one language.',
  fields: (t) => ({
    language: t.exposeString('language', {
      nullable: true,
      description: 'BCP 47 tag of the language of the messages, given or derived. Null if unknown.',
    }),
    messageCount: t.exposeInt('messages', { description: 'Number of chat messages that this credential may see.' }),
    userMessageCount: t.exposeInt('user_messages', { description: 'Number of user messages.' }),
    conversationCount: t.exposeInt('conversations', {
      description: 'Number of conversations with messages in this language.',
    }),
    meanSentiment: t.exposeFloat('sentiment', {
      nullable: true,
      description: 'Mean sentiment (-1 to 1) of user messages that have one. Null if none has.',
    }),
  }),
})

builder.queryField('languageMetrics', (t) =>
  t.field({
    type: [LanguageMetrics],
    nullable: true,
    description:
      'Languages of the chat messages in conversations that began in a range, most used first. A ranking has no pages: `first` says how many. Needs the scope ANALYTICS_READ.',
    authScopes: { $all: { scope: 'ANALYTICS_READ', tenant: true } },
    args: {
      ...analyticsArgs,
      first: t.arg.int(entryCount('How many languages to return, 1 to 100.', LANGUAGES)),
    },
    resolve: readsNumbers(async (args: AnalyticsArguments & { first?: number | null }, context, statements) => {
      const first = parseEntryCount(args.first, LANGUAGES, ['first'])
      const filter = withoutTests(parseAnalyticsFilter(context, args.filter), args.includeTests)
      const period = parsePeriod(args.range, await resolveTimeZone(context, args, statements), context.now)
      return languageMetrics(statements, { filter, period, scope: filterScope(context) }, first)
    }),
  }),
)
