import { CARD_REPLACEMENT, findCardNumbers } from './card-numbers.ts'
import { type RedactionCounts, redactText } from './redact-text.ts'

/**
 * A JSON value whose strings, keys and numbers are redacted. A card number becomes the same string as in a text. A
 * value with nothing to redact is returned unchanged.
 */
export const redactJson = <Value>(value: Value, counts: RedactionCounts): Value =>
  mapTexts(
    value,
    (text) => redactText(text, counts),
    (number) => redactNumber(number, counts),
  )

/**
 * The JSON value with its strings, keys and numbers mapped. A number is mapped as a text unless `mapNumber` is given: it
 * stays a number if that stays as it is.
 */
export function mapTexts<Value>(
  value: Value,
  map: (text: string) => string,
  mapNumber: (value: number) => number | string = (number) => {
    const text = String(number)
    const mapped = map(text)
    return mapped === text ? number : mapped
  },
): Value {
  // Each branch returns the kind of JSON that it gets: an array, an object or a scalar.
  if (typeof value === 'string') return map(value) as Value
  if (typeof value === 'number') return mapNumber(value) as Value
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, map, mapNumber)) as Value
  if (value === null || typeof value !== 'object') return value
  return mapObject(value, map, mapNumber) as Value
}

const SMALLEST_CARD_NUMBER = 1e12

function redactNumber(value: number, counts: RedactionCounts): number | string {
  if (Math.abs(value) < SMALLEST_CARD_NUMBER || findCardNumbers(String(value)).length === 0) return value
  counts.cardNumbers = (counts.cardNumbers ?? 0) + 1
  return CARD_REPLACEMENT
}

/** Different keys stay different: the second of two addresses is `email@example.com (2)`. */
function mapObject(
  value: object,
  map: (text: string) => string,
  mapNumber: (value: number) => number | string,
): object {
  const numbers = new Map<string, number>()
  const mapped = Object.entries(value).map(([key, item]) => {
    const name = map(key)
    return [name === key ? key : distinctKey(name, numbers, value), mapTexts(item, map, mapNumber)]
  })
  return Object.fromEntries(mapped)
}

function distinctKey(name: string, numbers: Map<string, number>, value: object): string {
  for (let number = (numbers.get(name) ?? 0) + 1; ; number += 1) {
    numbers.set(name, number)
    const key = number === 1 ? name : `${name} (${number})`
    if (!Object.hasOwn(value, key)) return key
  }
}
