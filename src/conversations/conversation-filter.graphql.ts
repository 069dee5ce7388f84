import type { Context } from '../context.ts'
import { badInput, type InputPath } from '../errors.ts'
import { builder } from '../graphql/builder.ts'
import { TimeRange } from '../graphql/ranges.ts'
import type { InputLimits } from '../graphql/read-limits.ts'
import { decodeId } from '../input/ids.ts'
import { LIMITS } from '../input/limits.ts'
import type { MetadataCondition } from '../metadata/metadata-filter.sql.ts'
import { parseSearch } from '../search/parse-search.ts'
import { Channel, ConversationStatus, Direction, Outcome, Resolution } from './conversation-enums.graphql.ts'
import type { ConversationFilter as Filter, FilterScope } from './conversation-filter.sql.ts'

const FloatRange = builder.inputType('FloatRange', {
  description: 'A range of numbers; all bounds given must hold.',
  fields: (t) => ({
    gt: t.float({ required: false, description: 'Greater than this.' }),
    gte: t.float({ required: false, description: 'This or greater.' }),
    lt: t.float({ required: false, description: 'Less than this.' }),
    lte: t.float({ required: false, description: 'This or less.' }),
  }),
})

const MetadataFilter = builder.inputType('MetadataFilter', {
  description:
    'Conditions on the metadata value at one path; all that are given must hold. Type-strict: 245 is not "245". Served by an index, for any key.',
  fields: (t) => ({
    path: t.stringList({
      required: true,
      description: `The keys that lead to the value, outermost first, at most ${LIMITS.metadataPathKeys}. No array indexes.`,
      extensions: { isPath: true } satisfies InputLimits,
    }),
    eq: t.field({ type: 'JSON', required: false, description: 'Equals this value; null means JSON null.' }),
    ne: t.field({ type: 'JSON', required: false, description: 'The opposite of `eq`: fits a missing key too.' }),
    in: t.field({
      type: ['JSON'],
      required: { list: false, items: false },
      description: 'Equals one of these values.',
    }),
    gt: t.field({ type: 'JSON', required: false, description: 'Greater than this number, or string by code point.' }),
    gte: t.field({ type: 'JSON', required: false, description: 'This number or string, or greater.' }),
    lt: t.field({ type: 'JSON', required: false, description: 'Less than this number, or string by code point.' }),
    lte: t.field({ type: 'JSON', required: false, description: 'This number or string, or less.' }),
    exists: t.boolean({ required: false, description: 'Whether there is a value, JSON null included.' }),
    contains: t.field({
      type: 'JSON',
      required: false,
      description: 'The array holds this value; or the object, or array, holds all of this one.',
    }),
    startsWith: t.string({ required: false, description: 'The string begins with this.' }),
  }),
})

type MetadataInput = typeof MetadataFilter.$inferInput

/** As it comes in: agents by their ids in the API, search as text, metadata bounds of any JSON type. */
export interface ConversationFilterInput extends Omit<Filter, 'search' | 'metadata' | 'and' | 'or' | 'not'> {
  search?: string | null
  metadata?: MetadataInput[] | null
  and?: ConversationFilterInput[] | null
  or?: ConversationFilterInput[] | null
  not?: ConversationFilterInput | null
}

