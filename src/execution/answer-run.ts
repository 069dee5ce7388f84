import type { Context } from '../context.ts'
import { handleRejections, isThenable } from '../graphql/promises.ts'
import { isLongRow } from '../rows/row-reader.ts'
import { TEXT } from '../rows/row-text.sql.ts'
import { type Row, UnsupportedSelection } from '../rows/row-tree.ts'
import { type AnswerText, answerEnd } from './answer-text.ts'
import { AnswerWriter } from './answer-writer.ts'
import type { Asked, KeyOfRelation, PreparedSelection } from './prepared-selection.ts'
import type { FieldPlan, ObjectPlan, ValuePlan } from './query-plan.ts'

type ObjectValue = ValuePlan & { kind: 'object' }

const hasText = (row: object): row is { [TEXT]: string } => (row as { [TEXT]?: string })[TEXT] !== undefined

/** A root field, and what was read for it. */
export interface Answered {
  root: FieldPlan
  selection: PreparedSelection
  found: unknown
}

/**
 * Writes the answer to a document with these root fields. Throws AnswerTooLarge as soon as it is too large, and
 * OVERLOADED if there is no room for it. While it writes a long answer, other requests go on in between.
 */
export async function answerOf(context: Context, fields: readonly Answered[]): Promise<AnswerText> {
  const room = context.growingAnswer()
  const json = new AnswerWriter(context.limits.maxAnswerBytes, room)
  const timeSlice = context.timeSlice(null)
  try {
    for (const [i, { root, selection, found }] of fields.entries()) {
      json.add(`${i === 0 ? '{"data":{' : ','}"${root.key}":`)
      for (const _ of new AnswerRun(context, selection).write(json, root, found)) {
        if (!timeSlice.isOver) continue
        await room?.turn()
        await timeSlice.yieldToEventLoop()
      }
    }
    if (context.cost === null) json.add('}}')
    // Written here, because adding it later would copy the whole text once more.
    else json.add(`}${answerEnd(context.cost)}`)
    return { ...json.toAnswer(), ...(context.cost ? { hasCost: true } : {}) }
  } catch (error) {
    for (const { found } of fields) handleRejections(found)
    throw error
  } finally {
    room?.end()
  }
}

/** Writes the answer to one root field. */
export class AnswerRun {
  readonly #context: Context
  readonly #selection: PreparedSelection
  readonly #handled = new WeakSet<object>()

  constructor(context: Context, selection: PreparedSelection) {
    this.#context = context
    this.#selection = selection
  }

  write(json: AnswerWriter, { value: plan }: FieldPlan, found: unknown): Iterable<void> {
    return this.#writeItems(json, plan, found, false)
  }

  /**
   * Writes a value, and yields after each item of its outermost lists; in a large row, after each field and each item
   * of any list.
   */
  *#writeItems(json: AnswerWriter, plan: ValuePlan, given: unknown, isLong: boolean): Iterable<void> {
    const of = plan.kind === 'non-null' ? plan.of : plan
    if (of.kind === 'leaf' || given == null || isThenable(given) || hasText(given)) this.#writeInto(json, plan, given)
    else if (of.kind === 'list') yield* this.#writeList(json, of.of, given as unknown[], isLong)
    else if (of.kind === 'object') yield* this.#writeFields(json, of, given as Row, isLong || isLongRow(given))
  }

  #writeInto(json: AnswerWriter, plan: ValuePlan, given: unknown) {
    if (isThenable(given)) throw new UnsupportedSelection('a resolver returns a promise')
    const isRequired = plan.kind === 'non-null'
    const of = isRequired ? plan.of : plan
    const value = of.kind === 'leaf' && given != null ? of.serialize(given) : given
    if (value === null || value === undefined) {
      if (isRequired) throw new Error('null for a non-null field')
      json.add('null')
    } else if (of.kind === 'list') {
      // No generator here, unlike for the outermost lists: there are many more of these.
      const items = value as unknown[]
      for (let i = 0; i < items.length; i += 1) {
        json.add(i === 0 ? '[' : ',')
        this.#writeInto(json, of.of, items[i])
      }
      json.add(items.length === 0 ? '[]' : ']')
    } else if (of.kind === 'object') this.#writeObject(json, of, value as Row)
    // Writes times as JSON.stringify() would, which takes twice as long.
    else json.add(value instanceof Date ? `"${value.toISOString()}"` : JSON.stringify(value))
  }

  /** Yields after each item. */
  *#writeList(json: AnswerWriter, plan: ValuePlan, items: readonly unknown[], isLong: boolean): Iterable<void> {
    for (const [i, item] of items.entries()) {
      json.add(i === 0 ? '[' : ',')
      if (isLong || isLongRow(item)) yield* this.#writeItems(json, plan, item, isLong)
      else this.#writeInto(json, plan, item)
      yield
    }
    json.add(items.length === 0 ? '[]' : ']')
  }

  #writeObject(json: AnswerWriter, plan: ObjectValue, row: Row) {
    if (hasText(row)) return json.add(row[TEXT])
    const asked = this.#selection.askedOf(this.#planFor(plan, row))
    for (const field of asked) this.#writeField(json, field, row)
    json.add(asked.length === 0 ? '{}' : '}')
  }

  #writeField(json: AnswerWriter, field: Asked, row: Row) {
    const found = this.#resolve(field, row)
    try {
      json.add(field.name)
      this.#writeInto(json, field.value, found)
    } catch (error) {
      throw this.#unwritten(found, error)
    }
  }

  *#writeFields(json: AnswerWriter, plan: ObjectValue, row: Row, isLong: boolean): Iterable<void> {
    const asked = this.#selection.askedOf(this.#planFor(plan, row))
    for (const field of asked) {
      const found = this.#resolve(field, row)
      try {
        json.add(field.name)
        yield* this.#writeItems(json, field.value, found, isLong)
        if (isLong) yield
      } catch (error) {
        throw this.#unwritten(found, error)
      }
    }
    json.add(asked.length === 0 ? '{}' : '}')
  }

  #resolve({ resolve, args, keys }: Asked, row: Row): unknown {
    return resolve(keys ? withRelations(row, keys) : row, args, this.#context)
  }

  /** Handles rejections in the rest of a value that nobody will write. */
  #unwritten(found: unknown, error: unknown): unknown {
    handleRejections(found, this.#handled)
    return error
  }

  #planFor({ typeNameOf, plans }: ObjectValue, value: unknown): ObjectPlan {
    const name = typeNameOf?.(value, this.#context)
    handleRejections(name, this.#handled)
    const plan = typeNameOf ? plans.find(({ type }) => type.name === name) : plans[0]
    if (!plan) throw new UnsupportedSelection('a value is of an unknown type')
    return plan
  }
}

/** The row as a field's resolver expects it: related rows under the names of their relations, until another field is resolved. */
function withRelations(row: Row, keys: readonly KeyOfRelation[]) {
  for (const [name, key] of keys) row[name] = row[key]
  return row
}
