/** Properties that have an attribute. What a session or other texts are can't be written down. */
const ATTRIBUTES = [
  'chart',
  'compare',
  'conversationId',
  'filter',
  'groupBy',
  'heading',
  'height',
  'includeTests',
  'interval',
  'live',
  'locale',
  'measures',
  'order',
  'pageSize',
  'range',
  'search',
  'selected',
  'timeZone',
  'weekStart',
]
const UNWRITTEN = ['session', 'texts']

/** The props of a component as React writes them down on a server: properties of the element are attributes there. */
export function attributesOf(props: object, events: readonly string[]): Record<string, unknown> {
  const attributes: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(props)) {
    if (UNWRITTEN.includes(name) || events.includes(name)) continue
    if (name === 'className') attributes['class'] = value
    else if (!ATTRIBUTES.includes(name)) attributes[name] = value
    else if (value != null && value !== false) attributes[attributeName(name)] = attributeValue(value)
  }
  return attributes
}

const attributeName = (property: string) => property.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

function attributeValue(value: unknown) {
  if (value === true) return ''
  if (Array.isArray(value)) return value.join(',')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
