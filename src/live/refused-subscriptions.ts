import { type ExecutionArgs, getOperationAST, type SelectionNode } from 'graphql'
import { ParleyError } from '../errors.ts'
import { isMet } from '../execution/conditions.ts'
import { variablesOf } from '../execution/document-plans.ts'

/** Refuses a subscription whose conditions skip its only field. graphql-js would fail with a TypeError. */
export function refuseSkippedField(args: ExecutionArgs) {
  const operation = getOperationAST(args.document, args.operationName)
  const conditions = variablesOf(args)
  if (!operation || !conditions) return
  const isSelected = ({ directives = [] }: SelectionNode) => directives.every((one) => isMet(one, conditions))
  if (operation.selectionSet.selections.some(isSelected)) return
  throw new ParleyError('GRAPHQL_VALIDATION_FAILED', 'The conditions of this subscription leave out its only field.', {
    http: { status: 400 },
  })
}

/** Refuses clients that accept no stream, to whom Yoga would send a 406 without a message. */
export function refuseOtherAnswers({ headers }: Request) {
  const accepted = headers.get('accept') ?? '*/*'
  if (/text\/event-stream|text\/\*|\*\/\*/i.test(accepted)) return
  throw new ParleyError('BAD_USER_INPUT', 'A subscription is answered as a stream: send "Accept: text/event-stream".', {
    http: { status: 406 },
  })
}
