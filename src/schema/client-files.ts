import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isIntrospectionType,
  isObjectType,
} from 'graphql'

/**
 * What clients that cache objects can't see in a schema: which objects have ids, and which fields are pages of one list.
 * clients/README.md says how to use it.
 */
export function clientFiles(schema: GraphQLSchema): Record<string, string> {
  const types = Object.values(schema.getTypeMap()).filter((type) => !isIntrospectionType(type))
  const objects = types.filter(isObjectType).filter((type) => !rootsOf(schema).includes(type))
  const possibleTypes = types
    .filter(isAbstractType)
    .map((type) => [type.name, schema.getPossibleTypes(type).map(({ name }) => name)])
  const embedded = objects.filter((type) => !isNode(type)).map(({ name }) => name)
  const lists = types.filter(isObjectType).flatMap((type) => {
    const fields = Object.values(type.getFields()).filter(isConnection)
    return fields.length > 0 ? [{ type: type.name, fields }] : []
  })
  return {
    'clients/possibleTypes.json': `${JSON.stringify(Object.fromEntries(possibleTypes), null, 2)}\n`,
    'clients/apollo.ts': apolloFile(lists, embedded),
    'clients/graphcache.ts': graphcacheFile(lists, embedded),
  }
}

/** The connections among a type's fields. */
interface Lists {
  type: string
  fields: GraphQLField<unknown, unknown>[]
}

const PAGING: readonly string[] = ['first', 'after', 'last', 'before']

const rootsOf = (schema: GraphQLSchema) => [
  schema.getQueryType(),
  schema.getMutationType(),
  schema.getSubscriptionType(),
]

const isNode = (type: GraphQLObjectType) => type.getInterfaces().some(({ name }) => name === 'Node')

const isConnection = ({ type, args }: GraphQLField<unknown, unknown>) =>
  getNamedType(type).name.endsWith('Connection') && args.some(({ name }) => name === 'after')

/** Arguments that make another list, and not another page of it. */
function keyArguments({ args }: GraphQLField<unknown, unknown>): string {
  const names = args.map(({ name }) => name).filter((name) => !PAGING.includes(name))
  return names.length === 0 ? 'false' : `[${names.map((name) => `'${name}'`).join(', ')}]`
}

const fieldsOf = (lists: readonly Lists[], indent: string, value: (field: Lists['fields'][number]) => string) =>
  lists.map(({ type, fields }) => ({
    type,
    lines: fields.map((field) => `${indent}${field.name}: ${value(field)},\n`).join(''),
  }))

const HEADER = '// Made from the schema by `npm run schema`. How to use it: clients/README.md.\n'

const apolloFile = (lists: readonly Lists[], embedded: readonly string[]) => `${HEADER}
import type { FieldPolicy, TypePolicies, TypePolicy } from '@apollo/client/cache'
import { relayStylePagination } from '@apollo/client/utilities'

/** Adds pages to a list, whether its \`edges\` or its \`nodes\` are selected. Other arguments than \`keyArgs\` are a page's. */
function pages(keyArgs: string[] | false): FieldPolicy {
  const { merge, ...policy }: FieldPolicy = relayStylePagination(keyArgs)
  if (typeof merge !== 'function') return policy
  return {
    ...policy,
    merge(existing, incoming, options) {
      // A list that was refused is null, and not an empty list.
      if (!incoming) return existing ?? null
      const merged = merge(existing, incoming, options)
      if (!incoming.nodes || !existing?.nodes) return merged
      const [known, page] = [existing.pageInfo ?? {}, incoming.pageInfo ?? {}]
      const { after, before } = options.args ?? {}
      if (after && after === known.endCursor) {
        const { startCursor = null, hasPreviousPage = false } = known
        const pageInfo = { ...page, startCursor, hasPreviousPage }
        return { ...merged, nodes: [...existing.nodes, ...incoming.nodes], pageInfo }
      }
      if (before && before === known.startCursor) {
        const { endCursor = null, hasNextPage = false } = known
        return { ...merged, nodes: [...incoming.nodes, ...existing.nodes], pageInfo: { ...page, endCursor, hasNextPage } }
      }
      return merged
    },
  }
}

/** Has no id: it belongs to the object that it is in. */
const embedded: TypePolicy = { keyFields: false, merge: true }

/** For \`new InMemoryCache({ possibleTypes, typePolicies })\`. */
export const typePolicies: TypePolicies = {
${fieldsOf(lists, '      ', (field) => `pages(${keyArguments(field)})`)
  .map(({ type, lines }) => {
    const own = embedded.includes(type) ? '    ...embedded,\n' : ''
    return `  ${type}: {\n${own}    fields: {\n${lines}    },\n  },\n`
  })
  .join('')}${embedded
  .filter((name) => !lists.some(({ type }) => type === name))
  .map((name) => `  ${name}: embedded,\n`)
  .join('')}}
`

const graphcacheFile = (lists: readonly Lists[], embedded: readonly string[]) => `${HEADER}
import type { CacheExchangeOpts } from '@urql/exchange-graphcache'
import { relayPagination } from '@urql/exchange-graphcache/extras'

/** Has no id: it belongs to the object that it is in. */
const embedded = () => null

/** For \`cacheExchange({ keys, resolvers, schema })\`. */
export const keys: CacheExchangeOpts['keys'] = {
${embedded.map((name) => `  ${name}: embedded,\n`).join('')}}

/** Adds pages to a list. */
export const resolvers: CacheExchangeOpts['resolvers'] = {
${fieldsOf(lists, '    ', () => 'relayPagination()')
  .map(({ type, lines }) => `  ${type}: {\n${lines}  },\n`)
  .join('')}}
`
