import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
} from 'graphql'
import { schema } from '../../src/schema/schema.ts'

/** The fields below a root field, found in the schema itself. */

export interface Reached {
  type: GraphQLObjectType
  field: GraphQLField<unknown, unknown>
  /** The fields that lead there, starting with the root field. */
  path: readonly Reached[]
}

export const coordinateOf = ({ type, field }: Pick<Reached, 'type' | 'field'>): string => `${type.name}.${field.name}`

export const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].filter(
  (type) => type != null,
)

export const objectTypes = Object.values(schema.getTypeMap()).filter(
  (type): type is GraphQLObjectType => isObjectType(type) && !type.name.startsWith('__'),
)

/**
 * Each field of each type by every path to it, except for types inside themselves. `enters`: which paths to follow
 * further.
 */
export function fieldsBelow(root: Reached, enters: (reached: Reached) => boolean): Reached[] {
  const walk = (parent: Reached, entered: readonly GraphQLNamedType[]): Reached[] =>
    possibleTypes(getNamedType(parent.field.type)).flatMap((type) => {
      if (entered.includes(type)) return []
      const path = [...parent.path, parent]
      return Object.values(type.getFields()).flatMap((field) => {
        const reached = { type, field, path }
        return [reached, ...(enters(reached) ? walk(reached, [...entered, type]) : [])]
      })
    })
  return walk(root, [])
}

const possibleTypes = (type: GraphQLNamedType): GraphQLObjectType[] => {
  if (isObjectType(type)) return [type]
  return isAbstractType(type) ? [...schema.getPossibleTypes(type)] : []
}

/** A document that asks for these fields below one root field. */
export function documentFor(root: Reached, args: Record<string, unknown>, fields: readonly Reached[]): string {
  const given = root.field.args.filter(({ name }) => name in args)
  const declared = given.map(({ name, type }) => `$${name}: ${type}`)
  const passed = given.map(({ name }) => `${name}: $${name}`)
  const list = (parts: string[]) => (parts.length > 0 ? `(${parts.join(', ')})` : '')
  const below = new Selection()
  for (const { path, ...last } of fields) below.add([...path.slice(1), last])
  return `${root.type.name.toLowerCase()} Access${list(declared)} { ${root.field.name}${list(passed)}${below.text(root.field)} }`
}

/** For fields below the root. */
const ARGUMENTS: Record<string, string> = {
  'Conversation.searchMatches': '(search: "a", first: 2)',
  // Of lists below lists, small pages: a document has a limit.
  'Conversation.messages': '(first: 2)',
  'Agent.conversations': '(first: 2)',
  'EndUser.conversations': '(first: 2)',
}

type Step = Pick<Reached, 'type' | 'field'>

class Selection {
  readonly #fields = new Map<string, Step & { below: Selection }>()

  add([first, ...rest]: readonly Step[]) {
    if (!first) return
    const missing = first.field.args.find((arg) => isRequiredArgument(arg) && !ARGUMENTS[coordinateOf(first)])
    if (missing) throw new Error(`${coordinateOf(first)} needs ${missing.name}: give it one in ARGUMENTS`)
    const known = this.#fields.get(coordinateOf(first)) ?? { ...first, below: new Selection() }
    this.#fields.set(coordinateOf(first), known)
    known.below.add(rest)
  }

  text({ type }: GraphQLField<unknown, unknown>): string {
    if (isLeafType(getNamedType(type))) return ''
    const parts = [...this.#fields.values()].map(({ type: on, field, below }) => {
      // Types in one place may have different fields with the same name.
      const alias =
        isAbstractType(getNamedType(type)) && differs(getNamedType(type), field) ? `${on.name}_${field.name}: ` : ''
      return `... on ${on.name} { ${alias}${field.name}${ARGUMENTS[coordinateOf({ type: on, field })] ?? ''}${below.text(field)} }`
    })
    return ` { ${['__typename', ...parts].join(' ')} }`
  }
}

const differs = (within: GraphQLNamedType, { name, type }: GraphQLField<unknown, unknown>) =>
  possibleTypes(within).some((possible) => {
    const other = possible.getFields()[name]
    return other !== undefined && (String(other.type) !== String(type) || isCompositeType(getNamedType(type)))
  })
