import { type ExecutionArgs, getOperationAST, type SelectionNode } from 'graphql'
import { ParleyError } from '../errors.ts'
import { isMet } from '../execution/conditions.ts'
import { variablesOf } from '../execution/document-plans.ts'

/** A subscription whose only field is left out by its conditions. graphql-js fails with an error of its own. */
export function refuseNothing(args: ExecutionArgs) {
  const operation = getOperationAST(args.document, args.operationName)
  const conditions = variablesOf(args)
  if (!operation || !conditions) return
  const isSelected = ({ directives = [] }: SelectionNode) => directives.every((one) => isMet(one, conditions))
  if (operation.selectionSet.selections.some(isSelected)) return
  throw new ParleyError('GRAPHQL_VALIDATION_FAILED', 'The conditions of this subscription leave out its only field.', {
    http: { status: 400 },
  })
}

/** Yoga sends a stream to a client that accepts one, and to any other a 406 without a message. */
export function refuseOtherAnswers({ headers }: Request) {
  const accepted = headers.get('accept') ?? '*/*'
  if (/text\/event-stream|text\/\*|\*\/\*/i.test(accepted)) return
  throw new ParleyError('BAD_USER_INPUT', 'A subscription is answered as a stream: send "Accept: text/event-stream".', {
    http: { status: 406 },
  })
}
