import type { FieldMap, InterfaceRef, ObjectRef } from '@pothos/core'
import { badInput } from '../errors.ts'
import { builder, type Types } from './builder.ts'
import { FROM_ROW } from './read-extensions.ts'
import type { InputLimits } from './read-limits.ts'
import { asRow } from './rows.ts'

/** Relay connections with keyset pagination: a cursor holds the sort value and the id of an entry, not the entry. */

export const DEFAULT_PAGE_SIZE = 20
export const MAX_PAGE_SIZE = 100

/** A position in a list: the order it belongs to, the sort value and, if sort values repeat, the UUID. */
export type Cursor<Value extends number | null = number> = readonly [order: string, value: Value, id: string]

export interface Page<Value extends number | null = number> {
  limit: number
  /** The page ends at `before` (or at the end) and is read backward. */
  backward: boolean
  after: Cursor<Value> | null
  before: Cursor<Value> | null
}

export interface Connection<Node> {
  edges: { cursor: string; node: Node }[]
  nodes: Node[]
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null }
  totalCount: () => number | Promise<number>
}

export interface ConnectionArguments {
  first?: number | null | undefined
  after?: string | null | undefined
  last?: number | null | undefined
  before?: string | null | undefined
}

/** The greatest sort values that the columns hold: times in milliseconds since 1970, to the end of 9999, and counts. */
export const MAX_TIME = 253_402_300_799_999
export const MAX_COUNT = 2_147_483_647

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** What the sort values of an order may be, besides whole numbers from 0. */
export interface SortValues {
  max: number
  hasNulls?: boolean
  hasFractions?: boolean
}

/** Parses the four arguments of a list in the order named `order`. */
export function parsePage<Value extends number | null = number>(
  args: ConnectionArguments,
  order: string,
  id: RegExp = UUID,
  values: SortValues = { max: MAX_TIME },
): Page<Value> {
  if (args.first != null && args.last != null) throw badInput(['last'], 'can not be combined with `first`.')
  const backward = args.last != null
  const name = backward ? 'last' : 'first'
  const limit = args[name] ?? DEFAULT_PAGE_SIZE
  if (limit < 0) throw badInput([name], 'must not be negative.')
  if (limit > MAX_PAGE_SIZE) throw badInput([name], `must be at most ${MAX_PAGE_SIZE}.`)
  return {
    limit,
    backward,
    after: parseCursorArgument(args.after, order, { id, values, name: 'after' }),
    before: parseCursorArgument(args.before, order, { id, values, name: 'before' }),
  }
}

export function parseCursorArgument<Value extends number | null>(
  text: string | null | undefined,
  order: string,
  form: { id: RegExp; values: SortValues; name: string },
): Cursor<Value> | null {
  if (text == null) return null
  const refuse = (why: string) => badInput([form.name], why)
  const [cursorOrder, value, id, ...rest] = parseCursor(text)
  if (!(typeof value === 'number' || value === null) || typeof id !== 'string' || rest.length > 0)
    throw refuse('is not a cursor of this server.')
  if (cursorOrder !== order) throw refuse('is a cursor of another list or order.')
  if (!isSortValue(value, form.values) || !form.id.test(id)) throw refuse('is not a cursor of this server.')
  // Checked just before.
  return [order, value as Value, id]
}

const isSortValue = (value: number | null, { max, hasNulls = false, hasFractions = false }: SortValues) =>
  value === null ? hasNulls : value >= 0 && value <= max && (hasFractions || Number.isSafeInteger(value))

function parseCursor(text: string): unknown[] {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
    return Array.isArray(parsed) ? parsed : []
  } catch {
    return []
  }
}

export const writeCursor = (cursor: Cursor<number | null>) => Buffer.from(JSON.stringify(cursor)).toString('base64url')

class LazyEdge<Row> {
  readonly node: Row
  readonly #cursorOf: (row: Row) => Cursor<number | null>

  constructor(node: Row, cursorOf: (row: Row) => Cursor<number | null>) {
    this.node = node
    this.#cursorOf = cursorOf
  }

  get cursor() {
    return writeCursor(this.#cursorOf(this.node))
  }
}

/** What a page is made of. */
interface Source<Row> {
  /** In the order of the list. */
  rows: Row[]
  hasNextPage: boolean
  hasPreviousPage: boolean
  cursorOf: (row: Row) => Cursor<number | null>
}

/**
 * Makes only what is requested: of most pages that is only the nodes, and of few edges the cursor. These are classes
 * because an object with getters of its own takes twenty times as long to make, and a page of pages has hundreds.
 */
class KeysetPage<Row> implements Connection<Row> {
  readonly totalCount: () => number | Promise<number>
  readonly #source: Source<Row>

  constructor(source: Source<Row>, totalCount: () => number | Promise<number>) {
    this.#source = source
    this.totalCount = totalCount
  }

  get nodes() {
    return this.#source.rows
  }

  get edges() {
    const { rows, cursorOf } = this.#source
    return rows.map((row) => new LazyEdge(row, cursorOf))
  }

