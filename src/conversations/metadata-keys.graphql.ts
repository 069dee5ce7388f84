import { builder } from '../graphql/builder.ts'
import { type EntryLimits, entryCount, parseEntryCount } from '../graphql/entry-count.ts'
import { FROM_ROW, readsNumbers } from '../graphql/read-extensions.ts'
import { decodeScalar, fromPointer } from '../metadata/metadata-entries.ts'
import {
  ConversationFilter,
  type ConversationFilterInput,
  filterScope,
  parseFilter,
} from './conversation-filter.graphql.ts'
import { type MetadataKeyRow, metadataKeys } from './metadata-keys.sql.ts'

const KEYS: EntryLimits = { min: 0, max: 100, default: 20 }
const VALUES: EntryLimits = { min: 0, max: 100, default: 5 }

const MetadataValue = builder.objectRef<{ value: unknown; count: number }>('MetadataValue').implement({
  description: 'A value of a metadata key, and how often it occurs.',
  fields: (t) => ({
    value: t.expose('value', {
      type: 'JSON',
      nullable: true,
      description: 'The value: a string, number, boolean or null.',
    }),
    conversationCount: t.exposeInt('count', { description: 'Number of conversations with this value.' }),
  }),
})

const MetadataKey = builder.objectRef<MetadataKeyRow>('MetadataKey').implement({
  description: 'A metadata key in use.',
  fields: (t) => ({
    path: t.stringList({
      description: 'The keys that lead to it, outermost first, as in `MetadataFilter.path`.',
      extensions: FROM_ROW,
      resolve: ({ path }) => fromPointer(path),
    }),
    conversationCount: t.exposeInt('conversations', { description: 'Number of conversations with this key.' }),
    valueCount: t.exposeInt('values', {
      description: 'Number of distinct values. All objects count as one value, and so do all arrays.',
    }),
    topValues: t.field({
      type: [MetadataValue],
      description: 'Its most frequent values, except objects, arrays, and strings of 128 characters or more.',
      extensions: FROM_ROW,
      resolve: ({ top }) =>
        top.flatMap(({ value, count }) => {
          const decoded = decodeScalar(value)
          return decoded === undefined ? [] : [{ value: decoded, count }]
        }),
    }),
  }),
})

interface MetadataKeysArguments {
  filter?: ConversationFilterInput | null | undefined
  first?: number | null
  topValues?: number | null
}

builder.queryField('metadataKeys', (t) =>
  t.field({
    type: [MetadataKey],
    nullable: true,
    description:
      "The metadata keys of the tenant's conversations, including tests, most used first. A ranking has no pages: `first` says how many. Needs the scope CONVERSATIONS_READ.",
    authScopes: { $all: { scope: 'CONVERSATIONS_READ', tenant: true } },
    args: {
      filter: t.arg({
        type: ConversationFilter,
        required: false,
        description: 'Filters the conversations that are counted. Default: all, including tests.',
      }),
      first: t.arg.int(entryCount('How many keys to return, 0 to 100.', KEYS)),
      topValues: t.arg.int(entryCount('How many values to return for each key, 0 to 100.', VALUES)),
    },
    resolve: readsNumbers(async (args: MetadataKeysArguments, context, statements) => {
      return metadataKeys(statements, {
        scope: filterScope(context),
        filter: args.filter ? parseFilter(args.filter) : null,
        keys: parseEntryCount(args.first, KEYS, ['first']),
        values: parseEntryCount(args.topValues, VALUES, ['topValues']),
      })
    }),
  }),
)
