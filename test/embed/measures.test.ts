import { expect, test } from 'vitest'
import { MEASURES as OF_SERVER } from '../../src/analytics/measures.ts'
import { MEASURE_TEXTS } from '../../src/embed/charts/measure-texts.ts'
import { isMeasure, MEASURES } from '../../src/embed/charts/measures.ts'

test('every measure of the server is known, with its unit', () => {
  const units = (table: Record<string, { unit: string }>) =>
    Object.fromEntries(Object.entries(table).map(([name, { unit }]) => [name, unit]))
  expect(units(MEASURES)).toEqual(units(OF_SERVER))
  expect(Object.keys(MEASURE_TEXTS).toSorted()).toEqual(Object.keys(OF_SERVER).toSorted())
})

test('what is a sum has a value without data, and nothing else has', () => {
  const sums = Object.entries(OF_SERVER).filter(([, { read }]) => read({}, true).value === 0)
  const known = Object.entries(MEASURES).filter(([, { isSum }]) => isSum)
  expect(known.map(([name]) => name).toSorted()).toEqual(sums.map(([name]) => name).toSorted())
})

test('names of objects are no measures', () => {
  expect(['CONVERSATIONS', 'toString', 'conversations', ''].map(isMeasure)).toEqual([true, false, false, false])
})
