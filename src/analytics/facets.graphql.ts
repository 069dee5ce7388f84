import type { Context } from '../context.ts'
import {
  ConversationFilter,
  type ConversationFilterInput,
  filterScope,
  parseFilter,
} from '../conversations/conversation-filter.graphql.ts'
import type { Statements } from '../database/sql-transactions.ts'
import { badInput } from '../errors.ts'
import { builder } from '../graphql/builder.ts'
import { type EntryLimits, entryCount, parseEntryCount } from '../graphql/entry-count.ts'
import { readsNumbers } from '../graphql/read-extensions.ts'
import { type FacetField, facetValues } from './facets.sql.ts'
import { FACET_FIELDS } from './series-enums.graphql.ts'
import { labelGroups } from './series-labels.ts'

const VALUES: EntryLimits = { min: 1, max: 100, default: 20 }

const ConversationFacetField = builder.enumType('ConversationFacetField', {
  description:
    'What `conversationFacets` lists values of: each can be selected by a condition of `ConversationFilter`.',
  values: FACET_FIELDS,
})

interface Value {
  key: unknown
  label: string
  conversations: number
}

const FacetValue = builder.objectRef<Value>('FacetValue').implement({
  description: 'A value of a field, and how often it occurs.',
  fields: (t) => ({
    key: t.expose('key', {
      type: 'JSON',
      description: 'The value as `ConversationFilter` accepts it: an `agent_…` id, an enum value or a text.',
    }),
    label: t.exposeString('label', {
      description: "Readable label of the value: the agent's name, or the key as text.",
    }),
    conversationCount: t.exposeInt('conversations', {
      description: 'Number of conversations with this value, among those that match the filter.',
    }),
  }),
})

interface Facet {
  field: FacetField
  values: Value[]
}

const ConversationFacet = builder.objectRef<Facet>('ConversationFacet').implement({
  description: 'The values of one field of conversations.',
  fields: (t) => ({
    field: t.expose('field', { type: ConversationFacetField, description: 'The field.' }),
    topValues: t.expose('values', {
      type: [FacetValue],
      description:
        'Its most frequent values, most frequent first. Conversations with several values count for each; those without one are not counted.',
    }),
  }),
})

interface FacetArguments {
  fields: FacetField[]
  filter?: ConversationFilterInput | null
  topValues?: number | null
}

builder.queryField('conversationFacets', (t) =>
  t.field({
    type: [ConversationFacet],
    nullable: true,
    description:
      "The values that the tenant's conversations have, including tests, for the menus of a filter. The filter applies as a whole, also its condition on the field itself: to offer further values beside those selected, leave that condition out. So the count of a value is the `totalCount` of `conversations` with the filter and that value. Needs the scope CONVERSATIONS_READ.",
    authScopes: { $all: { scope: 'CONVERSATIONS_READ', tenant: true } },
    args: {
      fields: t.arg({
        type: [ConversationFacetField],
        required: true,
        description: 'Whose values to list, at least one field. The facets are in this order.',
      }),
      filter: t.arg({
        type: ConversationFilter,
        required: false,
        description: 'Filters the conversations that are counted. Default: all, including tests.',
      }),
      topValues: t.arg.int(entryCount('How many values to return for each field, 1 to 100.', VALUES)),
    },
    resolve: readsNumbers(loadFacets),
  }),
)

async function loadFacets(args: FacetArguments, context: Context, statements: Statements): Promise<Facet[]> {
  const fields = [...new Set(args.fields)]
  if (fields.length === 0) throw badInput(['fields'], 'must name at least one field.')
  const first = parseEntryCount(args.topValues, VALUES, ['topValues'])
  const selection = { filter: parseFilter(args.filter), scope: filterScope(context), fields }
  const rows = Object.groupBy(await facetValues(statements, selection, first), ({ field }) => field)
  const facets = fields.map(async (field, i): Promise<Facet> => {
    const found = rows[i] ?? []
    const groups = found.map(({ key }) => ({ group: { key, other: false } }))
    const label = await labelGroups(context, statements, { dimension: field, first }, groups)
    return {
      field,
      values: found.map(({ key, conversations }) => ({ ...label({ key, other: false }), conversations })),
    }
  })
  return Promise.all(facets)
}
