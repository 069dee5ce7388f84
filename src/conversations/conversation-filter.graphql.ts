import type { Context } from '../context.ts'
import { badInput, type InputPath } from '../errors.ts'
import { builder } from '../graphql/builder.ts'
import { allOf, anyOf } from '../graphql/filter-lists.ts'
import { AgentBy } from '../graphql/look-ups.ts'
import { TimeRange } from '../graphql/ranges.ts'
import type { InputLimits } from '../graphql/read-limits.ts'
import { parseAgentSet } from '../input/agent-set.ts'
import type { Reference } from '../input/exactly-one.ts'
import { LIMITS } from '../input/limits.ts'
import type { MetadataCondition } from '../metadata/metadata-filter.sql.ts'
import { parseSearch } from '../search/parse-search.ts'
import { AnalysisStatus, ConversationStatus } from './conversation-enums.graphql.ts'
import type { ConversationFilter as Filter, FilterScope } from './conversation-filter.sql.ts'
import { plainFilterFields } from './plain-fields.graphql.ts'

const FloatRange = builder.inputType('FloatRange', {
  description: 'A range of numbers. All given bounds must hold.',
  fields: (t) => ({
    gt: t.float({ required: false, description: 'Greater than this.' }),
    gte: t.float({ required: false, description: 'Greater than or equal to this.' }),
    lt: t.float({ required: false, description: 'Less than this.' }),
    lte: t.float({ required: false, description: 'Less than or equal to this.' }),
  }),
})

const MetadataFilter = builder.inputType('MetadataFilter', {
  description:
    'Conditions on the metadata value at one path. All given conditions must hold, and at least one must be given. In `eq`, `ne` and `contains`, null means JSON null; in the others, it means no condition. Types are strict: 245 is not "245", and no comparison matches a value of another type. Every key is indexed.',
  fields: (t) => ({
    path: t.stringList({
      required: true,
      description: `Keys that lead to the value, outermost first, 1 to ${LIMITS.metadataPathKeys}. No array indexes.`,
      extensions: { isPath: true } satisfies InputLimits,
    }),
    eq: t.field({ type: 'JSON', required: false, description: 'Equals this value. Null means JSON null.' }),
    ne: t.field({
      type: 'JSON',
      required: false,
      description: 'Does not equal this value. Null means JSON null. Also matches if the key is missing.',
    }),
    in: t.field({
      type: ['JSON'],
      required: { list: false, items: false },
      description: anyOf('Equals one of these values.'),
    }),
    gt: t.field({
      type: 'JSON',
      required: false,
      description: 'Greater than this number or string. Strings are compared by code point.',
    }),
    gte: t.field({
      type: 'JSON',
      required: false,
      description: 'Greater than or equal to this number or string. Strings are compared by code point.',
    }),
    lt: t.field({
      type: 'JSON',
      required: false,
      description: 'Less than this number or string. Strings are compared by code point.',
    }),
    lte: t.field({
      type: 'JSON',
      required: false,
      description: 'Less than or equal to this number or string. Strings are compared by code point.',
    }),
    exists: t.boolean({
      required: false,
      description: 'True: the key exists, even with JSON null. False: it does not.',
    }),
    contains: t.field({
      type: 'JSON',
      required: false,
      description:
        'The value is an array with this element, an array with all elements of this array, or an object with all entries of this object.',
    }),
    startsWith: t.string({ required: false, description: 'The string starts with this.' }),
  }),
})

type MetadataInput = typeof MetadataFilter.$inferInput

/** The filter as sent: agents by either id, search as text, and metadata bounds of any JSON type. */
export interface ConversationFilterInput extends Omit<Filter, 'agents' | 'search' | 'metadata' | 'and' | 'or' | 'not'> {
  agents?: Reference[] | null
  search?: string | null
  metadata?: MetadataInput[] | null
  and?: ConversationFilterInput[] | null
  or?: ConversationFilterInput[] | null
  not?: ConversationFilterInput | null
}

