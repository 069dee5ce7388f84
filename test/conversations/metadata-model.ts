/** What MetadataFilter means, said once more in TypeScript over the metadata: tests compare the server with it. */

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }

export interface Condition {
  path: string[]
  eq?: Json
  ne?: Json
  in?: Json[]
  gt?: string | number
  gte?: string | number
  lt?: string | number
  lte?: string | number
  exists?: boolean
  contains?: Json
  startsWith?: string
}

export function fits({ path, ...condition }: Condition, metadata: Json): boolean {
  const value = valueAt(metadata, path)
  const rules: Record<keyof typeof condition, () => boolean> = {
    eq: () => equal(value, condition.eq),
    ne: () => !equal(value, condition.ne),
    in: () => (condition.in ?? []).some((item) => equal(value, item)),
    gt: () => compares(value, condition.gt, (order) => order > 0),
    gte: () => compares(value, condition.gte, (order) => order >= 0),
    lt: () => compares(value, condition.lt, (order) => order < 0),
    lte: () => compares(value, condition.lte, (order) => order <= 0),
    exists: () => (value !== undefined) === condition.exists,
    contains: () => contains(value, condition.contains as Json),
    startsWith: () => typeof value === 'string' && value.startsWith(condition.startsWith ?? ''),
  }
  return (Object.keys(condition) as (keyof typeof condition)[]).every((name) => rules[name]())
}

const isObject = (value: unknown): value is Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Undefined where the path leads to nothing. Arrays have no keys. */
function valueAt(metadata: Json, path: readonly string[]): Json | undefined {
  let value: Json | undefined = metadata
  for (const key of path) value = isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
  return value
}

function equal(a: Json | undefined, b: Json | undefined): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => equal(item, b[i]))
  if (isObject(a) && isObject(b)) {
    const keys = Object.keys(a)
    return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && equal(a[key], b[key]))
  }
  return a === b
}

/** Numbers with numbers, strings with strings by code point, which is the order of their UTF-8. */
function compares(value: Json | undefined, bound: string | number | undefined, holds: (order: number) => boolean) {
  if (typeof value === 'number' && typeof bound === 'number') return holds(value - bound)
  if (typeof value === 'string' && typeof bound === 'string')
    return holds(Buffer.compare(Buffer.from(value), Buffer.from(bound)))
  return false
}

function contains(value: Json | undefined, part: Json): boolean {
  if (Array.isArray(value) && value.some((item) => holdsAll(item, part))) return true
  return value !== undefined && typeof part === 'object' && part !== null && holdsAll(value, part)
}

function holdsAll(whole: Json, part: Json): boolean {
  if (Array.isArray(whole) && Array.isArray(part)) return part.every((a) => whole.some((b) => holdsAll(b, a)))
  if (isObject(whole) && isObject(part)) {
    return Object.entries(part).every(([key, value]) => {
      const own = Object.hasOwn(whole, key) ? whole[key] : undefined
      return own !== undefined && holdsAll(own, value)
    })
  }
  return equal(whole, part)
}
