import {
  type ExecutionArgs,
  type FieldNode,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  getDirectiveValues,
  getOperationAST,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import { variablesOf } from './document-plans.ts'

/** The root fields that a document selects, through its fragments and without those that it skips. */
export function rootFieldsOf(args: ExecutionArgs): FieldNode[] {
  const { document, operationName } = args
  const variables = variablesOf(args)
  // graphql-js says what is wrong with them.
  if (!variables) return []
  const fragments = new Map(
    document.definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one]] : [])),
  )
  const isAsked = (node: SelectionNode) =>
    getDirectiveValues(GraphQLSkipDirective, node, variables)?.['if'] !== true &&
    getDirectiveValues(GraphQLIncludeDirective, node, variables)?.['if'] !== false
  const visited = new Set<string>()
  const fieldsOf = (set: SelectionSetNode | undefined): FieldNode[] =>
    (set?.selections ?? []).filter(isAsked).flatMap((node) => {
      if (node.kind === Kind.FIELD) return [node]
      if (node.kind === Kind.INLINE_FRAGMENT) return fieldsOf(node.selectionSet)
      const name = node.name.value
      if (visited.has(name)) return []
      visited.add(name)
      return fieldsOf(fragments.get(name)?.selectionSet)
    })
  return fieldsOf(getOperationAST(document, operationName)?.selectionSet)
}

/** The name of a field in the answer. */
export const keyOf = ({ alias, name }: FieldNode) => (alias ?? name).value

/** The same operation with only these root fields. */
export function withRootFields(args: ExecutionArgs, fields: readonly FieldNode[]): ExecutionArgs {
  const operation = getOperationAST(args.document, args.operationName)
  const definitions = args.document.definitions.map((one) =>
    one === operation ? { ...operation, selectionSet: { kind: Kind.SELECTION_SET, selections: fields } as const } : one,
  )
  return { ...args, document: { ...args.document, definitions } }
}
