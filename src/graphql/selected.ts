import { type GraphQLResolveInfo, Kind, type SelectionNode } from 'graphql'

/**
 * Whether a field with one of these names is selected anywhere below the field, even if a directive skips it. Documents
 * have no circular fragments.
 */
export function isSelectedBelow({ fieldNodes, fragments }: GraphQLResolveInfo, names: readonly string[]): boolean {
  const seen = new Set<string>()
  const isIn = (selection: SelectionNode): boolean => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      const name = selection.name.value
      if (seen.has(name)) return false
      seen.add(name)
      return fragments[name]?.selectionSet.selections.some(isIn) ?? false
    }
    if (selection.kind === Kind.FIELD && names.includes(selection.name.value)) return true
    return selection.selectionSet?.selections.some(isIn) ?? false
  }
  return fieldNodes.some(({ selectionSet }) => selectionSet?.selections.some(isIn) ?? false)
}