export const ConversationFilter = builder.inputRef<ConversationFilterInput>('ConversationFilter').implement({
  description:
    "Filters conversations. All given conditions must hold. Absent or null means no condition. A list has at most 500 values, and all filters of an operation together at most 100 conditions. Lists, series, metrics and subscriptions use the same filter. Dates are in the tenant's time zone, unless their range names another.",
  fields: (t) => ({
    startedAt: t.field({ type: TimeRange, required: false, description: 'When the conversation began.' }),
    endedAt: t.field({
      type: TimeRange,
      required: false,
      description: 'When the conversation ended. With a bound, open conversations do not match.',
    }),
    createdAt: t.field({ type: TimeRange, required: false, description: 'When the conversation was first stored.' }),
    updatedAt: t.field({ type: TimeRange, required: false, description: 'When the conversation was last changed.' }),
    externalIds: t.stringList({ required: false, description: anyOf('Has one of these external ids.') }),
    statuses: t.field({
      type: [ConversationStatus],
      required: false,
      description: anyOf('Has one of these statuses.'),
    }),
    agents: t.field({
      type: [AgentBy],
      required: false,
      description: anyOf('At least one of these agents took part.'),
    }),
    ...plainFilterFields(t),
    languages: t.stringList({
      required: false,
      description: anyOf('Has one of these language tags. Tags must match exactly: en does not match en-US.'),
    }),
    labels: t.stringList({
      required: false,
      description: anyOf(
        'Has at least one of these labels. To require all of them, put one filter per label in `and`.',
      ),
    }),
    isTest: t.boolean({
      required: false,
      description:
        'Whether it is a test. Default: both or, in analytics, only those that are not (see `includeTests`).',
    }),
    isLlmConversation: t.boolean({
      required: false,
      description: 'Whether a language model took part. Conversations of which that is unknown match neither.',
    }),
    ratings: t.intList({ required: false, description: anyOf('Has a message with one of these ratings: -1, 0 or 1.') }),
    sentiment: t.field({
      type: FloatRange,
      required: false,
      description:
        'Mean sentiment of its user messages, from -1 to 1. With a bound, conversations without a sentiment do not match.',
    }),
    durationMs: t.field({
      type: FloatRange,
      required: false,
      description: 'Duration in milliseconds. With a bound, conversations without a duration do not match.',
    }),
    messageCount: t.field({
      type: FloatRange,
      required: false,
      description: 'Number of transcript entries that this credential may see.',
    }),
    hasNotUnderstood: t.boolean({
      required: false,
      description: 'Whether there is a user message that the agent did not understand.',
    }),
    toolNames: t.stringList({ required: false, description: anyOf('Has a call of one of these tools.') }),
    eventNames: t.stringList({ required: false, description: anyOf('Has one of these events, by name.') }),
    messageExternalIds: t.stringList({
      required: false,
      description: anyOf('Has an entry with one of these external ids.'),
    }),
    intents: t.stringList({ required: false, description: anyOf('Has a message with one of these intents.') }),
    analysisStatuses: t.field({
      type: [AnalysisStatus],
      required: false,
      description: anyOf('Has an analysis with one of these statuses. Conversations without an analysis do not match.'),
    }),
    analysisTags: t.stringList({
      required: false,
      description: anyOf('Its analysis has at least one of these tags.'),
    }),
    analysisPending: t.boolean({
      required: false,
      description:
        'Whether it is closed and still has to be analysed: its status is final, and it has no analysis or one that is PENDING or RUNNING.',
    }),
    search: t.string({
      required: false,
      description: `Has a chat message that contains all of these words, in any order. Put a phrase in double quotes, \`or\` between alternatives, and \`-\` before a word or phrase to exclude it. Matches whole words in any script, regardless of case and without stemming. Words are split at punctuation, so \`order-1001\` is a phrase. In scripts without spaces, any part of the text is found; Korean words are found by their beginning. At most ${LIMITS.searchTerms} terms: each word, and every two characters of a script without spaces. A blank search is no condition.`,
      extensions: { isSearch: true } satisfies InputLimits,
    }),
    metadata: t.field({
      type: [MetadataFilter],
      required: false,
      description: allOf('Its metadata meets all of these conditions.'),
    }),
    and: t.field({ type: [ConversationFilter], required: false, description: allOf('Matches all of these filters.') }),
    or: t.field({
      type: [ConversationFilter],
      required: false,
      description: anyOf('Matches at least one of these filters.'),
    }),
    not: t.field({ type: ConversationFilter, required: false, description: 'Does not match this filter.' }),
  }),
})

export const filterScope = (context: Context): FilterScope => ({
  tenantId: context.tenantId,
  seesInternals: context.has('INTERNALS_READ'),
  rowRestriction: context.rowRestriction,
})

/** Validates a filter, whose size was checked before, and converts it into the form that the database uses. */
export function parseFilter(input: ConversationFilterInput | null | undefined, path: InputPath = ['filter']): Filter {
  return read(input ?? {}, path)
}

function read(input: ConversationFilterInput, path: InputPath): Filter {
  const { metadata, agents, search, and, or, not, ...rest } = input
  return {
    ...rest,
    // An empty search box is no condition.
    ...(search?.trim() ? { search: parseSearch(search) } : {}),
    ...(agents ? { agents: parseAgentSet(agents, [...path, 'agents']) } : {}),
    ...(metadata
      ? { metadata: metadata.map((item, i) => parseMetadataCondition(item, [...path, 'metadata', i])) }
      : {}),
    ...(and ? { and: and.map((item, i) => read(item, [...path, 'and', i])) } : {}),
    ...(or ? { or: or.map((item, i) => read(item, [...path, 'or', i])) } : {}),
    ...(not ? { not: read(not, [...path, 'not']) } : {}),
  }
}

function parseMetadataCondition(input: MetadataInput, path: InputPath): MetadataCondition {
  if (input.path.length === 0) throw badInput([...path, 'path'], 'must name at least one key.')
  const { path: keys, in: values, exists, startsWith, eq, ne, contains, ...bounds } = input
  const condition: MetadataCondition = { path: keys, in: values, exists, startsWith, eq, ne, contains }
  for (const name of ['gt', 'gte', 'lt', 'lte'] as const) {
    const bound = bounds[name]
    if (bound === undefined || bound === null) continue
    if (typeof bound !== 'number' && typeof bound !== 'string')
      throw badInput([...path, name], 'must be a number or a string.')
    condition[name] = bound
  }
  const isEmpty = Object.entries(condition).every(
    ([name, value]) =>
      name === 'path' || value === undefined || (value === null && !['eq', 'ne', 'contains'].includes(name)),
  )
  if (isEmpty) throw badInput(path, 'must have at least one condition besides its path.')
  return condition
}
