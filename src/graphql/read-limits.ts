import {
  type FieldNode,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isListType,
  Kind,
  type ValueNode,
  valueFromASTUntyped,
} from 'graphql'
import { type InputPath, limitExceeded, ParleyError, refusalOf } from '../errors.ts'
import { checkCount, checkJsonSize, checkLength } from '../input/check-input.ts'
import { LIMITS } from '../input/limits.ts'
import { countSearchTerms } from '../search/parse-search.ts'

/**
 * Limits on the arguments of reads. Every list, text and JSON value is limited by its type, so that no new argument is
 * without a limit. Values are measured as they were sent, before validation, which refuses values that don't fit
 * their type.
 */

/** In the extensions of an input field or argument with limits that its type doesn't imply. */
export interface InputLimits {
  /** Names a value, and is not a condition on it. */
  isPath?: true
  isSearch?: true
  /** Says how to understand other fields of its object, and nothing is compared with it. */
  isNoCondition?: true
  /** Its field itself refuses what is too long: such cursors and ids are not valid anyway. */
  hasOwnLimit?: true
}

/** In the extensions of a field that takes longer than others. */
export interface FieldCost {
  /** As many fields take as long. */
  cost?: number
}

/**
 * The cost of a list that the database sorts and counts for each parent, in fields: 800 such lists took the embedded
 * database three seconds, however few entries they had.
 */
const PER_PARENT_COST = 500

/** In the extensions of such a list. */
export const PER_PARENT = { cost: 1 + PER_PARENT_COST } satisfies FieldCost

/** How many conditions filters have, and how many entries other lists have. */
interface Measures {
  conditions: number
  entries: number
}

/** Measures the arguments of one operation, and refuses those beyond the limits. */
export class ArgumentMeter {
  readonly #variables: Record<string, unknown>
  /** A variable is measured once, however many fields have it as this argument. */
  readonly #known = new Map<string, Measures | ParleyError>()
  /** How many values were refused. */
  refusals = 0

  constructor(variables: Record<string, unknown>) {
    this.#variables = variables
  }

  measure(field: GraphQLField<unknown, unknown>, node: FieldNode): Measures {
    const sum = { conditions: 0, entries: 0 }
    for (const { name, value } of node.arguments ?? []) {
      const argument = field.args.find((one) => one.name === name.value)
      if (!argument) continue
      const { conditions, entries } = this.#argument(argument, value)
      sum.conditions += conditions
      sum.entries += entries
    }
    return sum
  }

  #argument(argument: GraphQLArgument, value: ValueNode): Measures {
    const { extensions }: Input = argument
    const { isPath, isSearch, isNoCondition, hasOwnLimit }: InputLimits = extensions
    const limits = [argument.name, argument.type, isPath, isSearch, isNoCondition, hasOwnLimit]
    const key = value.kind === Kind.VARIABLE ? [value.name.value, ...limits].join() : null
    const measured = (key !== null && this.#known.get(key)) || this.#value(argument, value)
    if (key !== null) this.#known.set(key, measured)
    if (measured instanceof ParleyError) throw measured
    return measured
  }

  #value(argument: GraphQLArgument, value: ValueNode): Measures | ParleyError {
    const meter = new Meter([argument.name])
    const refusal = refusalOf(() =>
      meter.measure(argument, valueFromASTUntyped(value, this.#variables), [argument.name]),
    )
    if (refusal) this.refusals += 1
    return refusal ?? meter
  }
}

export function checkConditions(count: number, path: InputPath) {
  const limit = LIMITS.filterConditions
  if (count > limit) throw limitExceeded(path, `has more than ${limit} conditions in all filters together.`, limit)
}

/** An argument, or a field of an input object. */
interface Input {
  type: GraphQLInputType
  extensions: Readonly<Record<string, unknown>>
}

class Meter {
  /** Each bound, list, value or search term that something is compared with. */
  conditions = 0
  entries = 0
  /** Counts only objects and lists: other values are limited by their number. */
  #jsonBytes = 0
  readonly #argument: InputPath

  constructor(argument: InputPath) {
    this.#argument = argument
  }

  measure({ type: given, extensions }: Input, value: unknown, path: InputPath, isInFilter = false) {
    if (value === null || value === undefined) return
    const type = getNullableType(given)
    const { isPath, isSearch, isNoCondition, hasOwnLimit }: InputLimits = extensions
    if (hasOwnLimit) return
    if (isListType(type)) {
      this.#measureList(type.ofType, Array.isArray(value) ? value : [value], path, isPath)
      if (!isInFilter) this.entries += Array.isArray(value) ? value.length : 1
      else if (!isPath && !isFilter(type)) this.#add(1)
    } else if (isInputObjectType(type)) {
      this.#measureObject(type, value, path, isInFilter || isFilter(type))
    } else if (type.name === 'JSON' || type.name === 'JSONObject') {
      this.#measureJson(value, path)
      if (isInFilter) this.#add(1)
    } else if (typeof value === 'string') {
      checkLength(value, LIMITS.text, path)
      if (isSearch) this.#add(termsOf(value, path))
      else if (isInFilter && !isNoCondition) this.#add(1)
    } else if (isInFilter) this.#add(1)
  }

  #measureList(type: GraphQLInputType, items: readonly unknown[], path: InputPath, isPath = false) {
    // Filters are limited by their conditions: each has at least one.
    if (!isFilter(type)) checkCount(items, isPath ? LIMITS.metadataPathKeys : LIMITS.filterValues, path)
    for (const [index, item] of items.entries()) this.measure({ type, extensions: {} }, item, [...path, index])
  }

  #measureObject(type: GraphQLInputObjectType, value: unknown, path: InputPath, isInFilter: boolean) {
    if (typeof value !== 'object') return
    const fields = type.getFields()
    const before = this.conditions
    for (const [name, item] of Object.entries(value ?? {})) {
      const field = fields[name]
      if (field) this.measure(field, item, [...path, name], isInFilter)
    }
    if (isFilter(type) && this.conditions === before) this.#add(1)
  }

  #measureJson(value: unknown, path: InputPath) {
    checkJsonSize(value, LIMITS.filterJson, path)
    if (typeof value !== 'object') return
    this.#jsonBytes += Buffer.byteLength(JSON.stringify(value))
    if (this.#jsonBytes > LIMITS.filterJson) {
      const message = `has more than ${LIMITS.filterJson} bytes of JSON in objects and lists.`
      throw limitExceeded(this.#argument, message, LIMITS.filterJson)
    }
  }

  #add(conditions: number) {
    this.conditions += conditions
    checkConditions(this.conditions, this.#argument)
  }
}

function termsOf(search: string, path: InputPath): number {
  const terms = countSearchTerms(search)
  const limit = LIMITS.searchTerms
  if (terms > limit) throw limitExceeded(path, `has ${terms} terms; at most ${limit} are accepted.`, limit)
  return terms
}

const isFilter = (type: GraphQLInputType) => getNamedType(type).name.endsWith('Filter')
