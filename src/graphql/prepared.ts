import type { GraphQLResolveInfo } from 'graphql'
import type { Context } from '../context.ts'

/**
 * In the extensions of a root field of mutations: what is done before the transaction begins, and only resolved within
 * it. A transaction must not wait for another host. Nor may it wait for a second connection: the embedded database has
 * only one.
 */
export interface Prepares<Arguments> {
  /** Runs before access is checked. */
  prepare: (args: Arguments, context: Context) => Promise<unknown>
}

/** What the field prepared; throws what preparing it threw. */
export function takePrepared<Result>({ prepared }: Context, { path }: GraphQLResolveInfo): Result {
  const outcome = prepared.get(String(path.key))
  if (!outcome) throw new Error(`${path.key} was not prepared`)
  if (outcome.status === 'rejected') throw outcome.reason
  return outcome.value as Result
}