export const ConversationFilter = builder.inputRef<ConversationFilterInput>('ConversationFilter').implement({
  description:
    'Which conversations. Conditions add up (and). Absent or null: no condition; an empty list: none fits. The same for lists, counts, series, metrics and exports.',
  fields: (t) => ({
    startedAt: t.field({ type: TimeRange, required: false, description: 'When it began.' }),
    endedAt: t.field({
      type: TimeRange,
      required: false,
      description: 'When it ended; with a bound, open ones do not fit.',
    }),
    createdAt: t.field({ type: TimeRange, required: false, description: 'When it was first stored.' }),
    updatedAt: t.field({ type: TimeRange, required: false, description: 'When it was last changed.' }),
    externalIds: t.stringList({ required: false, description: 'With one of these external ids.' }),
    statuses: t.field({ type: [ConversationStatus], required: false, description: 'With one of these statuses.' }),
    channels: t.field({ type: [Channel], required: false, description: 'By one of these channels.' }),
    directions: t.field({ type: [Direction], required: false, description: 'With one of these directions.' }),
    campaigns: t.stringList({ required: false, description: 'Of one of these campaigns.' }),
    agentIds: t.idList({ required: false, description: 'With at least one of these agents, `agent_…`.' }),
    endUserIds: t.stringList({ required: false, description: 'With one of these end users.' }),
    companyNames: t.stringList({ required: false, description: 'Of one of these companies.' }),
    languages: t.stringList({ required: false, description: 'In one of these languages, as given.' }),
    models: t.stringList({ required: false, description: 'Answered by one of these models.' }),
    labels: t.stringList({
      required: false,
      description: 'With at least one of these labels. (All of them: several in `and`.)',
    }),
    outcomes: t.field({ type: [Outcome], required: false, description: 'With one of these outcomes.' }),
    resolutions: t.field({ type: [Resolution], required: false, description: 'With one of these resolutions.' }),
    isTest: t.boolean({ required: false, description: 'Whether it is a test. Absent: both.' }),
    ratings: t.intList({ required: false, description: 'With a message rated one of these: −1, 0, 1.' }),
    sentiment: t.field({ type: FloatRange, required: false, description: 'The mean sentiment of its user messages.' }),
    durationSeconds: t.field({
      type: FloatRange,
      required: false,
      description: 'How long it took; with a bound, those without a duration do not fit.',
    }),
    messageCount: t.field({ type: FloatRange, required: false, description: 'How many entries its transcript has.' }),
    hasNotUnderstood: t.boolean({ required: false, description: 'Whether the agent failed to understand a message.' }),
    toolNames: t.stringList({ required: false, description: 'In which one of these tools was called.' }),
    eventNames: t.stringList({ required: false, description: 'In which one of these events happened.' }),
    intents: t.stringList({ required: false, description: 'With a message of one of these intents.' }),
    search: t.string({
      required: false,
      description: `With a chat message that contains all these words, in any order; "…" for a phrase, \`or\` for either, a leading - for not. Whole words of any script, case-folded, without stemming, split at signs: \`order-1001\` is a phrase. Scripts without spaces are found by any part, Korean words by their beginning. At most ${LIMITS.searchTerms} terms: each word, and every two characters of a script without spaces. Blank: no condition.`,
      extensions: { isSearch: true } satisfies InputLimits,
    }),
    metadata: t.field({ type: [MetadataFilter], required: false, description: 'With such metadata: all of these.' }),
    and: t.field({ type: [ConversationFilter], required: false, description: 'That fit all of these.' }),
    or: t.field({ type: [ConversationFilter], required: false, description: 'That fit at least one of these.' }),
    not: t.field({ type: ConversationFilter, required: false, description: 'That do not fit this.' }),
  }),
})

export const filterScope = (context: Context): FilterScope => ({
  tenantId: context.tenantId,
  seesInternals: context.has('INTERNALS_READ'),
  rowRestriction: context.rowRestriction,
})

/**
 * Checks the meaning of a filter, whose size was checked before, and brings it into the form that the database uses.
 */
export function parseFilter(input: ConversationFilterInput | null | undefined, path: InputPath = ['filter']): Filter {
  return read(input ?? {}, path)
}

function read(input: ConversationFilterInput, path: InputPath): Filter {
  const { metadata, agentIds, search, and, or, not, ...rest } = input
  return {
    ...rest,
    // A search box that is empty: no condition.
    ...(search?.trim() ? { search: parseSearch(search) } : {}),
    // An id that can't be an agent's names none: it fits nothing, as an unknown one.
    ...(agentIds ? { agentIds: agentIds.flatMap((id) => decodeId('Agent', id) ?? []) } : {}),
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
  if (isEmpty) throw badInput(path, 'must have at least one condition beside its path.')
  return condition
}
