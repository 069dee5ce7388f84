import {
  type DirectiveNode,
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
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  TypeNameMetaFieldDef,
  typeFromAST,
  visit,
} from 'graphql'
import type { Context } from '../context.ts'
import { type AccessRule, givenTypeResolver, type KnownField, knownField } from '../graphql/known-fields.ts'
import { refuseUnknownArguments, refuseUnknownField, refuseUnknownType } from '../graphql/known-schema.ts'
import { type Column, rowResolverOf } from '../graphql/read-extensions.ts'
import { takesDates } from '../graphql/resolve-dates.ts'
import { UnsupportedSelection } from '../rows/row-tree.ts'
import { type Conditions, isMet } from './conditions.ts'

/**
 * A selection that is planned once for each document: which field of which type is answered under which name, and by
 * which of the schema's resolvers, without what Pothos wraps around them for rows that Prisma loads. Anything unknown
 * is not planned.
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
  /** What the field needs of its row: the `select` of Pothos. */
  select: unknown
  /** The column whose value it returns unchanged. */
  column: Column | undefined
  /** Which of the columns it selects are needed only for its `totalCount`. */
  countsBy: object | undefined
  value: ValuePlan
}

export type Resolve = (parent: unknown, args: Record<string, unknown>, context: Context) => unknown

/** How the result of a resolver becomes the answer to the client. */
export type ValuePlan =
  | { kind: 'non-null'; of: ValuePlan }
  | { kind: 'list'; of: ValuePlan }
  | { kind: 'leaf'; serialize: (value: unknown) => unknown }
  | { kind: 'object'; typeNameOf: ((value: unknown, context: Context) => unknown) | null; plans: ObjectPlan[] }

export type Fragments = Readonly<Record<string, FragmentDefinitionNode>>

/** Throws UnsupportedSelection for anything it doesn't know, and for what needs more than rows. */
export class Planner {
  /** What the planned fields and types require of the credential. */
  readonly rules = new Set<AccessRule>()
  /** The names of the variables in arguments of the planned fields, except those of the root. */
  readonly variables = new Set<string>()
  /** How many fields were planned. */
  size = 0
  readonly #schema: GraphQLSchema
  readonly #fragments: Fragments
  readonly #conditions: Conditions

  constructor(schema: GraphQLSchema, fragments: Fragments, conditions: Conditions) {
    this.#schema = schema
    this.#fragments = fragments
    this.#conditions = conditions
  }

