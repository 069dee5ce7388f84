import {
  type GraphQLAbstractType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
} from 'graphql'
import { rowResolver } from '../../src/execution/query-plan.ts'
import { columnOf } from '../../src/execution/text-projection.ts'
import { schema } from '../../src/schema/schema.ts'

/** Values for arguments, by their names. */
export type Arguments = Record<string, unknown>

/** Arguments for fields below the root, by `Type.field`: it is asked for without any, and once more with each of these. */
export type NestedArguments = Record<string, readonly Arguments[]>

export interface Document {
  query: string
  variables: Arguments
  /** Every `Type.field` that it selects. */
  selected: ReadonlySet<string>
}

const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].filter(
  (type) => type != null,
)

/** Less than everything. */
export interface Breadth {
  /** Without what needs more than rows, so that it is answered the compiled path. */
  rowsAlone?: boolean
  /** Of what hangs on a row, columns alone, so that the database writes it. */
  columnsAlone?: boolean
  /** Of a list, which rows it has and what they hold themselves, and nothing that hangs on them. */
  flat?: boolean
}

/** `Query.x`, `Mutation.y`, … with the field each names. */
export const rootFields = new Map<string, { type: GraphQLObjectType; field: GraphQLField<unknown, unknown> }>(
  roots.flatMap((type) =>
    Object.values(type.getFields()).map((field) => [`${type.name}.${field.name}`, { type, field }]),
  ),
)

/**
 * A document that asks one root field for everything it can answer, so that a field added to the schema is looked at
 * from then on. A type that is being selected already is not entered again: that is where it ends.
 */
export function selectEverything(
  coordinate: string,
  args: Arguments,
  nested: NestedArguments = {},
  breadth: Breadth = {},
): Document {
  const shape = JSON.stringify([
    coordinate,
    breadth,
    Object.keys(args),
    Object.entries(nested).map(([field, given]) => [field, given.map((values) => Object.keys(values))]),
  ])
  const written = documents.get(shape) ?? writeDocument(coordinate, args, new DocumentWriter(nested, breadth))
  documents.set(shape, written)
  const variables = { ...args }
  for (const [field, given] of Object.entries(nested)) {
    for (const [i, values] of given.entries()) {
      for (const [name, value] of Object.entries(values)) variables[variableOf(aliasOf(field, i), name)] = value
    }
  }
  return { ...written, variables }
}

/** By what they ask: their text does not depend on the values. */
const documents = new Map<string, Omit<Document, 'variables'>>()

function writeDocument(coordinate: string, args: Arguments, writer: DocumentWriter): Omit<Document, 'variables'> {
  const root = rootFields.get(coordinate)
  if (!root) throw new Error(`${coordinate} is no root field`)
  const selection = writer.field(root.type, root.field, args, [])
  const declared = writer.declarations.size > 0 ? `(${[...writer.declarations].join(', ')})` : ''
  const operation = root.type.name.toLowerCase()
  return {
    query: [`${operation} Everything${declared} { ${selection} }`, ...writer.fragments()].join('\n'),
    selected: writer.selected,
  }
}

/** `Conversation.messages`: `messages_0`, and `messages_0_first` for its argument `first`. */
const aliasOf = (coordinate: string, i: number) => `${coordinate.split('.')[1]}_${i}`
const variableOf = (alias: string, argument: string) => `${alias}_${argument}`

class DocumentWriter {
  readonly declarations = new Set<string>()
  readonly selected = new Set<string>()
  readonly #nested: NestedArguments
  readonly #breadth: Breadth
  /** Name by content: documents have a limit of tokens, and most selections come up several times. */
  readonly #fragments = new Map<string, string>()

  constructor(nested: NestedArguments, breadth: Breadth) {
    this.#nested = nested
    this.#breadth = breadth
  }

