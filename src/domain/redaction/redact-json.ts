import { type RedactionCounts, redactText } from './redact-text.ts'

/**
 * A JSON value whose strings are redacted. Keys are the caller's own vocabulary, and numbers no text: both stay. What has
 * nothing to redact is answered as it is.
 */
export function redactJson<Value>(value: Value, counts: RedactionCounts): Value {
  // Each branch gives back what it was given: a string for a string, a list for a list, an object for an object.
  if (typeof value === 'string') return redactText(value, counts) as Value
  if (Array.isArray(value)) return value.map((item) => redactJson(item, counts)) as Value
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redactJson(item, counts)])) as Value
}
