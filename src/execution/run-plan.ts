import { getArgumentValues } from 'graphql'
import type { Context } from '../context.ts'
import { handleRejections, isThenable } from '../graphql/promises.ts'
import { modelOfRelation, NotReadable, type Relation, type RowTree } from '../rows/row-selection.sql.ts'
import { type RowText, TEXT } from '../rows/row-text.sql.ts'
import type { AnswerText } from './answer-text.ts'
import { AnswerWriter } from './answer-writer.ts'
import { type FieldPlan, fieldsOf, type ObjectPlan, type ValuePlan } from './query-plan.ts'
import { rowTextOf } from './text-projection.ts'

type Arguments = Record<string, unknown>

type ObjectValue = ValuePlan & { kind: 'object' }

const hasText = (row: object): row is { [TEXT]: string } => (row as { [TEXT]?: string })[TEXT] !== undefined

/** Marks what hangs on a row with the field below which its own fields are selected. */
const BELOW = Symbol('below')

/** Parts of keys, which Pothos selects to load a row again. */
const FOR_LOADING: ReadonlySet<string> = new Set(['tenantId', 'conversationId', 'sequence'])

type Selected = {
  [name: string]: true | (Omit<Relation, 'name' | 'tree'> & { select?: Selected; [BELOW]?: FieldPlan })
}

type Select = (args: Arguments, context: Context, nested: (query: true | object) => object) => { select: Selected }

type KeyOfRelation = [name: string, key: string]

