import { expect, test } from 'vitest'
import { plainKeyOf } from '../../src/input/plain-key.ts'

test('only the same values have the same key', () => {
  const different = [
    ...[{}, { a: null }, { a: undefined, b: null }, { a: 1 }, { a: '1' }, { a: [1] }, { a: ['1'] }, { a: '[1]' }],
    ...[{ a: true }, { a: 'true' }, { b: 1 }, { a: 1, b: 2 }, { a: 2, b: 1 }, { a: [] }, { a: '' }, { a: ['a', 'b'] }],
    ...[{ a: ['a,b'] }, { a: '"}' }, { 'a":1,"b': 1 }, { a: 0.1 }, { a: [null] }, { a: [true, false] }],
  ]
  const keys = different.map((values) => plainKeyOf(values))
  expect(new Set(keys).size).toBe(different.length)
  expect(keys).not.toContain(null)
  expect(plainKeyOf({ a: [1, 'b', null], b: true })).toBe(plainKeyOf({ a: [1, 'b', null], b: true }))
})

test('what holds more than plain values, or is long, has none', () => {
  const more = [{}, { a: 1 }, [[1]], [{}], new Date(0), 1n, Symbol('a'), () => 1]
  expect(more.map((value) => plainKeyOf({ value }))).toEqual(more.map(() => null))
  const long = ['x'.repeat(1_001), Array.from({ length: 1_001 }, () => 1), ['x'.repeat(1_001)], '"'.repeat(900)]
  expect(long.map((value) => plainKeyOf({ value }))).toEqual(long.map(() => null))
  expect(plainKeyOf(Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`name${i}`, 1])))).toBeNull()
})
