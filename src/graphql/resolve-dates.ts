import {
  type GraphQLArgument,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLNamedInputType,
  getNamedType,
  isInputObjectType,
} from 'graphql'
import { badInput, type InputPath } from '../errors.ts'
import { checkInput } from '../input/check-input.ts'
import { LocalDate } from '../input/local-date.ts'
import { checkTimeZone } from '../input/time-zone.ts'
import { DateOrDateTime } from './date-or-date-time.ts'

type Values = Readonly<Record<string, unknown>>

/** An argument or input field that is or contains dates, with the type of its items if it is a list. */
interface Dated {
  name: string
  type: GraphQLNamedInputType
}

/** A zone as it was given. Null: none was, so that dates are the tenant's. */
type GivenZone = { name: string; path: InputPath } | null

/**
 * The arguments of a field with the first moment of each date instead of the date, so that resolvers know only moments.
 * A range may name the zone of its dates. Otherwise they are of the field's argument `timeZone`, but within a filter
 * always of the tenant: the same filter then means the same in every field. Without `tenantTimeZone`, returns null if
 * there is a date that needs it.
 */
export function resolveDates(inputs: readonly GraphQLArgument[], args: Values, tenantTimeZone: string): Values
export function resolveDates(inputs: readonly GraphQLArgument[], args: Values, tenantTimeZone: null): Values | null
export function resolveDates(inputs: readonly GraphQLArgument[], args: Values, tenantTimeZone: string | null) {
  const dated = datedAmong(inputs, () => inputs)
  // Most requests have none. Looking for them takes a quarter of the time of resolving them.
  if (!hasDates(dated, args)) return args
  const resolving = new Resolving(tenantTimeZone)
  const resolved = resolving.object(dated, args, [], zoneIn(args, []))
  return resolving.lacksZone ? null : resolved
}

/** Whether an argument is or contains a date. */
export const takesDates = (inputs: readonly GraphQLArgument[]) => datedAmong(inputs, () => inputs).length > 0

class Resolving {
  lacksZone = false
  readonly #tenantTimeZone: string | null

  constructor(tenantTimeZone: string | null) {
    this.#tenantTimeZone = tenantTimeZone
  }

  /** The same object if it has no date. Others may hold it, so it is never changed. */
  object(inputs: readonly Dated[], values: Values, path: InputPath, zone: GivenZone): Values {
    let resolved = values
    for (const { name, type } of inputs) {
      const value = values[name]
      if (value === null || value === undefined) continue
      const other = this.#value(type, value, [...path, name], zone)
      if (other !== value) resolved = { ...resolved, [name]: other }
    }
    return resolved
  }

  #value(type: GraphQLNamedInputType, value: unknown, path: InputPath, zone: GivenZone): unknown {
    if (value instanceof LocalDate) return this.#startOf(value, path, zone)
    if (Array.isArray(value)) return value.map((item, index) => this.#value(type, item, [...path, index], zone))
    if (!isInputObjectType(type)) return value
    const dated = datedIn(type)
    if (namesZone(type)) return this.#range(dated, value as Values, path, zone)
    return this.object(dated, value as Values, path, null)
  }

  #range(dated: readonly Dated[], values: Values, path: InputPath, ofField: GivenZone): Values {
    const own = zoneIn(values, path)
    // Also if no date needs it.
    if (own) checkTimeZone(own.name, own.path)
    checkOrder(values, path)
    const zone = own ?? ofField
    const resolved = this.object(dated, values, path, zone)
    return resolved === values ? values : { ...resolved, timeZone: zone?.name ?? this.#tenantTimeZone }
  }

  #startOf(date: LocalDate, path: InputPath, zone: GivenZone): Date | null {
    const timeZone = zone ? checkTimeZone(zone.name, zone.path) : this.#tenantTimeZone
    if (timeZone === null) {
      this.lacksZone = true
      return null
    }
    const start = date.startIn(timeZone)
    checkInput(start, path)
    return start
  }
}

/** Whether there is a date, or a zone to check. */
function hasDates(dated: readonly Dated[], values: Values): boolean {
  return dated.some(({ name, type }) => isDated(type, values[name]))
}

function isDated(type: GraphQLNamedInputType, value: unknown): boolean {
  if (value === null || value === undefined || value instanceof Date) return false
  if (value instanceof LocalDate) return true
  if (Array.isArray(value)) return value.some((item) => isDated(type, item))
  if (!isInputObjectType(type)) return false
  const { timeZone } = value as Values
  return (timeZone !== null && timeZone !== undefined) || hasDates(datedIn(type), value as Values)
}

const zoneIn = ({ timeZone }: Values, path: InputPath): GivenZone =>
  typeof timeZone === 'string' ? { name: timeZone, path: [...path, 'timeZone'] } : null

/** Whoever writes the same date twice means that day. */
function checkOrder({ from, to }: Values, path: InputPath) {
  if (!(from instanceof LocalDate && to instanceof LocalDate) || from.text < to.text) return
  const isLast = to.dayAfter.length > to.text.length
  const hint =
    from.text === to.text && !isLast ? `, which is exclusive: to include ${to.text}, end with ${to.dayAfter}` : ''
  throw badInput(path, `\`from\` must be before \`to\`${hint}.`)
}

const namesZone = (type: GraphQLInputObjectType) => 'timeZone' in type.getFields()

const datedIn = (type: GraphQLInputObjectType) => datedAmong(type, () => Object.values(type.getFields()))

/** By the type that has them, or the list of a field's arguments. */
const knownDated = new WeakMap<object, readonly Dated[]>()

/** No others need to be looked at. */
function datedAmong(owner: object, inputs: () => readonly Pick<GraphQLArgument, 'name' | 'type'>[]): readonly Dated[] {
  const known = knownDated.get(owner)
  if (known) return known
  const dated = inputs()
    .filter(({ type }) => holdsDates(type))
    .map(({ name, type }) => ({ name, type: getNamedType(type) }))
  knownDated.set(owner, dated)
  return dated
}

function holdsDates(given: GraphQLInputType, visited = new Set<GraphQLInputType>()): boolean {
  const type = getNamedType(given)
  if (!isInputObjectType(type)) return type.name === DateOrDateTime.name
  if (visited.has(type)) return false
  visited.add(type)
  return Object.values(type.getFields()).some((field) => holdsDates(field.type, visited))
}
