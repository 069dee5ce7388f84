import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { printedSchema } from '../../src/schema/schema.ts'

test('schema.graphql is what the server serves (npm run schema writes it)', () => {
  expect(readFileSync('schema.graphql', 'utf8')).toBe(printedSchema())
})
