import { setTimeout } from 'node:timers/promises'
import { type ExecutionArgs, type ExecutionResult, GraphQLError, getArgumentValues } from 'graphql'
import { OutcomeUnknown } from '../database/failure.ts'
import { RefusedInput } from '../input/refused-input.ts'
import { variablesOf } from './document-plans.ts'
import { rootFieldsOf } from './root-fields.ts'

/** A database that restarts is back within about a second. */
const ATTEMPTS_AFTER_MS = [0, 250, 1_000]

/**
 * Runs a mutation, and finds out what became of it if the answer to its COMMIT was lost: with an idempotency key for each
 * of its fields, it can be run again, and then returns what the first attempt stored or stores it now.
 */
export async function settleOutcome(
  args: ExecutionArgs,
  run: () => Promise<ExecutionResult>,
  runAgain: () => Promise<ExecutionResult>,
): Promise<ExecutionResult> {
  try {
    return await run()
  } catch (error) {
    if (!(error instanceof OutcomeUnknown) || !isIdempotent(args)) throw error
    for (const delayMs of ATTEMPTS_AFTER_MS) {
      await setTimeout(delayMs)
      const result = await runAgain().catch(() => null)
      if (result && !hasFailed(result)) return result
    }
    throw error
  }
}

/** An error that no client caused does not say what became of the first attempt. */
const hasFailed = ({ errors = [] }: ExecutionResult) =>
  errors.some(({ originalError }) => originalError && !(originalError instanceof GraphQLError))

interface Keyed {
  idempotencyKey?: unknown
}

/** Whether each field of a mutation has an idempotency key, or one for each entry of a list that it may store. */
function isIdempotent(args: ExecutionArgs): boolean {
  const variables = variablesOf(args)
  if (!variables) return false
  const fields = args.schema.getMutationType()?.getFields() ?? {}
  const asked = rootFieldsOf(args).filter(({ name }) => name.value !== '__typename')
  return asked.every((node) => {
    const field = fields[node.name.value]
    if (!field) return false
    const values = getArgumentValues(field, node, variables) as {
      input?: Keyed & { conversations?: Keyed[] }
    }
    const keyed = values.input?.conversations ?? (values.input ? [values.input] : [])
    return keyed.length > 0 && keyed.every((one) => one instanceof RefusedInput || one.idempotencyKey != null)
  })
}
