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

/**
 * For variables with numbers that would lose digits as a double: what was sent, with a `LostNumber` in place of each
 * such number.
 */
const sent = new WeakMap<object, Values>()

/** Remembers what was sent for as long as the variables parsed from it exist. */
export function rememberSent(variables: unknown, asSent: unknown): void {
  if (isObject(variables) && isObject(asSent)) sent.set(variables, asSent)
}

/**
 * Returns the variables with their JSON values as they were sent, so that the field's input check refuses a number that
 * would lose digits. Outside JSON values, the number's type decides.
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

/** `value` and `asSent` differ only in their numbers. */
function withJsonOf(asSent: unknown, value: unknown, given: GraphQLInputType): unknown {
  const type = getNullableType(given)
  if (isListType(type)) {
    // A single value in place of a list is a list of one.
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
