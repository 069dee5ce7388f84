/** Properties that have an attribute. A session and texts can't be serialized. */
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

/** The props of a component as attributes, for React on a server. */
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
