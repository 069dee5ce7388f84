import { CARD_REPLACEMENT, findCardNumbers } from './card-numbers.ts'
import { type RedactionCounts, redactText } from './redact-text.ts'

/**
 * A JSON value whose strings, keys and numbers are redacted. A card number becomes the same string as in a text. A
 * value with nothing to redact is returned unchanged.
 */
export function redactJson<Value>(value: Value, counts: RedactionCounts): Value {
  // Each branch returns the kind of JSON that it gets: an array, an object or a scalar.
  if (typeof value === 'string') return redactText(value, counts) as Value
  if (typeof value === 'number') return redactNumber(value, counts) as Value
  if (Array.isArray(value)) return value.map((item) => redactJson(item, counts)) as Value
  if (value === null || typeof value !== 'object') return value
  return redactObject(value, counts) as Value
}

const SMALLEST_CARD_NUMBER = 1e12

function redactNumber(value: number, counts: RedactionCounts): number | string {
  if (Math.abs(value) < SMALLEST_CARD_NUMBER || findCardNumbers(String(value)).length === 0) return value
  counts.cardNumbers = (counts.cardNumbers ?? 0) + 1
  return CARD_REPLACEMENT
}

/** Different keys stay different: the second of two addresses is `email@example.com (2)`. */
function redactObject(value: object, counts: RedactionCounts): object {
  const numbers = new Map<string, number>()
  const redacted = Object.entries(value).map(([key, item]) => {
    const name = redactText(key, counts)
    return [name === key ? key : distinctKey(name, numbers, value), redactJson(item, counts)]
  })
  return Object.fromEntries(redacted)
}

function distinctKey(name: string, numbers: Map<string, number>, value: object): string {
  for (let number = (numbers.get(name) ?? 0) + 1; ; number += 1) {
    numbers.set(name, number)
    const key = number === 1 ? name : `${name} (${number})`
    if (!Object.hasOwn(value, key)) return key
  }
}
