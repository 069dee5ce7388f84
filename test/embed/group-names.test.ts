import { expect, test } from 'vitest'
import type { SeriesDimension, SeriesGroup } from '../../src/client/generated/schema-types.ts'
import { groupNames } from '../../src/embed/charts/group-names.ts'
import { ENGLISH, fill, type Text } from '../../src/embed/texts.ts'

const text: Text = (name, values = {}) => fill(ENGLISH[name], values)

function namesOf(keys: unknown[], dimension: SeriesDimension | null = null): string[] {
  const groups = keys.map((key): SeriesGroup => ({ key, label: String(key), isOther: false }))
  const other: SeriesGroup = { key: null, label: 'Other', isOther: true }
  return groupNames([...groups, other], dimension, text, 'en')
}

test('groups are called by their labels, and what is no text by its own', () => {
  expect(namesOf(['pro', 42, true, null])).toEqual(['pro', '42', 'true', 'None', 'All others'])
})

test('no two groups have one name, whatever was written into the metadata', () => {
  expect(namesOf(['None', null, '1', 1, 'true', true, 'All others', ''])).toEqual([
    ...['“None”', 'None', '“1”', '1', '“true”', 'true', '“All others”', '“”', 'All others'],
  ])
})

test('the channel Other is not the other channels', () => {
  expect(namesOf(['OTHER', 'CHAT'], 'CHANNEL')).toEqual(['Other', 'Chat', 'All others'])
})
