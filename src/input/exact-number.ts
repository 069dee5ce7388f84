import { badInput, type InputPath, type ParleyError } from '../errors.ts'
import { RefusedInput } from './refused-input.ts'

/** A decimal without its sign: its digits without leading and trailing zeros, and the power of ten of the last one. */
export interface Digits {
  digits: string
  exponent: number
}

const NUMBER = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/

/** Null for text that is not a finite number in JSON. Zero has no digits. */
export function digitsOf(text: string): Digits | null {
  const [, whole, fraction = '', exponent = '0'] = NUMBER.exec(text) ?? []
  if (whole === undefined) return null
  const all = whole + fraction
  let [start, end] = [0, all.length]
  while (end > 0 && all[end - 1] === '0') end -= 1
  while (start < end && all[start] === '0') start += 1
  if (start === end) return { digits: '', exponent: 0 }
  return { digits: all.slice(start, end), exponent: Number(exponent) - fraction.length + all.length - end }
}

/** Whether a number in JSON keeps its digits as a double: 0.1 does, 0.1000000000000000055 does not. */
export function isExact(text: string): boolean {
  const shortest = String(Number(text))
  if (shortest === text) return true
  const [before, after] = [digitsOf(text), digitsOf(shortest)]
  return before?.digits === after?.digits && before?.exponent === after?.exponent
}

export const WHOLE_NUMBER_LOST = 'is a whole number beyond 2^53, which would lose digits. Send it as a string.'

/** A number that would lose digits as a double, as it was written. It is written to JSON in the same way. */
export class LostNumber extends RefusedInput {
  readonly #text: string

  constructor(text: string) {
    super()
    this.#text = text
  }

  override errorAt(path: InputPath): ParleyError {
    if (!Number.isFinite(Number(this.#text))) return badInput(path, 'is not a finite number.')
    if (/^-?\d+$/.test(this.#text)) return badInput(path, WHOLE_NUMBER_LOST)
    return badInput(path, 'is a number that would lose digits. Send it as a string.')
  }

  toJSON(): unknown {
    return json.rawJSON(this.#text)
  }
}

/** Functions of JSON that Node has, but TypeScript's library for ES2024 lacks. */
const json = JSON as Omit<typeof JSON, 'parse'> & {
  parse(text: string, reviver: (key: string, value: unknown, context: { source: string }) => unknown): unknown
  rawJSON(text: string): unknown
}

/** `JSON.parse()` with a `LostNumber` for each number that would lose digits. It takes several times as long. */
export const parseExactly = (text: string): unknown =>
  json.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && !isExact(source) ? new LostNumber(source) : value,
  )
