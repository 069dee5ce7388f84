import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
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
import { ParleyError } from '../../errors.ts'
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from '../../graphql/connection.ts'
import { ArgumentMeter, checkConditions, type FieldCost } from '../../graphql/read-limits.ts'
import { MAX_REQUEST_ERRORS } from '../../input/limits.ts'

/** The assumed length of a list without a page size: the agents of a conversation, the values of a key. */
const ASSUMED_LENGTH = 10

/** The cost of one condition of a filter, in fields: it can make the database look at every row once more. */
const CONDITION_COST = 250

/** Fields that an answer can hold: once, and for each entry of the page whose size is an argument of the field above. */
interface Cost {
  once: number
  perEntry: number
  /** Conditions of filters. Those below a list count once: its entries are looked up together. */
  conditions: number
}

export interface OperationCosts {
  cost: number
  /** Root fields of a query in which an argument exceeds the limits of reads. They must not be run, and cost nothing. */
  refused: ReadonlyMap<FieldNode, ParleyError>
}

/**
 * The maximum number of fields in the answer. Fields inside a list count once per entry, whether the document or a
 * variable gives the page size; a field with a `FieldCost` counts as that many. Conditions of filters, and entries of
 * other lists in arguments, are added. The document need not be valid, but must have no circular fragments. Throws if
 * an argument of a mutation or subscription exceeds the limits of reads, or too many of a query do.
 */
export function operationCosts(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Record<string, unknown>,
): OperationCosts {
  const counter = new CostCounter(schema, document, { ...defaultsOf(operation), ...variables })
  const { once, conditions } = counter.selected(operation.selectionSet, schema.getRootType(operation.operation))
  if (operation.operation !== 'query') checkConditions(conditions, ['filter'])
  return { cost: once + conditions * CONDITION_COST, refused: counter.refused }
}

class CostCounter {
  readonly #schema: GraphQLSchema
  readonly #variables: Record<string, unknown>
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>
  readonly #counted = new Map<FragmentDefinitionNode, Cost>()
  readonly #meter: ArgumentMeter
  readonly refused = new Map<FieldNode, ParleyError>()
  /** Of all root fields of a query so far. */
  #conditions = 0

  constructor(schema: GraphQLSchema, { definitions }: DocumentNode, variables: Record<string, unknown>) {
    this.#schema = schema
    this.#variables = variables
    this.#meter = new ArgumentMeter(variables)
    const fragments = definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
    this.#fragments = new Map(fragments.map((fragment) => [fragment.name.value, fragment]))
  }

  selected({ selections }: SelectionSetNode, parent: GraphQLNamedType | null | undefined): Cost {
    const sum: Cost = { once: 0, perEntry: 0, conditions: 0 }
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        const isEntries = isConnection(parent) && ENTRIES.has(selection.name.value)
        const { once, conditions } =
          parent === this.#schema.getQueryType()
            ? this.#rootField(selection, parent)
            : this.#field(selection, parent, isEntries)
        sum[isEntries ? 'perEntry' : 'once'] += once
        sum.conditions += conditions
        continue
      }
      const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? this.#fragment(selection.name.value) : null
      const { once, perEntry, conditions } =
        selection.kind === Kind.INLINE_FRAGMENT
          ? this.selected(selection.selectionSet, this.#condition(selection.typeCondition) ?? parent)
          : (fragment ?? { once: 0, perEntry: 0, conditions: 0 })
      sum.once += once
      sum.perEntry += perEntry
      sum.conditions += conditions
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

  /** The fields of a query are refused one by one, unless too many values have to be measured for that. */
  #rootField(node: FieldNode, parent: GraphQLNamedType | null | undefined): Omit<Cost, 'perEntry'> {
    try {
      const { once, conditions } = this.#field(node, parent, false)
      checkConditions(this.#conditions + conditions, ['filter'])
      this.#conditions += conditions
      return { once, conditions }
    } catch (error) {
      if (!(error instanceof ParleyError) || this.#meter.refusals > MAX_REQUEST_ERRORS) throw error
      this.refused.set(node, error)
      return { once: 0, conditions: 0 }
    }
  }

  #field(node: FieldNode, parent: GraphQLNamedType | null | undefined, isEntries: boolean): Omit<Cost, 'perEntry'> {
    const field = fieldOf(node, parent)
    // Mutations check their arguments themselves.
    const isRead = field && node.arguments?.length && parent !== this.#schema.getMutationType()
    const own = isRead ? this.#meter.measure(field, node) : { conditions: 0, entries: 0 }
    const { cost = 1 } = (field?.extensions ?? {}) as FieldCost
    const once = cost + own.entries
    if (!node.selectionSet) return { once, conditions: own.conditions }
    const type = field?.type
    const below = this.selected(node.selectionSet, type && getNamedType(type))
    return { once: once + this.#below(node, type, below, isEntries), conditions: own.conditions + below.conditions }
  }

  #below(node: FieldNode, type: GraphQLOutputType | undefined, { once, perEntry }: Cost, isEntries: boolean): number {
    if (isEntries) return once
    if (type && isConnection(getNamedType(type))) return once + perEntry * this.#pageSize(node)
    const length = type && isListType(getNullableType(type)) ? this.#length(node) : this.#inputs(node) / ASSUMED_LENGTH
    return length * (once + perEntry)
  }

  /** A page larger than the maximum is refused before a row is read. */
  #pageSize(field: FieldNode): number {
    const size = this.#argument(field, 'first') ?? this.#argument(field, 'last')
    return Number.isInteger(size) ? Math.min(Math.max(Number(size), 0), MAX_PAGE_SIZE) : DEFAULT_PAGE_SIZE
  }

  #length(field: FieldNode): number {
    const ids = this.#argument(field, 'ids')
    return Array.isArray(ids) ? ids.length : ASSUMED_LENGTH
  }

  /** There is one result per input, in a list whose assumed length is shorter. */
  #inputs(field: FieldNode): number {
    const input = this.#argument(field, 'input') as { conversations?: unknown } | null | undefined
    const conversations = input?.conversations
    return Math.max(Array.isArray(conversations) ? conversations.length : 0, ASSUMED_LENGTH)
  }

  #argument(field: FieldNode, name: string): unknown {
    const argument = field.arguments?.find((candidate) => candidate.name.value === name)
    return argument && valueFromASTUntyped(argument.value, this.#variables)
  }
}

/** The fields that hold the entries of a connection. */
const ENTRIES = new Set(['nodes', 'edges'])

const isConnection = (type: GraphQLNamedType | null | undefined) => type?.name.endsWith('Connection') ?? false

/** Undefined for a field that does not exist, and for introspection fields: their lists are as long as the schema makes them. */
function fieldOf(
  node: FieldNode,
  parent: GraphQLNamedType | null | undefined,
): GraphQLField<unknown, unknown> | undefined {
  if (!isObjectType(parent) && !isInterfaceType(parent)) return undefined
  return parent.getFields()[node.name.value]
}

function defaultsOf({ variableDefinitions = [] }: OperationDefinitionNode): Record<string, unknown> {
  return Object.fromEntries(
    variableDefinitions.flatMap(({ variable, defaultValue }) =>
      defaultValue ? [[variable.name.value, valueFromASTUntyped(defaultValue)]] : [],
    ),
  )
}
