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

/** The root fields that a document selects, through its fragments and without those that it skips. */
export function rootFieldsOf({ document, operationName, variableValues }: ExecutionArgs): FieldNode[] {
  const fragments = new Map(
    document.definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one]] : [])),
  )
  const isAsked = (node: SelectionNode) =>
    getDirectiveValues(GraphQLSkipDirective, node, variableValues)?.['if'] !== true &&
    getDirectiveValues(GraphQLIncludeDirective, node, variableValues)?.['if'] !== false
  const fieldsOf = (set: SelectionSetNode | undefined): FieldNode[] =>
    (set?.selections ?? []).filter(isAsked).flatMap((node) => {
      if (node.kind === Kind.FIELD) return [node]
      return fieldsOf(
        node.kind === Kind.INLINE_FRAGMENT ? node.selectionSet : fragments.get(node.name.value)?.selectionSet,
      )
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
