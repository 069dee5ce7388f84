import type { SeriesDimension, SeriesGroup, SeriesGroupBy } from '../../client/generated/schema-types.ts'
import type { Text } from '../texts.ts'

/** Dimensions whose keys are values of an enum. */
const ENUMS: ReadonlySet<SeriesDimension> = new Set([
  ...(['STATUS', 'CHANNEL', 'DIRECTION', 'OUTCOME', 'RESOLUTION'] as const),
])

/**
 * What groups are called. A text that is called like another group, such as one that says "None", or 1 beside the number,
 * is quoted, as is one that is empty.
 */
export function groupNames(
  groups: readonly SeriesGroup[],
  dimension: SeriesGroupBy['dimension'],
  text: Text,
  language: string,
): string[] {
  const names = groups.map((group) => groupName(group, dimension, text, language))
  return names.map((name, at) => {
    const { key, isOther } = groups[at] ?? {}
    const isUnclear = name === '' || names.indexOf(name) !== names.lastIndexOf(name)
    return isUnclear && typeof key === 'string' && !isOther ? `“${name}”` : name
  })
}

/** In the language of the element as far as it is known. */
function groupName(group: SeriesGroup, dimension: SeriesGroupBy['dimension'], text: Text, language: string): string {
  if (group.isOther) return text('otherGroups')
  if (group.key === null) return text('noGroup')
  if (dimension && ENUMS.has(dimension)) return sentenceCase(group.label)
  if (dimension === 'LANGUAGE' || dimension === 'MESSAGE_LANGUAGE') return languageName(group.label, language)
  return group.label
}

/** `BOT_HANDLED` as `Bot handled`. */
const sentenceCase = (name: string) => name.charAt(0) + name.slice(1).toLowerCase().replaceAll('_', ' ')

function languageName(tag: string, language: string): string {
  try {
    return new Intl.DisplayNames(language, { type: 'language' }).of(tag) ?? tag
  } catch {
    return tag
  }
}
