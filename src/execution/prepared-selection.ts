import { isDeepStrictEqual } from 'node:util'
import { getArgumentValues } from 'graphql'
import { LRUCache } from 'lru-cache'
import type { Scope } from '../auth/principal.ts'
import type { Context } from '../context.ts'
import { maxReadBytes } from '../input/limits.ts'
import { plainKeyOf } from '../input/plain-key.ts'
import { RowSelection } from '../rows/row-selection.sql.ts'
import type { JsonTemplate } from '../rows/row-text.sql.ts'
import { modelOfRelation, type Relation, type RowTree, UnsupportedSelection } from '../rows/row-tree.ts'
import { type FieldPlan, fieldsOf, modelOf, type ObjectPlan, type ValuePlan } from './query-plan.ts'
import { rowTextOf } from './text-projection.ts'

type Arguments = Record<string, unknown>

/** What a selection may depend on, apart from its arguments. */
export type Rights = Pick<Context, 'has' | 'rowRestriction'>

/**
 * The rights of callers without a row restriction, for selections that they share. A selection that depends on anything
 * else of its caller can't be prepared, and is not compiled.
 */
function sharedRights(seesInternals: boolean): Rights {
  const has = (scope: Scope) => {
    if (scope !== 'INTERNALS_READ') throw new UnsupportedSelection(`a selection depends on the scope ${scope}`)
    return seesInternals
  }
  const known: Record<string | symbol, unknown> = { has, rowRestriction: null }
  const get = (_target: object, name: string | symbol) => {
    if (!(name in known)) throw new UnsupportedSelection(`a selection depends on ${String(name)} of its caller`)
    return known[name]
  }
  return new Proxy({}, { get }) as Rights
}

const WITH_INTERNALS = sharedRights(true)
const WITHOUT_INTERNALS = sharedRights(false)

/** How much memory all cached selections may take, in bytes. Some take a thousand times as much as most. */
const MAX_KEPT_BYTES = 33_554_432
/** As measured, including its part of the statement. */
const BYTES_PER_RELATION = 6_000
const BYTES_PER_FIELD = 300

/** The selections of all documents, each under a name that begins with the id of its root field. */
const kept = new LRUCache<string, PreparedSelection>({
  maxSize: MAX_KEPT_BYTES,
  sizeCalculation: ({ bytes }, name) => bytes + name.length,
})

let lastId = 0

/** The selections of one document below its root field, each prepared once. */
export class PreparedSelections {
  readonly #id: number
  readonly #root: FieldPlan
  readonly #models: readonly string[]
  /** The names of the variables in arguments below the root. */
  readonly #variables: readonly string[]

  /** `models`: the models of the first rows below the root. */
  constructor(root: FieldPlan, models: readonly string[], variables: Iterable<string>) {
    lastId += 1
    this.#id = lastId
    this.#root = root
    this.#models = models
    this.#variables = [...variables]
  }

  /** About how much memory all cached selections take. */
  static get keptBytes(): number {
    return kept.calculatedSize
  }

  /** The selection for these variables, which are coerced, and this caller. */
  of(variables: Arguments, context: Context): PreparedSelection {
    const maxBytes = maxReadBytes(context.limits)
    // Nothing else that the request has sent is kept.
    const below = this.#below(variables)
    const key = context.rowRestriction === null ? plainKeyOf(below) : null
    if (key === null) return this.#prepare(context, below, maxBytes)
    const rights = context.has('INTERNALS_READ') ? WITH_INTERNALS : WITHOUT_INTERNALS
    const name = `${this.#id} ${rights === WITH_INTERNALS} ${maxBytes} ${key}`
    const known = kept.get(name)
    if (known) return known
    const prepared = this.#prepare(rights, below, maxBytes)
    kept.set(name, prepared)
    return prepared
  }

  #below(variables: Arguments): Arguments {
    return Object.fromEntries(this.#variables.flatMap((name) => (name in variables ? [[name, variables[name]]] : [])))
  }

