import { badInput } from '../errors.ts'
import { builder } from '../graphql/builder.ts'
import { FROM_ROW, readsNumbers } from '../graphql/read-extensions.ts'
import { decodeScalar, fromPointer } from '../metadata/metadata-entries.ts'
import {
  ConversationFilter,
  type ConversationFilterInput,
  filterScope,
  parseFilter,
} from './conversation-filter.graphql.ts'
import { type MetadataKeyRow, metadataKeys } from './metadata-keys.sql.ts'

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
  first: number
  topValues: number
}

builder.queryField('metadataKeys', (t) =>
  t.field({
    type: [MetadataKey],
    nullable: true,
    description:
      "The metadata keys of the tenant's conversations, including tests, most used first. Needs the scope CONVERSATIONS_READ.",
    authScopes: { $all: { scope: 'CONVERSATIONS_READ', tenant: true } },
    args: {
      filter: t.arg({
        type: ConversationFilter,
        required: false,
        description: 'Filters the conversations that are counted. Default: all, including tests.',
      }),
      first: t.arg.int({ required: true, defaultValue: 20, description: 'How many keys to return, 0 to 100.' }),
      topValues: t.arg.int({
        required: true,
        defaultValue: 5,
        description: 'How many values to return for each key, 0 to 100.',
      }),
    },
    resolve: readsNumbers(async (args: MetadataKeysArguments, context, statements) => {
      for (const name of ['first', 'topValues'] as const) {
        if (args[name] < 0 || args[name] > 100) throw badInput([name], 'must be between 0 and 100.')
      }
      return metadataKeys(statements, {
        scope: filterScope(context),
        filter: args.filter ? parseFilter(args.filter) : null,
        keys: args.first,
        values: args.topValues,
      })
    }),
  }),
)
