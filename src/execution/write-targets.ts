import { type ExecutionArgs, getOperationAST, Kind, valueFromASTUntyped } from 'graphql'

/** Parts of an input that name a row. */
const NAMES = ['id', 'externalId', 'idempotencyKey']

/**
 * The names of the rows that a mutation says it writes to: two mutations that share one would wait for each other in
 * the database. They are read before the input is checked, and decide only when a write begins.
 */
export function targetsOf({ document, operationName, variableValues }: ExecutionArgs): string[] {
  const selections = getOperationAST(document, operationName)?.selectionSet.selections ?? []
  const values = selections.flatMap((field) =>
    field.kind === Kind.FIELD
      ? (field.arguments ?? []).flatMap(({ name, value }) => {
          const given: unknown = valueFromASTUntyped(value, variableValues)
          return name.value === 'input'
            ? [given, (given as Given | null)?.by, (given as Given | null)?.conversations].flat()
            : []
        })
      : [],
  )
  return [...new Set(values.flatMap(namesIn))]
}

interface Given {
  by?: unknown
  conversations?: unknown
}

const namesIn = (given: unknown) =>
  typeof given === 'object' && given !== null
    ? Object.entries(given).flatMap(([name, value]) =>
        NAMES.includes(name) && typeof value === 'string' ? [`${name} ${value}`] : [],
      )
    : []
