import { badInput, type InputPath } from '../errors.ts'

/** The one of two ways to name a row that the caller used. Both and neither are refused. */
export function exactlyOne<A extends string, B extends string>(
  input: { [Name in A | B]?: string | null | undefined },
  [a, b]: readonly [A, B],
  path: InputPath,
): { name: A | B; value: string } {
  const [first, second] = [input[a] ?? null, input[b] ?? null]
  if (first !== null && second !== null) throw badInput([...path, b], `can't be given together with ${a}.`)
  if (first !== null) return { name: a, value: first }
  if (second !== null) return { name: b, value: second }
  throw badInput([...path, a], `either ${a} or ${b} must be given.`)
}
