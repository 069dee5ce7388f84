import {
  coerceInputValue,
  type ExecutionArgs,
  type GraphQLInputType,
  type GraphQLSchema,
  getNullableType,
  getOperationAST,
  isInputObjectType,
  isInputType,
  isListType,
  parseType,
  typeFromAST,
  type VariableDefinitionNode,
} from 'graphql'
import { LIMITS } from '../domain/limits.ts'
import { type Fault, UnfitInput } from '../domain/refused-input.ts'

/** In the extensions of an input type. */
export interface ItemExtensions {
  /** Each item of a list variable of this type is coerced by itself: one that doesn't fit leaves the others alone. */
  isCoercedByItself?: true
}

/** The type of variables whose values are passed on as they are: JSON is coerced to itself. */
const AS_THEY_ARE = parseType('[JSON]')

/** Of one item, as graphql-js counts of all variables together. */
const MAX_FAULTS = 50

/**
 * Coerces the items of such variables, and makes graphql-js pass them on. An item that doesn't fit is replaced by an
 * `UnfitInput`, which the field's check of its input refuses. A list that is too long is left to graphql-js as a whole, and
 * so are values that are written in the document.
 */
export function coerceItems(args: ExecutionArgs): ExecutionArgs {
  const { schema, document, operationName, variableValues } = args
  const operation = getOperationAST(document, operationName)
  const lists = new Map<VariableDefinitionNode, unknown[]>()
  for (const definition of operation?.variableDefinitions ?? []) {
    const items = variableValues?.[definition.variable.name.value]
    if (!Array.isArray(items) || items.length > LIMITS.conversationsPerCall) continue
    const type = itemTypeOf(schema, definition)
    if (type)
      lists.set(
        definition,
        items.map((item) => coerceItem(item, type)),
      )
  }
  if (!operation || lists.size === 0) return args
  const variableDefinitions = operation.variableDefinitions?.map((definition) =>
    lists.has(definition) ? { ...definition, type: AS_THEY_ARE } : definition,
  )
  const coerced = [...lists].map(([{ variable }, items]) => [variable.name.value, items])
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
function itemTypeOf(schema: GraphQLSchema, { type }: VariableDefinitionNode): GraphQLInputType | null {
  const list = getNullableType(typeFromAST(schema, type))
  if (!isInputType(list) || !isListType(list)) return null
  const item = getNullableType(list.ofType)
  const isCoercedByItself = 'isCoercedByItself' satisfies keyof ItemExtensions
  return isInputObjectType(item) && item.extensions[isCoercedByItself] === true ? list.ofType : null
}

function coerceItem(item: unknown, type: GraphQLInputType): unknown {
  const faults: Fault[] = []
  try {
    const addFault = (path: Fault['path'], _value: unknown, { message }: Error) => {
      faults.push({ path, message })
      if (faults.length === MAX_FAULTS) throw new EnoughFaults()
    }
    // Suggestions would tell names of the schema where introspection is off.
    const coerced = coerceInputValue(item, type, addFault, true)
    if (faults.length === 0) return coerced
  } catch (error) {
    if (!(error instanceof EnoughFaults)) throw error
  }
  return new UnfitInput(faults)
}

class EnoughFaults extends Error {}
