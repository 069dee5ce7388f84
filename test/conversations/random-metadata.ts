import type { Condition, Json } from './metadata-model.ts'
import type { Random } from './random.ts'

/** Random metadata and conditions over few keys and values, near each other, so that mistakes meet. */

/** Keys that mean something to JSON pointers, SQL, LIKE or JavaScript. */
const KEYS = ['a', 'b', 'a/b', 'a~1b', '~', '', '0', 'x.y', '"', "'; --", '%', 'constructor', 'größe', '𝄞']

const LONG = 'l'.repeat(127)
const STRINGS = [
  '',
  '0',
  '245',
  'true',
  'null',
  'a',
  'A',
  'ab',
  'a%',
  'a_',
  'ä',
  'é',
  'e\u0301',
  // The first sorts before the second by code point, and behind it by UTF-16.
  '\uffee',
  '𝄞',
  'a\u{10ffff}',
  LONG,
  `${LONG}l`,
  `${LONG}la`,
  `${LONG}lb`,
  `${LONG}𝄞`,
  `${LONG}𝄞a`,
  '𝄞'.repeat(64),
  '𝄞'.repeat(127),
  '𝄞'.repeat(128),
  `${'𝄞'.repeat(128)}b`,
]
const NUMBERS = [-245, -1.5, -1, -1e-9, 0, 5e-324, 1e-9, 0.1, 0.3, 1, 1.5, 2, 10, 245, 9_007_199_254_740_991]

function scalar(random: Random): Json {
  return random.pick<() => Json>([
    () => random.pick(STRINGS),
    () => random.pick(STRINGS),
    () => random.pick(NUMBERS),
    () => random.pick(NUMBERS),
    () => random.chance(0.5),
    () => null,
  ])()
}

export function json(random: Random, depth = 0): Json {
  if (depth < 3 && random.chance(0.2)) return Array.from({ length: random.below(3) }, () => json(random, depth + 1))
  if (depth < 3 && random.chance(0.25)) return object(random, depth + 1)
  return scalar(random)
}

export const object = (random: Random, depth = 0): Record<string, Json> =>
  Object.fromEntries(Array.from({ length: random.below(7 - depth) }, () => [random.pick(KEYS), json(random, depth)]))

interface Place {
  path: string[]
  value: Json
}

/** Every value in the metadata, with the path that leads to it. */
function places(metadata: Record<string, Json>, above: string[] = []): Place[] {
  return Object.entries(metadata).flatMap(([key, value]) => {
    const path = [...above, key]
    const inner = typeof value === 'object' && value !== null && !Array.isArray(value) ? places(value, path) : []
    return [{ path, value }, ...inner]
  })
}

/** One or two conditions at one path, mostly about what some of the conversations have there. */
export function condition(random: Random, all: readonly Record<string, Json>[]): Condition {
  const known = random.pick(all.flatMap((metadata) => places(metadata)))
  const path = random.chance(0.9) ? known.path : [random.pick(KEYS), random.pick(KEYS)]
  const near = () => (random.chance(0.75) ? known.value : json(random, 2))
  const bound = () => {
    const value = near()
    return typeof value === 'string' || typeof value === 'number' ? value : random.pick([...STRINGS, 0, 1.5, -1])
  }
  const generators: { [Name in Exclude<keyof Condition, 'path'>]-?: () => Condition[Name] } = {
    eq: near,
    ne: near,
    in: () => Array.from({ length: random.below(4) }, near),
    gt: bound,
    gte: bound,
    lt: bound,
    lte: bound,
    exists: () => random.chance(0.5),
    contains: () => part(random, near()),
    startsWith: () => {
      const text = bound().toString()
      return [...text].slice(0, random.pick([0, 1, 2, 127, 128, 129, 200])).join('')
    },
  }
  const names = Object.keys(generators) as (keyof typeof generators)[]
  const container = typeof known.value === 'object' && known.value !== null
  const first = container && random.chance(0.6) ? 'contains' : random.pick(names)
  const chosen = random.chance(0.8) ? [first] : [first, random.pick(names)]
  return { path, ...Object.fromEntries(chosen.map((name) => [name, generators[name]()])) }
}

/** The value, or something out of it. */
function part(random: Random, value: Json): Json {
  if (typeof value !== 'object' || value === null || random.chance(0.3)) return value
  if (Array.isArray(value)) return value.length > 0 && random.chance(0.6) ? random.pick(value) : value.slice(1)
  const entries = Object.entries(value)
  return entries.length > 0 ? Object.fromEntries([random.pick(entries)]) : value
}
