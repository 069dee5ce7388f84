import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  typeFromAST,
  valueFromASTUntyped,
} from 'graphql'
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from './connection.ts'

/** The length assumed of a list that takes no page size: the agents of a conversation, the values of a key. */
const ASSUMED_LENGTH = 10

/** Fields that an answer can hold: once, and for each entry of the page whose size the field above was given. */
interface Cost {
  once: number
  perEntry: number
}

/**
 * How many fields the answer can hold at most: what is inside a list counts as often as the list is long, whether the
 * document says the page size or a variable does. The document need not be valid, and must have no circle.
 */
export function queryCost(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Record<string, unknown>,
): number {
  const counter = new CostCounter(schema, document, { ...defaultsOf(operation), ...variables })
  return counter.selected(operation.selectionSet, schema.getRootType(operation.operation)).once
}

class CostCounter {
  readonly #schema: GraphQLSchema
  readonly #variables: Record<string, unknown>
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>
  readonly #counted = new Map<FragmentDefinitionNode, Cost>()

  constructor(schema: GraphQLSchema, { definitions }: DocumentNode, variables: Record<string, unknown>) {
    this.#schema = schema
    this.#variables = variables
    const fragments = definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
    this.#fragments = new Map(fragments.map((fragment) => [fragment.name.value, fragment]))
  }

  selected({ selections }: SelectionSetNode, parent: GraphQLNamedType | null | undefined): Cost {
    const sum: Cost = { once: 0, perEntry: 0 }
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        const isEntries = isConnection(parent) && ENTRIES.has(selection.name.value)
        sum[isEntries ? 'perEntry' : 'once'] += this.#field(selection, parent, isEntries)
        continue
      }
      const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? this.#fragment(selection.name.value) : null
      const { once, perEntry } =
        selection.kind === Kind.INLINE_FRAGMENT
          ? this.selected(selection.selectionSet, this.#condition(selection.typeCondition) ?? parent)
          : (fragment ?? { once: 0, perEntry: 0 })
      sum.once += once
      sum.perEntry += perEntry
    }
    return sum
  }

  #fragment(name: string): Cost | null {
    const fragment = this.#fragments.get(name)
    if (!fragment) return null
    const counted =
      this.#counted.get(fragment) ?? this.selected(fragment.selectionSet, this.#condition(fragment.typeCondition))
    this.#counted.set(fragment, counted)
    return counted
  }

  #condition(condition: FragmentDefinitionNode['typeCondition'] | undefined) {
    return condition && typeFromAST(this.#schema, condition)
  }

  #field(field: FieldNode, parent: GraphQLNamedType | null | undefined, isEntries: boolean): number {
    if (!field.selectionSet) return 1
    const type = fieldType(field, parent)
    const below = this.selected(field.selectionSet, type && getNamedType(type))
    if (isEntries) return 1 + below.once
    if (type && isConnection(getNamedType(type))) return 1 + below.once + below.perEntry * this.#pageSize(field)
    const length =
      type && isListType(getNullableType(type)) ? this.#length(field) : this.#inputs(field) / ASSUMED_LENGTH
    return 1 + length * (below.once + below.perEntry)
  }

  /** More than the largest page is refused before a row is read. */
  #pageSize(field: FieldNode): number {
    const size = this.#argument(field, 'first') ?? this.#argument(field, 'last')
    return Number.isInteger(size) ? Math.min(Math.max(Number(size), 0), MAX_PAGE_SIZE) : DEFAULT_PAGE_SIZE
  }

  #length(field: FieldNode): number {
    const ids = this.#argument(field, 'ids')
    return Array.isArray(ids) ? ids.length : ASSUMED_LENGTH
  }

  /** As many results are inside, in a list that is assumed to be shorter. */
  #inputs(field: FieldNode): number {
    const inputs = this.#argument(field, 'inputs')
    return Math.max(Array.isArray(inputs) ? inputs.length : 0, ASSUMED_LENGTH)
  }

  #argument(field: FieldNode, name: string): unknown {
    const argument = field.arguments?.find((candidate) => candidate.name.value === name)
    return argument && valueFromASTUntyped(argument.value, this.#variables)
  }
}

/** Where the entries of a connection are. */
const ENTRIES = new Set(['nodes', 'edges'])

const isConnection = (type: GraphQLNamedType | null | undefined) => type?.name.endsWith('Connection') ?? false

/** Null for what is not there, and for the schema's own fields: their lists are as long as the schema has them. */
function fieldType(field: FieldNode, parent: GraphQLNamedType | null | undefined): GraphQLOutputType | null {
  if (!isObjectType(parent) && !isInterfaceType(parent)) return null
  return parent.getFields()[field.name.value]?.type ?? null
}

function defaultsOf({ variableDefinitions = [] }: OperationDefinitionNode): Record<string, unknown> {
  return Object.fromEntries(
    variableDefinitions.flatMap(({ variable, defaultValue }) =>
      defaultValue ? [[variable.name.value, valueFromASTUntyped(defaultValue)]] : [],
    ),
  )
}
