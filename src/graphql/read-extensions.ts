import type { GraphQLResolveInfo } from 'graphql'
import type { Context } from '../context.ts'
import type { Prisma } from '../database/generated/client/client.ts'
import { type Statements, throughPrisma } from '../database/sql-transactions.ts'
import { encodeId, type IdType } from '../input/ids.ts'
import type { Kind } from '../rows/row-text.sql.ts'
import type { Row } from '../rows/row-tree.ts'

/**
 * What the planner of compiled reads knows about resolvers, by the functions themselves. A field with another `resolve`
 * is unknown to the planner, and graphql-js resolves it.
 */

type AnyResolver = (...args: never[]) => unknown

/**
 * In the extensions of a field: its resolver needs only its row, its arguments and the rights of its caller, and is
 * synchronous. The compiled path calls the same resolver. If the claim is wrong, graphql-js resolves the document
 * instead.
 */
export const FROM_ROW = { isFromRow: true } as const

/** What else is known about a resolver. It is tied to the function itself, because the function may never be called. */
export interface RowResolver {
  /** It returns this column. */
  column?: Column
  /** Which of the columns that the field selects are needed only for the `totalCount` below it. */
  countsBy?: object
}

export interface Column {
  column: string
  /** The column is a UUID, and the field returns the id of this type. */
  idOf?: IdType
  /** Null without the scope INTERNALS_READ. */
  isInternal?: boolean
}

const rowResolvers = new WeakMap<object, RowResolver>()

/** Records what is known about a resolver: those made below, and those that belong to no field. */
export function fromRow<Resolve extends AnyResolver>(resolve: Resolve, known: RowResolver = {}): Resolve {
  rowResolvers.set(resolve, known)
  return resolve
}

export const rowResolverOf = (resolve: object): RowResolver | undefined => rowResolvers.get(resolve)

/** The id of a type, made from the row's UUID. */
export function idColumn(type: IdType) {
  const resolve = ({ id }: { id: string }) => encodeId(type, id)
  return { resolve: fromRow(resolve, { column: { column: 'id', idOf: type } }) }
}

/** A column unchanged: its selection, and a resolver that the database can replace. */
export function column<Name extends string>(name: Name) {
  const resolve = <Value>(row: { [Key in Name]: Value }): Value => row[name]
  return { select: selectOf(name), resolve: fromRow(resolve, { column: { column: name } }) }
}

/** The same for a column that is never null in the rows of the type, as a CHECK of the table says. */
export function requiredColumn<Name extends string>(name: Name) {
  const resolve = <Value>(row: { [Key in Name]: Value }) => row[name] as NonNullable<Value>
  return { select: selectOf(name), resolve: fromRow(resolve, { column: { column: name } }) }
}

/** The same for a column that is null without the scope INTERNALS_READ. */
export function internalColumn<Name extends string>(name: Name) {
  const resolve = <Value>(row: { [Key in Name]: Value }, _args: object, context: Context): Value | null =>
    context.has('INTERNALS_READ') ? row[name] : null
  return { select: selectOf(name), resolve: fromRow(resolve, { column: { column: name, isInternal: true } }) }
}

// In TypeScript, computed keys lose their names.
const selectOf = <Name extends string>(name: Name) => ({ [name]: true }) as { [Key in Name]: true }

/** How the answer of a root field is made from rows. */
export interface ReadsRows {
  /** Whose rows may be found; types of other models are not planned. */
  models: readonly string[]
  /** Its page is one row, found by its key. */
  findsByKey?: boolean
  /** It may read several pages. */
  readsSeveralPages?: boolean
  /** `args`: as the field declares them. */
  read(args: object, context: Context, reading: ReadingRows): Promise<unknown>
}

/** What a root field reads its answer with. */
export interface ReadingRows {
  /** Reads a page of a model, by default the only one: a SELECT of its columns; `more` are columns of the page itself. */
  rows(page: Prisma.Sql, more?: readonly string[], model?: string): Promise<Row[]>
  /** Counts all rows of the list, for its `totalCount`; null: not requested. */
  count: ((statement: Prisma.Sql) => Promise<number>) | null
}

/** A root field of an operation. */
export interface RootField {
  /** Its name in the answer. */
  key: string
  /** Whether its `totalCount` is requested. */
  isCounted: boolean
}

/** How the answer of a root field is made from numbers. */
export interface ReadsNumbers {
  /** `args`: as the field declares them. */
  count(args: object, context: Context, statements: Statements, field: RootField): Promise<unknown>
}

/** How an event of a subscription is answered from conversations. */
export interface ReadsConversations {
  /** The UUIDs of the conversations. */
  idsIn(event: unknown): readonly string[]
  /** What the field's resolver returns, given their rows. */
  toAnswer(event: unknown, rowOf: ReadonlyMap<string, unknown>): unknown
}

const rootReads = new WeakMap<object, ReadsRows | ReadsNumbers>()
const eventReads = new WeakMap<object, ReadsConversations>()

/** The resolver of a root field, which answers as `reads` does. */
export function readsRows<Resolve extends AnyResolver>(reads: ReadsRows, resolve: Resolve): Resolve {
  rootReads.set(resolve, reads)
  return resolve
}

/** The resolver of a root field that runs `count` in the operation's transaction. */
export function readsNumbers<Args extends object, Answer>(
  count: (args: Args, context: Context, statements: Statements, field: RootField) => Promise<Answer>,
) {
  // graphql-js resolves a `totalCount` afterwards.
  const resolve = (_root: unknown, args: Args, context: Context, { path }: GraphQLResolveInfo) =>
    count(args, context, throughPrisma(context.db), { key: String(path.key), isCounted: false })
  rootReads.set(resolve, { count })
  return resolve
}

/** The resolver of a subscription, which answers as `reads` does. */
export function readsConversations<Resolve extends AnyResolver>(reads: ReadsConversations, resolve: Resolve): Resolve {
  eventReads.set(resolve, reads)
  return resolve
}

export const rootReadsOf = (resolve: object) => rootReads.get(resolve)

export const eventReadsOf = (resolve: object) => eventReads.get(resolve)

/** In the extensions of a type: which rows of its table belong to it. */
export interface OfKind {
  kind: Kind
}

/** In the extensions of an input type. */
export interface ItemExtensions {
  /** Each item of a list variable of this type is coerced by itself: an invalid one does not affect the others. */
  isCoercedByItself?: true
}
