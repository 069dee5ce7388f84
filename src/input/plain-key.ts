const MAX_LENGTH = 1_000

const isPlain = (value: unknown) =>
  value === null || ['string', 'number', 'boolean', 'undefined'].includes(typeof value)

/**
 * A key that only these values have, for what is remembered of them. Null if one is more than text, a number, a boolean or
 * a list of these, or if together they are long: to make a key of them would take longer than what it spares.
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