  #prepare(rights: Rights, variables: Arguments, maxBytes: number) {
    return new PreparedSelection({ root: this.#root, models: this.#models, rights, variables, maxBytes })
  }
}

/** Marks a relation with the field below which its fields are selected. */
const BELOW = Symbol('below')

/** Parts of keys, which Pothos selects to load a row again. */
const FOR_LOADING: ReadonlySet<string> = new Set(['tenantId', 'conversationId', 'sequence'])

type Selected = {
  [name: string]: true | (Omit<Relation, 'name' | 'tree'> & { select?: Selected; [BELOW]?: FieldPlan })
}

type Select = (args: Arguments, context: Rights, nested: (query: true | object) => object) => { select: Selected }

export type KeyOfRelation = [name: string, key: string]

/** A field that is written for each row. */
export interface Asked extends Pick<FieldPlan, 'resolve' | 'value'> {
  /** The text before the value in the answer. */
  name: string
  args: Arguments
  keys: readonly KeyOfRelation[] | undefined
}

interface Selecting {
  root: FieldPlan
  models: readonly string[]
  rights: Rights
  variables: Arguments
  /** The limit of all rows together. */
  maxBytes: number
}

/** What a document selects below a root field, for one set of arguments there and one set of rights. */
export class PreparedSelection {
  readonly #rights: Rights
  readonly #variables: Arguments
  /** The keys under which a field finds its related rows: one relation may be selected in several ways. */
  readonly #keys = new Map<FieldPlan, KeyOfRelation[]>()
  readonly #asked = new Map<ObjectPlan, Asked[]>()
  readonly #root: FieldPlan
  #relationCount = 0
  /** The first rows below the root, by their model. */
  readonly #rows: ReadonlyMap<string, RowSelection>

  constructor({ root, models, rights, variables, maxBytes }: Selecting) {
    this.#rights = rights
    this.#variables = variables
    this.#root = root
    this.#rows = new Map(models.map((model) => [model, new RowSelection(this.#treeBelow(root, model, true), maxBytes)]))
  }

  /** About how much memory it takes once it has been used. */
  get bytes(): number {
    return BYTES_PER_RELATION * this.#relationCount + BYTES_PER_FIELD * fieldCountOf(this.#root)
  }

  rowsOf(model: string | undefined): RowSelection {
    const rows = this.#rows.get(model ?? '')
    if (!rows) throw new Error(`no rows of ${model} are selected`)
    return rows
  }

  #argumentsOf(plan: FieldPlan): Arguments {
    return argumentsOf(plan, this.#variables)
  }

  /** The rows that are selected below a field, of the first model there. `isPage`: they are the first below the root. */
  #treeBelow(field: FieldPlan, model: string, isPage = false): RowTree {
    const tree: RowTree = { model, columns: new Set(), relations: new Map() }
    for (const plan of rowValuesIn(field.value).flatMap(({ plans }) => plans))
      if (modelOf(plan.type) === model) this.#addObject(tree, plan, isPage)
    return tree
  }

