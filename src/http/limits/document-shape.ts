import {
  type DirectiveNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql'

/**
 * How large a document is with its fragments expanded. It is counted before validation, in time that grows with the
 * document and not with what it expands to: a hostile document burns time in validation.
 */
export interface DocumentShape {
  /** How deep fields are nested. */
  depth: number
  /** All fields and fragments, counted each time they are spread. */
  selections: number
  /** Root fields of an operation. */
  rootFields: number
  aliases: number
  directives: number
  /** Pairs of fields with the same response name: validation compares each one with every other. */
  overlaps: number
}

/**
 * The shape of the largest operation or fragment. Selections and overlaps are summed instead, because validation goes
 * through all of them. Null if fragments spread each other in a cycle. Beyond `countedSelections` selections, overlaps
 * are not counted.
 */
export function shapeOfDocument(document: DocumentNode, countedSelections: number): DocumentShape | null {
  const counter = new ShapeCounter(document)
  const shapes = counter.roots.map((root) => {
    const shape = counter.shapeOf(root)
    return root.kind === Kind.OPERATION_DEFINITION ? shape : { ...shape, rootFields: 0 }
  })
  if (counter.circular) return null
  const largest = (of: (shape: Shape) => number) => Math.max(0, ...shapes.map(of))
  const selections = shapes.reduce((sum, shape) => sum + shape.selections, 0)
  return {
    depth: largest((shape) => shape.depth),
    selections,
    rootFields: largest((shape) => shape.rootFields),
    aliases: largest((shape) => shape.aliases),
    directives: largest((shape) => shape.directives),
    overlaps: selections > countedSelections ? 0 : counter.overlaps(),
  }
}

type Shape = Omit<DocumentShape, 'overlaps'>
type Root = OperationDefinitionNode | FragmentDefinitionNode

class ShapeCounter {
  readonly roots: Root[]
  circular = false
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>
  /** Null while a fragment is being counted: to meet it then means a cycle. */
  readonly #counted = new Map<Root, Shape | null>()

  constructor({ definitions }: DocumentNode) {
    this.roots = definitions.filter(
      (definition): definition is Root =>
        definition.kind === Kind.OPERATION_DEFINITION || definition.kind === Kind.FRAGMENT_DEFINITION,
    )
    this.#fragments = new Map(
      this.roots.filter((root) => root.kind === Kind.FRAGMENT_DEFINITION).map((root) => [root.name.value, root]),
    )
  }

  shapeOf(root: Root): Shape {
    const counted = this.#counted.get(root)
    if (counted) return counted
    if (counted === null) {
      this.circular = true
      return nothing()
    }
    this.#counted.set(root, null)
    const shape = this.#selected(root.selectionSet)
    shape.directives += directivesOn(root)
    for (const variable of root.variableDefinitions ?? []) shape.directives += directivesOn(variable)
    this.#counted.set(root, shape)
    return shape
  }

  #selected(selectionSet: SelectionSetNode): Shape {
    const sum = nothing()
    for (const selection of selectionSet.selections) {
      sum.selections++
      sum.directives += directivesOn(selection)
      if (selection.kind === Kind.FIELD) {
        const below = selection.selectionSet ? this.#selected(selection.selectionSet) : nothing()
        add(sum, { ...below, depth: below.depth + 1, rootFields: 1 })
        if (selection.alias) sum.aliases++
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        add(sum, this.#selected(selection.selectionSet))
      } else {
        const fragment = this.#fragments.get(selection.name.value)
        if (fragment) add(sum, this.shapeOf(fragment))
      }
    }
    return sum
  }

  overlaps(): number {
    return this.roots.reduce((sum, { selectionSet }) => sum + this.#overlapsIn([selectionSet]), 0)
  }

  /** Overlaps among the fields that these selection sets select from one object. */
  #overlapsIn(selectionSets: readonly SelectionSetNode[]): number {
    const named = new Map<string, { count: number; below: SelectionSetNode[] }>()
    const collect = ({ selections }: SelectionSetNode) => {
      for (const selection of selections) {
        if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet)
        else if (selection.kind === Kind.FRAGMENT_SPREAD) {
          const fragment = this.#fragments.get(selection.name.value)
          if (fragment) collect(fragment.selectionSet)
        } else {
          const name = (selection.alias ?? selection.name).value
          const group = named.get(name) ?? { count: 0, below: [] }
          named.set(name, group)
          group.count++
          if (selection.selectionSet) group.below.push(selection.selectionSet)
        }
      }
    }
    for (const selectionSet of selectionSets) collect(selectionSet)
    let pairs = 0
    for (const { count, below } of named.values()) pairs += (count * (count - 1)) / 2 + this.#overlapsIn(below)
    return pairs
  }
}

const nothing = (): Shape => ({ depth: 0, selections: 0, rootFields: 0, aliases: 0, directives: 0 })

function add(sum: Shape, more: Shape) {
  sum.depth = Math.max(sum.depth, more.depth)
  sum.selections += more.selections
  sum.rootFields += more.rootFields
  sum.aliases += more.aliases
  sum.directives += more.directives
}

const directivesOn = ({ directives }: { directives?: readonly DirectiveNode[] | undefined }) => directives?.length ?? 0
