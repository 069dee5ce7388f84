import {
  type ExecutionArgs,
  type GraphQLField,
  getArgumentValues,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
} from 'graphql'
import type { Context } from '../context.ts'
import type { Prepares } from '../graphql/prepared.ts'
import { variablesOf } from './document-plans.ts'
import { rootFieldsByKey } from './root-fields.ts'

/** Prepares those root fields of a mutation that need something from outside its transaction: see `Prepares`. */
export async function prepareFields(args: ExecutionArgs, operation: OperationDefinitionNode, session: Context) {
  const fields = args.schema.getMutationType()?.getFields() ?? {}
  const prepareOf = (name: string) =>
    (fields[name] as GraphQLField<unknown, Context, Partial<Prepares<unknown>>> | undefined)?.extensions['prepare'] as
      | Prepares<unknown>['prepare']
      | undefined
  const mayBePrepared = (node: SelectionNode): boolean =>
    node.kind === Kind.FIELD
      ? prepareOf(node.name.value) !== undefined
      : node.kind === Kind.FRAGMENT_SPREAD || node.selectionSet.selections.some(mayBePrepared)
  if (!operation.selectionSet.selections.some(mayBePrepared)) return
  const variables = variablesOf(args)
  if (!variables) return
  const asked = rootFieldsByKey(args)
  const outcomes = await Promise.allSettled(
    asked.map(async ({ nodes: [node] }) => {
      const field = fields[node.name.value]
      const prepare = prepareOf(node.name.value)
      return field && prepare?.(getArgumentValues(field, node, variables), session)
    }),
  )
  for (const [i, outcome] of outcomes.entries()) {
    const { key } = asked[i] ?? {}
    if (key !== undefined) session.prepared.set(key, outcome)
  }
}