interface Asked extends Pick<FieldPlan, 'resolve' | 'value'> {
  /** What stands before the value in the answer. */
  name: string
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
  readonly #handled = new WeakSet<object>()

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
    for (const { plans } of rowValuesIn(field.value)) for (const plan of plans) this.#addObject(tree, plan)
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
      this.#addSelected(tree, withoutUnasked(selected, field), field)
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
      const key = field ? `${name} ${tree.relations.size}` : name
      if (field) this.#keys.set(field, [...(this.#keys.get(field) ?? []), [name, key]])
      tree.relations.set(key, {
        name,
        where,
        orderBy,
        take,
        ...this.#rowsOf(modelOfRelation(tree.model, name), select, below),
      })
    }
  }

  /** What is read of the rows of a relation: their text, where that says all, or what is selected of them. */
  #rowsOf(model: string, select: Selected = {}, below?: FieldPlan): Pick<Relation, 'tree' | 'text'> {
    const nothing: RowTree = { model, columns: new Set(), relations: new Map() }
    const text = below && this.#textBelow(below, select)
    if (text) return { tree: nothing, text }
    const tree = below ? this.treeBelow(below, model) : nothing
    this.#addSelected(tree, select, null)
    return { tree }
  }

  /** Null where more is needed than a text for each row, and its place for the cursors. */
  #textBelow(field: FieldPlan, select: Selected): RowText | null {
    const [[place, isColumn] = ['', false], ...more] = Object.entries(select)
    if (isColumn !== true || more.length > 0) return null
    const [text = null, ...others] = rowValuesIn(field.value).map((value) => rowTextOf(value, place, this.#context))
    // As nodes and as the edges' nodes, but all the same.
    const isSame = (other: RowText | null) => JSON.stringify(other) === JSON.stringify(text)
    return others.every(isSame) ? text : null
  }

  /**
   * The answer to a document with this field at its root, which found this value. Throws AnswerTooLarge as soon as it is too
   * large, and OVERLOADED if there is no room for it. While a long one is written, others go on between two items of its
   * outermost lists.
   */
  async answer({ key, value: plan }: FieldPlan, found: unknown): Promise<AnswerText> {
    const room = this.#context.growingAnswer()
    const json = new AnswerWriter(this.#context.limits.maxAnswerBytes, room)
    const pace = this.#context.pace(null)
    try {
      json.add(`{"data":{"${key}":`)
      for (const _ of this.#writeItems(json, plan, found)) if (pace.isOver) await pace.rest()
      json.add('}}')
      return json.toAnswer()
    } catch (error) {
      handleRejections(found, this.#handled)
      throw error
    } finally {
      room?.end()
    }
  }

  /** Writes a value, and stops after each item of its outermost lists. */
  *#writeItems(json: AnswerWriter, plan: ValuePlan, given: unknown): Iterable<void> {
    const of = plan.kind === 'non-null' ? plan.of : plan
    if (of.kind === 'leaf' || given == null || isThenable(given) || hasText(given)) this.#writeInto(json, plan, given)
    else if (of.kind === 'list') yield* this.#writeList(json, of.of, given as unknown[])
    else if (of.kind === 'object') yield* this.#writeFields(json, of, given, true)
  }

  #writeInto(json: AnswerWriter, plan: ValuePlan, given: unknown) {
    if (isThenable(given)) throw new NotReadable('a resolver answers a promise')
    const isRequired = plan.kind === 'non-null'
    const of = isRequired ? plan.of : plan
    const value = of.kind === 'leaf' && given != null ? of.serialize(given) : given
    if (value === null || value === undefined) {
      if (isRequired) throw new Error('null where there must be a value')
      json.add('null')
    } else if (of.kind === 'list') {
      // Without the generator of the outermost lists: there are many more of these.
      const items = value as unknown[]
      for (let i = 0; i < items.length; i += 1) {
        json.add(i === 0 ? '[' : ',')
        this.#writeInto(json, of.of, items[i])
      }
      json.add(items.length === 0 ? '[]' : ']')
    } else if (of.kind === 'object') this.#writeObject(json, of, value as object)
    // As JSON.stringify() would, which takes twice as long.
    else json.add(value instanceof Date ? `"${value.toISOString()}"` : JSON.stringify(value))
  }

  /** Stops after each item. */
  *#writeList(json: AnswerWriter, plan: ValuePlan, items: readonly unknown[]): Iterable<void> {
    for (const [i, item] of items.entries()) {
      json.add(i === 0 ? '[' : ',')
      this.#writeInto(json, plan, item)
      yield
    }
    json.add(items.length === 0 ? '[]' : ']')
  }

  #writeObject(json: AnswerWriter, plan: ObjectValue, row: object) {
    if (hasText(row)) json.add(row[TEXT])
    else this.#writeFields(json, plan, row, false).next()
  }

  /** Stops, if it may, after each item of its outermost lists. */
  *#writeFields(json: AnswerWriter, plan: ObjectValue, row: object, mayStop: boolean): Generator<void> {
    const asked = this.#askedOf(this.#planFor(plan, row))
    let found: unknown
    try {
      for (const { name, resolve, args, keys, value } of asked) {
        found = resolve(keys ? rowBy(keys, row) : row, args, this.#context)
        json.add(name)
        if (mayStop) yield* this.#writeItems(json, value, found)
        else this.#writeInto(json, value, found)
      }
    } catch (error) {
      // Nobody will write the rest of this value.
      handleRejections(found, this.#handled)
      throw error
    }
    json.add(asked.length === 0 ? '{}' : '}')
  }

  #planFor({ typeNameOf, plans }: ObjectValue, value: unknown): ObjectPlan {
    const name = typeNameOf?.(value, this.#context)
    handleRejections(name, this.#handled)
    const plan = typeNameOf ? plans.find(({ type }) => type.name === name) : plans[0]
    if (!plan) throw new NotReadable('a value is of an unknown type')
    return plan
  }

  /** The fields of a plan with what this execution gives them, looked up once for all rows. */
  #askedOf(plan: ObjectPlan): Asked[] {
    const known = this.#asked.get(plan)
    if (known) return known
    const asked = plan.fields.map((field, i) => ({
      ...{ name: `${i === 0 ? '{' : ','}"${field.key}":`, resolve: field.resolve, value: field.value },
      ...{ args: this.argumentsOf(field), keys: this.#keys.get(field) },
    }))
    this.#asked.set(plan, asked)
    return asked
  }
}

function withoutUnasked(selected: Selected, { countsBy, value }: FieldPlan): Selected {
  if (!countsBy || fieldsOf(value).some((below) => below.field.name === 'totalCount')) return selected
  return Object.fromEntries(Object.entries(selected).filter(([name]) => !(name in countsBy)))
}

/** The row as a field's resolver expects it: what hangs on it under the name of the relation. */
const rowBy = (keys: readonly KeyOfRelation[], row: object): object => ({
  ...row,
  ...Object.fromEntries(keys.map(([name, key]) => [name, (row as Arguments)[key]])),
})

/** The nearest values below that are answered from rows. */
function rowValuesIn(value: ValuePlan): (ValuePlan & { kind: 'object' })[] {
  if (value.kind === 'leaf') return []
  if (value.kind !== 'object') return rowValuesIn(value.of)
  if (value.plans.some(({ type }) => type.extensions['pothosPrismaModel'])) return [value]
  return value.plans.flatMap(({ fields }) => fields.flatMap((field) => rowValuesIn(field.value)))
}