  #addObject(tree: RowTree, { type, fields }: ObjectPlan, isPage: boolean) {
    const { select } = (type.extensions['pothosPrismaTypeSelection'] ?? {}) as { select?: Selected }
    // What a type selects of every row is for the fields that select nothing themselves, and for finding its type.
    const isIdAsked = fields.some((field) => field.select === undefined && field.field.name !== '__typename')
    for (const name of Object.keys(select ?? {})) {
      if (!FOR_LOADING.has(name) && (name !== 'id' || isIdAsked)) tree.columns.add(name)
    }
    for (const field of fields) {
      if (field.select === undefined) continue
      const selected =
        typeof field.select === 'function'
          ? (field.select as Select)(this.#argumentsOf(field), this.#rights, (query) => ({
              ...(query === true ? {} : query),
              [BELOW]: field,
            })).select
          : (field.select as Selected)
      this.#addSelected(tree, withoutUnasked(selected, field), field, isPage)
    }
  }

  #addSelected(tree: RowTree, selected: Selected, field: FieldPlan | null, isPage = false) {
    for (const [name, what] of Object.entries(selected)) {
      if (what === true) {
        tree.columns.add(name)
        continue
      }
      const { where, orderBy, take, select, [BELOW]: below, ...more } = what
      if (Object.keys(more).length > 0) throw new UnsupportedSelection(Object.keys(more).join())
      const relation: Relation = {
        name,
        where,
        orderBy,
        take,
        ...this.#rowsOf(modelOfRelation(tree.model, name), select, below, isPage),
      }
      // The types of an interface select the same for each of its fields.
      const [known] = [...tree.relations].find(([, other]) => field && isDeepStrictEqual(other, relation)) ?? []
      const key = known ?? (field ? `${name} ${tree.relations.size}` : name)
      if (field) this.#keys.set(field, [...(this.#keys.get(field) ?? []), [name, key]])
      if (known === undefined) this.#relationCount += 1
      tree.relations.set(key, relation)
    }
  }

  /** What is read of the rows of a relation: their text if that is enough, else what is selected of them. */
  #rowsOf(
    model: string,
    select: Selected = {},
    below: FieldPlan | undefined,
    isPage: boolean,
  ): Pick<Relation, 'tree' | 'text'> {
    const nothing: RowTree = { model, columns: new Set(), relations: new Map() }
    // Texts are read of the rows of a page only: see `Relation`.
    const text = below && isPage ? this.#textBelow(below, select) : null
    if (text) return { tree: nothing, text }
    const tree = below ? this.#treeBelow(below, model) : nothing
    this.#addSelected(tree, select, null)
    return { tree }
  }

  /** Null if more is needed than a text for each row and its place, for the cursors. */
  #textBelow(field: FieldPlan, select: Selected): JsonTemplate | null {
    const [[place, isColumn] = ['', false], ...more] = Object.entries(select)
    if (isColumn !== true || more.length > 0) return null
    const [text = null, ...others] = rowValuesIn(field.value).map((value) => rowTextOf(value, place, this.#rights))
    // Rows may be selected as nodes and as the nodes of edges, but all texts must be the same.
    const isSame = (other: JsonTemplate | null) => JSON.stringify(other) === JSON.stringify(text)
    return others.every(isSame) ? text : null
  }

  /** The fields of a plan with what this selection gives them, looked up once for all rows. */
  askedOf(plan: ObjectPlan): Asked[] {
    const known = this.#asked.get(plan)
    if (known) return known
    const asked = plan.fields.map((field, i) => ({
      ...{ name: `${i === 0 ? '{' : ','}"${field.key}":`, resolve: field.resolve, value: field.value },
      ...{ args: this.#argumentsOf(field), keys: this.#keys.get(field) },
    }))
    this.#asked.set(plan, asked)
    return asked
  }
}

const fieldCountOf = (field: FieldPlan): number =>
  fieldsOf(field.value).reduce((sum, below) => sum + fieldCountOf(below), 1)

/** The arguments of a field, as its resolver expects them. */
export const argumentsOf = ({ field, node }: FieldPlan, variables: Arguments): Arguments =>
  field.args.length > 0 ? getArgumentValues(field, node, variables) : {}

function withoutUnasked(selected: Selected, { countsBy, value }: FieldPlan): Selected {
  if (!countsBy || fieldsOf(value).some((below) => below.field.name === 'totalCount')) return selected
  return Object.fromEntries(Object.entries(selected).filter(([name]) => !(name in countsBy)))
}

/** The nearest values below that are answered from rows. */
function rowValuesIn(value: ValuePlan): (ValuePlan & { kind: 'object' })[] {
  if (value.kind === 'leaf') return []
  if (value.kind !== 'object') return rowValuesIn(value.of)
  if (value.plans.some(({ type }) => modelOf(type))) return [value]
  return value.plans.flatMap(({ fields }) => fields.flatMap((field) => rowValuesIn(field.value)))
}
