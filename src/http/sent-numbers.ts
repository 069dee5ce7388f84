import {
  type ExecutionArgs,
  type GraphQLInputType,
  getNullableType,
  getOperationAST,
  isInputObjectType,
  isInputType,
  isListType,
  typeFromAST,
} from 'graphql'

type Values = Readonly<Record<string, unknown>>

/** Of variables with numbers that no double keeps: what was sent, with a `LostNumber` in the place of each. */
const sent = new WeakMap<object, Values>()

/** Remembers what was sent, for as long as the variables that were made of it exist. */
export function rememberSent(variables: unknown, asSent: unknown): void {
  if (isObject(variables) && isObject(asSent)) sent.set(variables, asSent)
}

/**
 * Variables with their JSON values as they were sent: a number in it that would lose digits is refused by the field's check
 * of its input. What becomes of a number anywhere else is its type's affair.
 */
export function withSentNumbers(args: ExecutionArgs): ExecutionArgs {
  const { schema, document, operationName, variableValues } = args
  const asSent = variableValues && sent.get(variableValues)
  if (!asSent) return args
  const values = { ...variableValues }
  for (const { variable, type } of getOperationAST(document, operationName)?.variableDefinitions ?? []) {
    const known = typeFromAST(schema, type)
    const name = variable.name.value
    if (isInputType(known) && Object.hasOwn(values, name)) values[name] = withJsonOf(asSent[name], values[name], known)
  }
  return { ...args, variableValues: values }
}

/** `value` and `asSent` are the same but for their numbers. */
function withJsonOf(asSent: unknown, value: unknown, given: GraphQLInputType): unknown {
  const type = getNullableType(given)
  if (isListType(type)) {
    // In the place of a list, anything else is a list of one.
    if (!Array.isArray(value)) return withJsonOf(asSent, value, type.ofType)
    return value.map((item, index) => withJsonOf((asSent as unknown[])[index], item, type.ofType))
  }
  if (type.name === 'JSON' || type.name === 'JSONObject') return asSent
  if (!isInputObjectType(type) || !isObject(value)) return value
  const fields = type.getFields()
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => {
      const field = fields[name]
      return [name, field ? withJsonOf((asSent as Values)[name], item, field.type) : item]
    }),
  )
}

const isObject = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