  /**
   * Refuses directives on the operation, its variables and fragments. Directives in selections are found when these are
   * planned.
   */
  refuseOuterDirectives(operation: OperationDefinitionNode) {
    const fragments = Object.values(this.#fragments)
    for (const node of [operation, ...(operation.variableDefinitions ?? []), ...fragments]) refuseDirectives(node)
  }

  /** The fields selected at the root, by their names in the answer. */
  rootNodes(type: GraphQLObjectType, { selectionSet }: OperationDefinitionNode): Map<string, FieldNode[]> {
    refuseUnknownType(type)
    const nodes = new Map<string, FieldNode[]>()
    this.#collect(type, selectionSet, nodes)
    return nodes
  }

  /**
   * The plan of a root field, which is read instead of resolved. If it is of an interface, only types of these models
   * are planned.
   */
  root(type: GraphQLObjectType, key: string, nodes: readonly FieldNode[], models: readonly string[] = []): FieldPlan {
    this.size += 1
    const [node] = nodes
    if (node?.name.value === '__typename') return typenamePlan(key, node, type)
    const field = node && type.getFields()[node.name.value]
    if (!field) throw new UnsupportedSelection('an unknown field')
    this.#known(type, field)
    const value = this.#value(field.type, selectionSetsOf(nodes), (possible) => models.includes(modelOf(possible)))
    return { ...{ key, node, field, resolve: () => null }, ...NO_ROW, value }
  }

  object(type: GraphQLObjectType, selectionSets: readonly SelectionSetNode[]): ObjectPlan {
    refuseUnknownType(type)
    const nodes = new Map<string, FieldNode[]>()
    for (const selectionSet of selectionSets) this.#collect(type, selectionSet, nodes)
    return { type, fields: [...nodes].map(([key, same]) => this.#field(type, key, same)) }
  }

  #collect(type: GraphQLObjectType, selectionSet: SelectionSetNode, nodes: Map<string, FieldNode[]>) {
    for (const selection of selectionSet.selections) {
      if (!this.#isIncluded(selection)) continue
      if (selection.kind === 'Field') {
        const key = (selection.alias ?? selection.name).value
        nodes.set(key, [...(nodes.get(key) ?? []), selection])
        continue
      }
      const fragment = selection.kind === 'InlineFragment' ? selection : this.#fragments[selection.name.value]
      if (!fragment) throw new UnsupportedSelection('an unknown fragment')
      const condition = fragment.typeCondition && typeFromAST(this.#schema, fragment.typeCondition)
      const fits =
        !condition || condition === type || (isAbstractType(condition) && this.#schema.isSubType(condition, type))
      if (fits) this.#collect(type, fragment.selectionSet, nodes)
    }
  }

  #field(type: GraphQLObjectType, key: string, nodes: readonly FieldNode[]): FieldPlan {
    this.size += 1
    const [node] = nodes
    if (node?.name.value === '__typename') return typenamePlan(key, node, type)
    const field = node && type.getFields()[node.name.value]
    if (!field) throw new UnsupportedSelection('an unknown field')
    const { select } = this.#known(type, field)
    const resolve = rowResolver(field)
    if (!resolve) throw new UnsupportedSelection(`${type.name}.${field.name} needs more than rows`)
    // What is selected is kept for all tenants, whose dates begin at different moments.
    if (takesDates(field.args)) throw new UnsupportedSelection(`${type.name}.${field.name} takes dates`)
    const { column, countsBy } = rowResolverOf(resolve) ?? {}
    for (const argument of node.arguments ?? [])
      visit(argument, { Variable: ({ name }) => void this.variables.add(name.value) })
    const value = this.#value(field.type, selectionSetsOf(nodes))
    return { key, node, field, resolve, select, column, countsBy, value }
  }

  #isIncluded({ directives = [] }: SelectionNode): boolean {
    return directives.every((directive) => isMet(directive, this.#conditions))
  }

  #known(type: GraphQLObjectType, field: GraphQLField<unknown, unknown>): KnownField {
    const coordinate = `${type.name}.${field.name}`
    refuseUnknownField(field, coordinate)
    refuseUnknownArguments(field, coordinate)
    try {
      const known = knownField(field)
      for (const rule of known.rules) this.rules.add(rule)
      return known
    } catch (error) {
      throw error instanceof UnsupportedSelection ? new UnsupportedSelection(`${coordinate}: ${error.message}`) : error
    }
  }

  #value(type: GraphQLOutputType, below: readonly SelectionSetNode[], isPlanned = everyType): ValuePlan {
    if (isNonNullType(type)) return { kind: 'non-null', of: this.#value(getNullableType(type), below, isPlanned) }
    if (isListType(type)) return { kind: 'list', of: this.#value(type.ofType, below, isPlanned) }
    if (isLeafType(type)) return { kind: 'leaf', serialize: (value) => type.serialize(value) }
    if (isObjectType(type)) return { kind: 'object', typeNameOf: null, plans: [this.object(type, below)] }
    refuseUnknownType(type)
    const { resolveType } = type
    const given = resolveType && givenTypeResolver(resolveType)
    if (!resolveType || !given || !rowResolverOf(given))
      throw new UnsupportedSelection(`${type.name} has an unknown resolveType`)
    return {
      kind: 'object',
      // See `fromRow`.
      typeNameOf: resolveType as (value: unknown, context: Context) => unknown,
      plans: this.#schema
        .getPossibleTypes(type)
        .filter(isPlanned)
        .map((possible) => this.object(possible, below)),
    }
  }
}

const everyType = (_type: GraphQLObjectType) => true

/** The model whose rows are objects of the type; empty if there is none. */
export const modelOf = ({ extensions }: GraphQLObjectType) => String(extensions['pothosPrismaModel'] ?? '')

const selectionSetsOf = (nodes: readonly FieldNode[]) => nodes.flatMap(({ selectionSet }) => selectionSet ?? [])

/** The fields of an object, or of the objects of a list. */
export const fieldsOf = (value: ValuePlan): FieldPlan[] => {
  if (value.kind === 'leaf') return []
  return value.kind === 'object' ? value.plans.flatMap(({ fields }) => fields) : fieldsOf(value.of)
}

/** The resolver of a field that can be planned by itself; null if it needs more than rows. */
export function rowResolver(field: GraphQLField<unknown, unknown>): Resolve | null {
  try {
    const { resolve, isFromRow } = knownField(field)
    return isFromRow || rowResolverOf(resolve) ? (resolve as Resolve) : null
  } catch (error) {
    if (error instanceof UnsupportedSelection) return null
    throw error
  }
}

function refuseDirectives({ directives }: { directives?: readonly DirectiveNode[] | undefined }) {
  if (directives && directives.length > 0) throw new UnsupportedSelection('a directive')
}

const NO_ROW = { select: undefined, column: undefined, countsBy: undefined }

const typenamePlan = (key: string, node: FieldNode, type: GraphQLObjectType): FieldPlan => ({
  key,
  node,
  field: TypeNameMetaFieldDef,
  resolve: () => type.name,
  ...NO_ROW,
  value: { kind: 'leaf', serialize: (value) => value },
})