  get pageInfo() {
    const { rows, hasNextPage, hasPreviousPage, cursorOf } = this.#source
    const [first, last] = [rows[0], rows.at(-1)]
    const cursorAt = (row: Row | undefined) => (row === undefined ? null : writeCursor(cursorOf(row)))
    return { hasNextPage, hasPreviousPage, startCursor: cursorAt(first), endCursor: cursorAt(last) }
  }
}

/**
 * One page from rows that were read in the direction of the page: one more than its limit if there are more. `cursorOf`
 * returns the cursor of a row.
 */
export function toConnection<Row>(
  page: Page<number | null>,
  read: readonly Row[],
  cursorOf: (row: Row) => Cursor<number | null>,
  totalCount: () => number | Promise<number>,
): Connection<Row> {
  const hasMore = read.length > page.limit
  const rows = read.slice(0, page.limit)
  if (page.backward) rows.reverse()
  const [hasNextPage, hasPreviousPage] = page.backward
    ? [page.before !== null, hasMore]
    : [hasMore, page.after !== null]
  return new KeysetPage({ rows, hasNextPage, hasPreviousPage, cursorOf }, totalCount)
}

/**
 * The part of a Prisma query that reads a page in the order of one unique column: a UUID or text (`id` of the cursor)
 * or a number (its `value`).
 */
export function keyset<Column extends string>(page: Page, column: Column, part: 'id' | 'value', descending = false) {
  const [behind, ahead] = descending ? (['lt', 'gt'] as const) : (['gt', 'lt'] as const)
  const place = (cursor: Cursor) => (part === 'id' ? cursor[2] : cursor[1])
  const range = {
    ...(page.after ? { [behind]: place(page.after) } : {}),
    ...(page.before ? { [ahead]: place(page.before) } : {}),
  }
  const direction = descending === page.backward ? 'asc' : 'desc'
  return {
    // Computed keys lose their names in TypeScript; these two have the caller's column.
    where: { [column]: range } as { [Name in Column]: object },
    orderBy: { [column]: direction } as { [Name in Column]: 'asc' | 'desc' },
    take: page.limit + 1,
  }
}

const PageInfo = builder.objectRef<Connection<unknown>['pageInfo']>('PageInfo').implement({
  description: 'Where a page is in its list.',
  fields: (t) => ({
    hasNextPage: t.exposeBoolean('hasNextPage', { description: 'Whether there is a next page.' }),
    hasPreviousPage: t.exposeBoolean('hasPreviousPage', { description: 'Whether there is a previous page.' }),
    startCursor: t.exposeString('startCursor', {
      nullable: true,
      description: 'Cursor of the first entry. Null if the page is empty.',
    }),
    endCursor: t.exposeString('endCursor', {
      nullable: true,
      description: 'Cursor of the last entry. Null if the page is empty.',
    }),
  }),
})

/** The arguments of every connection. */
export const connectionArgs = builder.args((t) => ({
  first: t.int({
    required: false,
    description: `Number of entries to return from the start, or after the cursor \`after\`, 0 to ${MAX_PAGE_SIZE}. Null means the default: ${DEFAULT_PAGE_SIZE}, unless \`last\` is given. Can't be combined with \`last\`.`,
  }),
  after: t.string({
    required: false,
    description: 'Returns only entries after this cursor, which must come from the same list in the same sort order.',
    extensions: { hasOwnLimit: true } satisfies InputLimits,
  }),
  last: t.int({
    required: false,
    description: `Number of entries to return from the end, or before the cursor \`before\`, 0 to ${MAX_PAGE_SIZE}. Can't be combined with \`first\`.`,
  }),
  before: t.string({
    required: false,
    description: 'Returns only entries before this cursor, which must come from the same list in the same sort order.',
    extensions: { hasOwnLimit: true } satisfies InputLimits,
  }),
}))

/** Where a connection's nodes are selected, which a query plan must look at. */
export const NODE_PATHS = [['edges', 'node'], ['nodes']]

type EdgeOf<Row> = Connection<Row>['edges'][number]

interface ConnectionOptions<Row> {
  name: string
  of: string
  /** What belongs to the entry in this list only: a client's cache would mix it up with that of other lists. */
  edgeFields?: (t: PothosSchemaTypes.ObjectFieldBuilder<Types, EdgeOf<Row>>) => FieldMap
}

/** The types `…Connection` and `…Edge` for a type of node, whose rows may have more than the node for the edges. */
export function connectionType<Node, Row extends Node = Node>(
  node: ObjectRef<Types, Node> | InterfaceRef<Types, Node>,
  options: ConnectionOptions<Row>,
) {
  const Edge = builder.objectRef<EdgeOf<Row>>(`${options.name}Edge`).implement({
    description: `An edge in a list of ${options.of}: the entry and its cursor.`,
    fields: (t) => ({
      cursor: t.exposeString('cursor', {
        description: 'Cursor of the entry: pass it as `after` or `before` to continue from here.',
      }),
      node: t.field({
        type: node,
        description: 'The entry itself.',
        extensions: FROM_ROW,
        resolve: (edge) => asRow(edge.node),
      }),
      ...options.edgeFields?.(t),
    }),
  })
  return builder.objectRef<Connection<Row>>(`${options.name}Connection`).implement({
    description: `A page of ${options.of}.`,
    // Lets a query plan look through the connection at the rows inside.
    extensions: {
      pothosIndirectInclude: {
        getType: () => options.name,
        paths: NODE_PATHS.map((path) => path.map((name) => ({ name }))),
      },
    },
    fields: (t) => ({
      edges: t.field({
        type: [Edge],
        description: 'The entries with their cursors.',
        extensions: FROM_ROW,
        resolve: (page) => page.edges,
      }),
      nodes: t.field({
        type: [node],
        description: 'The entries without their cursors.',
        extensions: FROM_ROW,
        resolve: (page) => asRow(page.nodes),
      }),
      pageInfo: t.field({
        type: PageInfo,
        description: 'Position of this page in the list.',
        extensions: FROM_ROW,
        resolve: (page) => page.pageInfo,
      }),
      totalCount: t.int({
        description: 'Number of entries in the whole list, on all pages together. Counted only if you select it.',
        extensions: FROM_ROW,
        resolve: (page) => page.totalCount(),
      }),
    }),
  })
}
