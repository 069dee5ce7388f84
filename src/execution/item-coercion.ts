import {
  coerceInputValue,
  type ExecutionArgs,
  type GraphQLInputType,
  getNullableType,
  getOperationAST,
  isInputObjectType,
  isInputType,
  isListType,
  parseType,
  typeFromAST,
  type VariableDefinitionNode,
} from 'graphql'
import type { ItemExtensions } from '../graphql/read-extensions.ts'
import { LIMITS } from '../input/limits.ts'
import { type Fault, UnfitInput } from '../input/refused-input.ts'

/** The type of variables whose values are passed on as they are: JSON is coerced to itself. */
const AS_IT_IS = parseType('JSON')

/**
 * How many faults are found in one item; graphql-js has the same limit for all variables together. Finding one takes
 * some 40 µs.
 */
const MAX_FAULTS = 50
/** The same for all items together. Beyond it, the first fault of each item is still found. */
const MAX_FAULTS_IN_ALL = 1_000
/** How many items all lists of an operation may have together; each list has a limit of its own. */
const MAX_ITEMS = 4 * LIMITS.conversationsPerCall

interface ItemList {
  definition: VariableDefinitionNode
  itemType: GraphQLInputType
  items: readonly unknown[]
  /** The value of the variable, given its coerced items. */
  wrap(items: readonly unknown[]): unknown
}

/**
 * Coerces the items of a list one by one, and makes graphql-js pass them on: the list is a variable, or a field of one.
 * An item that doesn't fit is replaced by an `UnfitInput`, which the field's input check refuses. A list that is too
 * long is left to graphql-js as a whole, and so are values that are written in the document.
 */
export function coerceItems(args: ExecutionArgs): ExecutionArgs {
  const { document, operationName, variableValues } = args
  const operation = getOperationAST(document, operationName)
  const lists = (operation?.variableDefinitions ?? []).flatMap((definition) => listOf(args, definition) ?? [])
  const count = lists.reduce((sum, { items }) => sum + items.length, 0)
  if (!operation || count === 0 || count > MAX_ITEMS) return args
  const coercion = new Coercion()
  const coerced = lists.map(({ definition, items, itemType, wrap }) => [
    definition.variable.name.value,
    wrap(items.map((item) => coercion.coerce(item, itemType))),
  ])
  const variableDefinitions = operation.variableDefinitions?.map((one) =>
    lists.some(({ definition }) => definition === one) ? { ...one, type: AS_IT_IS } : one,
  )
  return {
    ...args,
    document: {
      ...document,
      definitions: document.definitions.map((one) => (one === operation ? { ...operation, variableDefinitions } : one)),
    },
    variableValues: { ...variableValues, ...Object.fromEntries(coerced) },
  }
}

/** Null for a variable that is coerced as a whole. */
function listOf({ schema, variableValues }: ExecutionArgs, definition: VariableDefinitionNode): ItemList | null {
  const value = variableValues?.[definition.variable.name.value]
  const type = getNullableType(typeFromAST(schema, definition.type))
  if (!isInputType(type)) return null
  if (!isInputObjectType(type)) {
    const itemType = itemTypeOf(type)
    return itemType && isShort(value) ? { definition, itemType, items: value, wrap: (items) => items } : null
  }
  if (typeof value !== 'object' || value === null) return null
  for (const [name, field] of Object.entries(type.getFields())) {
    const [itemType, items] = [itemTypeOf(field.type), (value as Record<string, unknown>)[name]]
    if (!itemType || !isShort(items)) continue
    const around = coercedOrNull({ ...value, [name]: [] }, type)
    if (around) return { definition, itemType, items, wrap: (coerced) => ({ ...around, [name]: coerced }) }
  }
  return null
}

const isShort = (value: unknown): value is unknown[] =>
  Array.isArray(value) && value.length <= LIMITS.conversationsPerCall

/** The type of the items of a list that are coerced by themselves. */
function itemTypeOf(type: GraphQLInputType): GraphQLInputType | null {
  const list = getNullableType(type)
  if (!isListType(list)) return null
  const itemType = getNullableType(list.ofType)
  const isCoercedByItself = 'isCoercedByItself' satisfies keyof ItemExtensions
  const isByItself = isInputObjectType(itemType) && itemType.extensions[isCoercedByItself] === true
  return isByItself ? list.ofType : null
}

/** Null if the value does not fit: graphql-js says why. */
function coercedOrNull(value: unknown, type: GraphQLInputType): object | null {
  let fits = true
  const coerced = coerceInputValue(value, type, () => {
    fits = false
  })
  return fits ? (coerced as object) : null
}

class Coercion {
  #faults = 0

  coerce(item: unknown, type: GraphQLInputType): unknown {
    const faults: Fault[] = []
    const limit = Math.min(MAX_FAULTS, Math.max(1, MAX_FAULTS_IN_ALL - this.#faults))
    try {
      const addFault = (path: Fault['path'], _value: unknown, { message }: Error) => {
        faults.push({ path, message })
        if (faults.length === limit) throw new EnoughFaults()
      }
      // Suggestions would reveal names of the schema even if introspection is off.
      const coerced = coerceInputValue(item, type, addFault, true)
      if (faults.length === 0) return coerced
    } catch (error) {
      if (!(error instanceof EnoughFaults)) throw error
    }
    this.#faults += faults.length
    return new UnfitInput(faults)
  }
}

class EnoughFaults extends Error {}
