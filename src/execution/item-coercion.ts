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
const AS_THEY_ARE = parseType('[JSON]')

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
}

/**
 * Coerces the items of list variables one by one, and makes graphql-js pass them on. An item that doesn't fit is
 * replaced by an `UnfitInput`, which the field's input check refuses. A list that is too long is left to graphql-js as
 * a whole, and so are values that are written in the document.
 */
export function coerceItems(args: ExecutionArgs): ExecutionArgs {
  const { document, operationName, variableValues } = args
  const operation = getOperationAST(document, operationName)
  const lists = (operation?.variableDefinitions ?? []).flatMap((definition) => listOf(args, definition) ?? [])
  const count = lists.reduce((sum, { items }) => sum + items.length, 0)
  if (!operation || count === 0 || count > MAX_ITEMS) return args
  const coercion = new Coercion()
  const coerced = lists.map(({ definition, items, itemType }) => [
    definition.variable.name.value,
    items.map((item) => coercion.coerce(item, itemType)),
  ])
  const variableDefinitions = operation.variableDefinitions?.map((one) =>
    lists.some(({ definition }) => definition === one) ? { ...one, type: AS_THEY_ARE } : one,
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
  const items = variableValues?.[definition.variable.name.value]
  if (!Array.isArray(items) || items.length > LIMITS.conversationsPerCall) return null
  const list = getNullableType(typeFromAST(schema, definition.type))
  if (!isInputType(list) || !isListType(list)) return null
  const type = getNullableType(list.ofType)
  const isCoercedByItself = 'isCoercedByItself' satisfies keyof ItemExtensions
  if (!isInputObjectType(type) || type.extensions[isCoercedByItself] !== true) return null
  return { definition, itemType: list.ofType, items }
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