  fragments = () => [...this.#fragments].map(([content, name]) => `fragment ${name} ${content}`)

  /** `alias` names it, and the variables for its arguments, where it is not at the root. */
  field(
    type: GraphQLObjectType,
    field: GraphQLField<unknown, unknown>,
    args: Arguments,
    path: readonly string[],
    alias = '',
  ) {
    this.selected.add(`${type.name}.${field.name}`)
    const given = Object.keys(args).map((name) => {
      const argument = field.args.find((candidate) => candidate.name === name)
      if (!argument) throw new Error(`${type.name}.${field.name} has no argument ${name}`)
      const variable = alias === '' ? name : variableOf(alias, name)
      this.declarations.add(`$${variable}: ${argument.type}`)
      return `${name}: $${variable}`
    })
    const missing = field.args.find((argument) => isRequiredArgument(argument) && !(argument.name in args))
    if (missing) throw new Error(`${type.name}.${field.name} needs ${missing.name}: give it one in cases.ts`)
    // The default range ends now, so that no two answers would be the same.
    const hasRange = field.args.some(({ name }) => name === 'range')
    if (path.length > 0 && hasRange && !('range' in args)) given.push(ALL_TIMES)
    const named = alias === '' ? field.name : `${alias}: ${field.name}`
    return `${named}${given.length > 0 ? `(${given.join(', ')})` : ''}${this.#selection(field.type, path)}`
  }

  #selection(output: GraphQLOutputType, path: readonly string[]): string {
    const type = getNamedType(output)
    if (isLeafType(type)) return ''
    const inside = [...path, type.name]
    const content = isAbstractType(type)
      ? schema
          .getPossibleTypes(type)
          .filter((possible) => !path.includes(possible.name))
          .map((possible) => `... on ${possible.name} { ${this.#fields(possible, inside, type)} }`)
      : [this.#fields(type as GraphQLObjectType, inside)]
    const fragment = `on ${type.name} { __typename ${content.join(' ')} }`
    const name = this.#fragments.get(fragment) ?? `F${this.#fragments.size}`
    this.#fragments.set(fragment, name)
    return ` { ...${name} }`
  }

  /** Whether nothing below is entered. What hangs on a row is asked for once: of `nodes`, and not of `edges` again. */
  #endsAt(path: readonly string[]) {
    // What leads from elsewhere to conversations ends there: what hangs on them is asked for from other roots.
    if (path.slice(0, path.indexOf('Conversation') + 1).some((name) => LEADING.has(name))) return true
    return this.#breadth.flat ? path.length > 1 : path.some((name, i) => name.endsWith('Edge') && i < path.length - 1)
  }

  #fields(type: GraphQLObjectType, path: readonly string[], within?: GraphQLAbstractType): string {
    const inside = path.includes(type.name) ? path : [...path, type.name]
    return Object.values(type.getFields())
      .filter((field) => !this.#breadth.rowsAlone || (rowResolver(field) && field.name !== 'totalCount'))
      .filter((field) => !this.#breadth.columnsAlone || !isKind(type) || columnOf(field))
      .filter((field) => isLeafType(getNamedType(field.type)) || !this.#endsAt(inside))
      .filter((field) => !isCompositeType(getNamedType(field.type)) || !path.includes(getNamedType(field.type).name))
      .flatMap((field) => {
        const coordinate = `${type.name}.${field.name}`
        const alias = within && answersDifferently(within, field) ? `${type.name}_${field.name}` : ''
        const again = (this.#nested[coordinate] ?? []).map((args, i) =>
          this.field(type, field, args, inside, aliasOf(coordinate, i)),
        )
        // Without a required argument, it is only asked for with those of its cases.
        const needsArguments = field.args.some(isRequiredArgument)
        return [...(needsArguments ? [] : [this.field(type, field, {}, inside, alias)]), ...again]
      })
      .join(' ')
  }
}

const ALL_TIMES = 'range: { from: "2024-01-01", to: "2034-01-01" }'

/** Types with fields that lead to conversations. */
const LEADING = new Set(['Agent', 'EndUser', 'ChatMessage', 'ToolCall', 'ConversationEvent'])

/** Whether its rows are a part of a table's. */
const isKind = ({ extensions }: GraphQLObjectType) => extensions['kind'] !== undefined

/** Whether a field of this name answers something else in another type that may stand in the same place. */
const answersDifferently = (within: GraphQLAbstractType, { name, type }: GraphQLField<unknown, unknown>) =>
  schema.getPossibleTypes(within).some((possible) => {
    const other = possible.getFields()[name]
    return other !== undefined && (String(other.type) !== String(type) || isCompositeType(getNamedType(type)))
  })

/** The object types that answers are made of, without the roots. */
export const answeredTypes = Object.values(schema.getTypeMap()).filter(
  (type): type is GraphQLObjectType => isObjectType(type) && !type.name.startsWith('__') && !roots.includes(type),
)
