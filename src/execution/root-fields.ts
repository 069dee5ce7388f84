import {
  type DocumentNode,
  type ExecutionArgs,
  type FieldNode,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  getDirectiveValues,
  getOperationAST,
  isNonNullType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import { hasConditions } from './conditions.ts'
import { variablesOf } from './document-plans.ts'

/** The root fields that a document selects, through its fragments and without those that it skips. */
export function rootFieldsOf(args: ExecutionArgs): FieldNode[] {
  const { document, operationName } = args
  const variables = hasConditions(document) ? variablesOf(args) : {}
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

/** A root field of an operation, which may be selected several times. */
export interface RootField {
  /** Its name in the answer. */
  key: string
  nodes: readonly [FieldNode, ...FieldNode[]]
}

/** Those of documents without conditions, by the name of the operation: they are the same for each request. */
const known = new WeakMap<DocumentNode, Map<string | null | undefined, readonly RootField[]>>()

/** The root fields that are answered, in their order. */
export function rootFieldsByKey(args: ExecutionArgs): readonly RootField[] {
  const { document, operationName } = args
  const found = known.get(document)?.get(operationName)
  if (found) return found
  const byKey = Map.groupBy(rootFieldsOf(args), ({ alias, name }) => (alias ?? name).value)
  const fields = [...byKey].map(([key, nodes]): RootField => ({ key, nodes: nodes as [FieldNode, ...FieldNode[]] }))
  if (hasConditions(document)) return fields
  const ofDocument = known.get(document) ?? new Map()
  known.set(document, ofDocument.set(operationName, fields))
  return fields
}

export function hasOneField({ document, operationName }: ExecutionArgs): boolean {
  const [only, ...others] = getOperationAST(document, operationName)?.selectionSet.selections ?? []
  return only?.kind === Kind.FIELD && others.length === 0
}

/** The same operation with only these root fields. */
export function withRootFields(args: ExecutionArgs, fields: readonly RootField[]): ExecutionArgs {
  const operation = getOperationAST(args.document, args.operationName)
  const selectionSet = { kind: Kind.SELECTION_SET, selections: fields.flatMap(({ nodes }) => nodes) } as const
  const definitions = args.document.definitions.map((one) => (one === operation ? { ...operation, selectionSet } : one))
  return { ...args, document: { ...args.document, definitions } }
}

export function canBeNull({ schema }: ExecutionArgs, { nodes: [node] }: RootField): boolean {
  const field = schema.getQueryType()?.getFields()[node.name.value]
  return field !== undefined && !isNonNullType(field.type)
}
