import { type ExecutionArgs, type ExecutionResult, type FieldNode, locatedError } from 'graphql'
import type { ParleyError } from '../errors.ts'
import { canBeNull, rootFieldsByKey, withRootFields } from './root-fields.ts'

/** Answers a query without its refused root fields, which are null: nothing of them is run. */
export async function answerOthers(
  args: ExecutionArgs,
  refused: ReadonlyMap<FieldNode, ParleyError>,
  answer: (args: ExecutionArgs) => Promise<ExecutionResult>,
): Promise<ExecutionResult> {
  const fields = rootFieldsByKey(args)
  const refusals = new Map(
    fields.flatMap((field) => {
      const error = field.nodes.map((node) => refused.get(node)).find((found) => found !== undefined)
      return error ? [[field, locatedError(error, field.nodes, [field.key])] as const] : []
    }),
  )
  const errors = [...refusals.values()]
  if ([...refusals.keys()].some((field) => !canBeNull(args, field))) return { data: null, errors }
  const others = fields.filter((field) => !refusals.has(field))
  // There are none if all are skipped, or if the variables that decide about them do not fit.
  const asked = fields.length === 0 ? args : withRootFields(args, others)
  const result = others.length === 0 && errors.length > 0 ? { data: {} } : await answer(asked)
  if (!result.data) return { ...result, errors: [...errors, ...(result.errors ?? [])] }
  const data = Object.fromEntries(fields.map(({ key }) => [key, result.data?.[key] ?? null]))
  return { ...result, data, ...(errors.length > 0 ? { errors: [...errors, ...(result.errors ?? [])] } : {}) }
}
