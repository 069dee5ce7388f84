import { type DirectiveNode, type DocumentNode, Kind, visit } from 'graphql'
import { UnsupportedSelection } from '../rows/row-tree.ts'

/** The values of the variables that decide about `@include` and `@skip`. */
export type Conditions = Readonly<Record<string, unknown>>

/** A document is planned once for each set of conditions. */
const MAX_CONDITIONS = 4

const WANTED = new Map([
  ['include', true],
  ['skip', false],
])

/** Whether a directive lets its selection be answered. All directives of a selection have to. */
export function isMet({ name, arguments: given = [] }: DirectiveNode, conditions: Conditions): boolean {
  const wanted = WANTED.get(name.value)
  const [condition] = given
  if (wanted === undefined || !condition) throw new UnsupportedSelection('a directive')
  const { value } = condition
  const is =
    value.kind === Kind.BOOLEAN ? value.value : value.kind === Kind.VARIABLE ? conditions[value.name.value] : undefined
  if (typeof is !== 'boolean') throw new UnsupportedSelection('a condition that is not known')
  return is === wanted
}

const namesOf = new WeakMap<DocumentNode, readonly string[]>()

/** The names of the variables in conditions. */
function conditionNamesOf(document: DocumentNode): readonly string[] {
  const known = namesOf.get(document)
  if (known) return known
  const names = new Set<string>()
  visit(document, {
    Directive({ name, arguments: given = [] }) {
      for (const { value } of given)
        if (WANTED.has(name.value) && value.kind === Kind.VARIABLE) names.add(value.name.value)
    },
  })
  const all = [...names]
  namesOf.set(document, all)
  return all
}

/** Whether what a document asks for depends on variables. */
export const hasConditions = (document: DocumentNode): boolean => conditionNamesOf(document).length > 0

const NONE: Conditions = {}

/**
 * The conditions of a document, from its coerced variables; null if these are invalid. If there are too many, none is
 * known.
 */
export function conditionsOf(document: DocumentNode, variables: () => Conditions | null): Conditions | null {
  const names = conditionNamesOf(document)
  if (names.length === 0 || names.length > MAX_CONDITIONS) return NONE
  const given = variables()
  return given && Object.fromEntries(names.map((name) => [name, given[name]]))
}
