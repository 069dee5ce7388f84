import { badInput, type InputPath } from '../errors.ts'

/** How many entries a list without pages returns. */
export interface EntryLimits {
  min: number
  max: number
  default: number
}

/** For an argument that says so, such as `first`. */
export const entryCount = (description: string, { default: defaultValue }: EntryLimits) =>
  ({ required: false, defaultValue, description: `${description} Null means the default.` }) as const

/** The number that such an argument asks for. */
export function parseEntryCount(count: number | null | undefined, limits: EntryLimits, path: InputPath): number {
  const { min, max } = limits
  const wanted = count ?? limits.default
  if (wanted < min || wanted > max) throw badInput(path, `must be between ${min} and ${max}.`)
  return wanted
}
