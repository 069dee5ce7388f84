import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNullableType,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type SelectionSetNode,
  typeFromAST,
} from 'graphql'
import type { Context } from '../context.ts'
import { NotReadable } from '../database/row-tree.ts'

/**
 * A selection, made ready once for each document: which field of which type is answered under which name, and by which
 * of the resolvers that the schema was given, without what Pothos puts around them for rows that are loaded by Prisma.
 */

export interface ObjectPlan {
  type: GraphQLObjectType
  fields: FieldPlan[]
}

export interface FieldPlan {
  /** The name in the answer. */
  key: string
  node: FieldNode
  field: GraphQLField<unknown, unknown>
  resolve: Resolve
  /** What the field needs of the row it stands on: of Pothos' `select`. */
  select: unknown
  value: ValuePlan
}

export type Resolve = (parent: unknown, args: Record<string, unknown>, context: Context) => unknown

/** How the answer of a resolver becomes the answer to the client. */
export type ValuePlan =
  | { kind: 'non-null'; of: ValuePlan }
  | { kind: 'list'; of: ValuePlan }
  | { kind: 'leaf'; serialize: (value: unknown) => unknown }
  | { kind: 'object'; typeNameOf: ((value: unknown, context: Context) => unknown) | null; plans: ObjectPlan[] }

export type Fragments = Readonly<Record<string, FragmentDefinitionNode>>

/** Throws NotReadable for what needs more than rows: a resolver that waits, a field with a scope of its own. */
export class Planner {
  readonly #schema: GraphQLSchema
  readonly #fragments: Fragments

  constructor(schema: GraphQLSchema, fragments: Fragments) {
    this.#schema = schema
    this.#fragments = fragments
  }

  /** Of a field of the query type, which is not resolved but read. */
  root(type: GraphQLObjectType, node: FieldNode, without: readonly string[] = []): FieldPlan {
    const field = type.getFields()[node.name.value]
    if (!field || (node.directives && node.directives.length > 0)) throw new NotReadable(node.name.value)
    const value = this.#value(field.type, node.selectionSet ? [node.selectionSet] : [])
    for (const { field: below } of fieldsOf(value)) if (without.includes(below.name)) throw new NotReadable(below.name)
    return { key: (node.alias ?? node.name).value, node, field, resolve: () => null, select: undefined, value }
  }

  object(type: GraphQLObjectType, selectionSets: readonly SelectionSetNode[]): ObjectPlan {
    const nodes = new Map<string, FieldNode[]>()
    for (const selectionSet of selectionSets) this.#collect(type, selectionSet, nodes)
    return { type, fields: [...nodes].map(([key, same]) => this.#field(type, key, same)) }
  }

  #collect(type: GraphQLObjectType, selectionSet: SelectionSetNode, nodes: Map<string, FieldNode[]>) {
    for (const selection of selectionSet.selections) {
      if (selection.directives && selection.directives.length > 0) throw new NotReadable('a directive')
      if (selection.kind === 'Field') {
        const key = (selection.alias ?? selection.name).value
        nodes.set(key, [...(nodes.get(key) ?? []), selection])
        continue
      }
      const fragment = selection.kind === 'InlineFragment' ? selection : this.#fragments[selection.name.value]
      if (!fragment) throw new NotReadable('an unknown fragment')
      const condition = fragment.typeCondition && typeFromAST(this.#schema, fragment.typeCondition)
      const fits =
        !condition || condition === type || (isAbstractType(condition) && this.#schema.isSubType(condition, type))
      if (fits) this.#collect(type, fragment.selectionSet, nodes)
    }
  }

  #field(type: GraphQLObjectType, key: string, nodes: readonly FieldNode[]): FieldPlan {
    const [node] = nodes
    if (node?.name.value === '__typename') return typenamePlan(key, node, type)
    const field = node && type.getFields()[node.name.value]
    if (!field) throw new NotReadable(key)
    const resolve = rowResolver(field)
    if (!resolve) throw new NotReadable(`${type.name}.${field.name}`)
    const below = nodes.flatMap(({ selectionSet }) => selectionSet ?? [])
    const select = field.extensions['pothosPrismaSelect']
    return { key, node, field, resolve, select, value: this.#value(field.type, below) }
  }

  #value(type: GraphQLOutputType, below: readonly SelectionSetNode[]): ValuePlan {
    if (isNonNullType(type)) return { kind: 'non-null', of: this.#value(getNullableType(type), below) }
    if (isListType(type)) return { kind: 'list', of: this.#value(type.ofType, below) }
    if (isLeafType(type)) return { kind: 'leaf', serialize: (value) => type.serialize(value) }
    if (isObjectType(type)) return { kind: 'object', typeNameOf: null, plans: [this.object(type, below)] }
    const { resolveType } = type
    if (!resolveType) throw new NotReadable(type.name)
    return {
      kind: 'object',
      // Those of the schema look at the value alone.
      typeNameOf: (value, context) => resolveType(value, context, undefined as never, type),
      plans: this.#schema.getPossibleTypes(type).map((possible) => this.object(possible, below)),
    }
  }
}

/** Of an object, or of the objects of a list. */
export const fieldsOf = (value: ValuePlan): FieldPlan[] => {
  if (value.kind === 'leaf') return []
  return value.kind === 'object' ? value.plans.flatMap(({ fields }) => fields) : fieldsOf(value.of)
}

/** The resolver that the schema gave to Pothos; null where it waits for more than rows, or needs a scope of its own. */
export function rowResolver({ extensions }: GraphQLField<unknown, unknown>): Resolve | null {
  const { resolve, authScopes } = (extensions['pothosOptions'] ?? {}) as { resolve?: Resolve; authScopes?: unknown }
  return !resolve || resolve.constructor.name === 'AsyncFunction' || authScopes !== undefined ? null : resolve
}

const typenamePlan = (key: string, node: FieldNode, type: GraphQLObjectType): FieldPlan => ({
  key,
  node,
  field: { name: '__typename', args: [] } as unknown as FieldPlan['field'],
  resolve: () => type.name,
  select: undefined,
  value: { kind: 'leaf', serialize: (value) => value },
})
