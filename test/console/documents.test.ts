import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parse, validate } from 'graphql'
import { expect, test } from 'vitest'
import { schema } from '../../src/schema/schema.ts'

const CONSOLE = join(import.meta.dirname, '../../src/console')

const files = readdirSync(CONSOLE, { recursive: true, encoding: 'utf8' }).filter((path) =>
  path.endsWith('documents.ts'),
)
const modules = await Promise.all(files.map((file) => import(join(CONSOLE, file)) as Promise<Record<string, unknown>>))
const documents = modules.flatMap((module, index) =>
  Object.entries(module).map(([name, document]) => [`${files[index]} ${name}`, document] as const),
)

test('every part of the console that asks for something has its documents in one file', () => {
  expect(files.length).toBeGreaterThan(4)
  expect(documents.length).toBeGreaterThan(15)
})

test.for(documents)('%s is a document that the public API accepts', ([, document]) => {
  const parsed = parse(String(document))
  expect(validate(schema, parsed)).toEqual([])
  const [operation, ...others] = parsed.definitions
  expect(others).toEqual([])
  // The log names the operation.
  expect(operation).toMatchObject({
    kind: 'OperationDefinition',
    name: { value: expect.stringMatching(/^Console[A-Z]/) },
  })
})
