import { messageOf } from '../errors.ts'

/** What is lost is said by kind, such as `inline image` or `reasoning`. */
export interface ConvertOptions {
  /** Called for each thing that an entry can't hold. A file that is only named in the text counts as well. */
  onLoss?: (kind: string) => void
}

/** Input that is not what its format says. */
export class ConversionError extends Error {
  override readonly name = 'ConversionError'
  /** Such as `messages[3].content`. */
  readonly place: string
  readonly problem: string

  constructor(place: string, problem: string) {
    super(`${place}: ${problem}`)
    this.place = place
    this.problem = problem
  }
}

export type Fields = Record<string, unknown>

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export function fieldsOf(value: unknown, place: string): Fields {
  if (!isFields(value)) throw new ConversionError(place, 'must be an object')
  return value
}

export function listOf(value: unknown, place: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new ConversionError(place, 'must be a list')
  return value
}

/** The text, if it is one and says something. */
export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

/** What a part says that it is. */
export const typeOf = ({ type }: Fields): string => (typeof type === 'string' ? type : 'unknown')

export const MAX_NAME = 256

/** The text, if it can be an id or a name in Parley. */
export const nameOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' && value.length <= MAX_NAME ? value : undefined

/** An object or a list in JSON as what it is, any other text as text. */
export function jsonOrText(text: unknown): unknown {
  if (typeof text !== 'string' || !/^\s*[{[]/.test(text)) return text
  try {
    return json.parse(text, keepDigits)
  } catch {
    return text
  }
}

/** Runtimes that can't say how a number was written leave the context out. */
const json = JSON as { parse(text: string, reviver: typeof keepDigits): unknown }

/** A number that would lose digits is kept as text. */
const keepDigits = (_key: string, value: unknown, context?: { source?: string }): unknown =>
  typeof value === 'number' && context?.source !== undefined && digitsOf(context.source) !== digitsOf(String(value))
    ? context.source
    : value

const digitsOf = (number: string) =>
  number
    .replace(/e.*$/i, '')
    .replace(/\D/g, '')
    .replace(/^0+|(?<!0)0+$/g, '')

/** Text as it is, the message of an error, anything else as JSON, with a BigInt as text. What JSON can't hold says so. */
export function asText(value: unknown): string {
  if (value instanceof Error) return messageOf(value)
  if (typeof value === 'string') return value
  try {
    return JSON.stringify(value, (_key, inner) => (typeof inner === 'bigint' ? String(inner) : inner)) ?? ''
  } catch (error) {
    return `[no JSON: ${messageOf(error)}]`
  }
}
