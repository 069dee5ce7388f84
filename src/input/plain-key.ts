const MAX_LENGTH = 1_000

const isPlain = (value: unknown) =>
  value === null || ['string', 'number', 'boolean', 'undefined'].includes(typeof value)

/**
 * A cache key that is unique to these values. Null if one is not a text, a number, a boolean or a list of these, or if
 * together they are long: making the key would take longer than it saves.
 */
export function plainKeyOf(values: Readonly<Record<string, unknown>>): string | null {
  let length = 0
  for (const name in values) {
    const value = values[name]
    length += name.length + (typeof value === 'string' || Array.isArray(value) ? value.length : 1)
    if (length > MAX_LENGTH || !(Array.isArray(value) ? value.every(isPlain) : isPlain(value))) return null
  }
  const key = JSON.stringify(values)
  return key.length <= MAX_LENGTH ? key : null
}
