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
          if (name.value !== 'input') return []
          const input = valueFromASTUntyped(value, variableValues) as Given | null | undefined
          return [input, input?.by, input?.conversations].flat()
        })
      : [],
  )
  return [...new Set(values.flatMap(namesIn))]
}

/** The parts of an input that may name rows, as they were sent. */
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
