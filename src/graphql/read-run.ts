import { getArgumentValues } from 'graphql'
import type { Context } from '../context.ts'
import { modelOfRelation, NotReadable, type Relation, type RowTree } from '../database/row-tree.ts'
import type { FieldPlan, ObjectPlan, ValuePlan } from './read-plan.ts'

type Arguments = Record<string, unknown>

/** Marks what hangs on a row with the field below which its own fields are selected. */
const BELOW = Symbol('below')

/** Parts of keys, which Pothos selects to load a row again. */
const FOR_LOADING: ReadonlySet<string> = new Set(['tenantId', 'conversationId', 'sequence'])

type Selected = {
  [name: string]: true | (Omit<Relation, 'name' | 'tree'> & { select?: Selected; [BELOW]?: FieldPlan })
}

type Select = (args: Arguments, context: Context, nested: (query: true | object) => object) => { select: Selected }

type KeyOfRelation = [name: string, key: string]

interface Asked extends Pick<FieldPlan, 'key' | 'resolve' | 'value'> {
  args: Arguments
  keys: readonly KeyOfRelation[] | undefined
}

/** One execution of a plan: first what rows it needs, then the answer made of them. */
export class Run {
  readonly #context: Context
  readonly #variables: Arguments
  readonly #arguments = new Map<FieldPlan, Arguments>()
  /** Under which keys of its row a field finds what hangs on it: one relation may be asked for in several ways. */
  readonly #keys = new Map<FieldPlan, KeyOfRelation[]>()
  readonly #asked = new Map<ObjectPlan, Asked[]>()

  constructor(context: Context, variables: Arguments) {
    this.#context = context
    this.#variables = variables
  }

  argumentsOf(plan: FieldPlan): Arguments {
    const known = this.#arguments.get(plan)
    if (known) return known
    const given = plan.field.args.length > 0 ? getArgumentValues(plan.field, plan.node, this.#variables) : {}
    this.#arguments.set(plan, given)
    return given
  }

  /** The rows that are selected below a field, of the first model there. */
  treeBelow(field: FieldPlan, model: string): RowTree {
    const tree: RowTree = { model, columns: new Set(), relations: new Map() }
    for (const plan of rowPlansIn(field.value)) this.#addObject(tree, plan)
    return tree
  }

  #addObject(tree: RowTree, { type, fields }: ObjectPlan) {
    const { select } = (type.extensions['pothosPrismaTypeSelection'] ?? {}) as { select?: Selected }
    // What a type selects of every row is for the fields that select nothing themselves, and tells which type it is.
    const isIdAsked = fields.some((field) => field.select === undefined && field.field.name !== '__typename')
    for (const name of Object.keys(select ?? {})) {
      if (!FOR_LOADING.has(name) && (name !== 'id' || isIdAsked)) tree.columns.add(name)
    }
    for (const field of fields) {
      if (field.select === undefined) continue
      const selected =
        typeof field.select === 'function'
          ? (field.select as Select)(this.argumentsOf(field), this.#context, (query) => ({
              ...(query === true ? {} : query),
              [BELOW]: field,
            })).select
          : (field.select as Selected)
      this.#addSelected(tree, selected, field)
    }
  }

  #addSelected(tree: RowTree, selected: Selected, field: FieldPlan | null) {
    for (const [name, what] of Object.entries(selected)) {
      if (what === true) {
        tree.columns.add(name)
        continue
      }
      const { where, orderBy, take, select, [BELOW]: below, ...more } = what
      if (Object.keys(more).length > 0) throw new NotReadable(Object.keys(more).join())
      const model = modelOfRelation(tree.model, name)
      const inner = below ? this.treeBelow(below, model) : { model, columns: new Set<string>(), relations: new Map() }
      if (select) this.#addSelected(inner, select, null)
      const key = field ? `${name} ${tree.relations.size}` : name
      if (field) this.#keys.set(field, [...(this.#keys.get(field) ?? []), [name, key]])
      tree.relations.set(key, { name, where, orderBy, take, tree: inner })
    }
  }

  complete(plan: ValuePlan, value: unknown): unknown {
    if (plan.kind === 'non-null') {
      const completed = this.complete(plan.of, value)
      if (completed === null) throw new Error('null where there must be a value')
      return completed
    }
    if (value === null || value === undefined) return null
    if (plan.kind === 'leaf') return plan.serialize(value)
    if (plan.kind === 'list') return (value as unknown[]).map((item) => this.complete(plan.of, item))
    return this.#answer(this.#planFor(plan, value), value as object)
  }

  #planFor({ typeNameOf, plans }: ValuePlan & { kind: 'object' }, value: unknown): ObjectPlan {
    const name = typeNameOf?.(value, this.#context)
    const plan = typeNameOf ? plans.find(({ type }) => type.name === name) : plans[0]
    if (!plan) throw new NotReadable('a value of an unknown type')
    return plan
  }

  #answer(plan: ObjectPlan, row: object): object {
    const answer: Record<string, unknown> = {}
    for (const { key, resolve, args, keys, value } of this.#askedOf(plan)) {
      const found = resolve(keys ? rowBy(keys, row) : row, args, this.#context)
      if (found instanceof Promise) throw new NotReadable(key)
      answer[key] = this.complete(value, found)
    }
    return answer
  }

  /** The fields of a plan with what this execution gives them, looked up once for all rows. */
  #askedOf(plan: ObjectPlan): Asked[] {
    const known = this.#asked.get(plan)
    if (known) return known
    const asked = plan.fields.map((field) => ({
      ...{ key: field.key, resolve: field.resolve, value: field.value },
      ...{ args: this.argumentsOf(field), keys: this.#keys.get(field) },
    }))
    this.#asked.set(plan, asked)
    return asked
  }
}

/** The row as a field's resolver expects it: what hangs on it under the name of the relation. */
const rowBy = (keys: readonly KeyOfRelation[], row: object): object => ({
  ...row,
  ...Object.fromEntries(keys.map(([name, key]) => [name, (row as Arguments)[key]])),
})

/** The nearest plans below that are answered from rows. */
function rowPlansIn(value: ValuePlan): ObjectPlan[] {
  if (value.kind === 'leaf') return []
  if (value.kind !== 'object') return rowPlansIn(value.of)
  return value.plans.flatMap((plan) =>
    plan.type.extensions['pothosPrismaModel'] ? [plan] : plan.fields.flatMap((field) => rowPlansIn(field.value)),
  )
}
