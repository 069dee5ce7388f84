import {
  BREAK,
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  getOperationAST,
  Kind,
  type ValueNode,
  visit,
} from 'graphql'
import { isAsyncIterable, type Plugin } from 'graphql-yoga'
import { type ErrorCode, formatInputPath, type InputPath } from '../errors.ts'

/**
 * graphql-js reports which variable does not fit its type, and where in it. This tells callers where in the input that
 * is, whatever the variable is called.
 */
export function useVariableErrors(): Plugin {
  return {
    onExecute: ({ args }) => ({
      onExecuteDone({ result, setResult }) {
        if (!isAsyncIterable(result)) setResult(withInputPaths(result, args))
      },
    }),
    onSubscribe: ({ args }) => ({
      onSubscribeResult({ result, setResult }) {
        if (!isAsyncIterable(result)) setResult(withInputPaths(result as ExecutionResult, args))
      },
    }),
  }
}

function withInputPaths(result: ExecutionResult, args: ExecutionArgs): ExecutionResult {
  if (result.errors?.[0]?.nodes?.[0]?.kind !== Kind.VARIABLE_DEFINITION) return result
  return { ...result, errors: result.errors.map((error) => withInputPath(error, args)) }
}

/** What comes before the problem in the message: the place within the variable, unless it is the whole. */
const WITHIN_VARIABLE = / at "\w+((?:\.\w+|\[\d+\])+)"; $/

function withInputPath(error: GraphQLError, args: ExecutionArgs): GraphQLError {
  const [node] = error.nodes ?? []
  if (node?.kind !== Kind.VARIABLE_DEFINITION) return error
  const problem = error.originalError?.message ?? error.message
  const within = WITHIN_VARIABLE.exec(error.message.slice(0, -problem.length))?.[1] ?? ''
  const name = node.variable.name.value
  const inputPath = formatInputPath(firstUse(name, args) ?? [name]) + within
  const extensions = { code: 'BAD_USER_INPUT' satisfies ErrorCode, inputPath }
  return new GraphQLError(`${inputPath}: ${problem}`, { nodes: node, extensions })
}

/** The first argument that uses a variable, and where in it. Null if none does. */
function firstUse(variable: string, { document, operationName }: ExecutionArgs): InputPath | null {
  const fragments = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION)
  const operation = getOperationAST(document, operationName)
  let found: InputPath | null = null
  for (const definition of operation ? [operation, ...fragments] : []) {
    visit(definition, {
      Argument({ name, value }) {
        const inside = placeIn(value, variable)
        if (!inside) return undefined
        found = [name.value, ...inside]
        return BREAK
      },
    })
    if (found) break
  }
  return found
}

function placeIn(value: ValueNode, variable: string): InputPath | null {
  if (value.kind === Kind.VARIABLE) return value.name.value === variable ? [] : null
  const parts: [string | number, ValueNode][] =
    value.kind === Kind.LIST
      ? value.values.map((item, index) => [index, item])
      : value.kind === Kind.OBJECT
        ? value.fields.map((field) => [field.name.value, field.value])
        : []
  for (const [key, part] of parts) {
    const inside = placeIn(part, variable)
    if (inside) return [key, ...inside]
  }
  return null
}
