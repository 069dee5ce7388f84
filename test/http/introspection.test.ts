import { expect, test } from 'vitest'
import { startTestServer } from '../support/server.ts'

/** What a stranger is told of the schema: in production nothing, unless it is allowed. */

const SCHEMA = '{ __schema { queryType { name } } }'
const MISSPELT = '{ viewr { name } }'

test.each<[where: string, options: { production?: boolean; allowIntrospection?: boolean }, isTold: boolean]>([
  ['in development', {}, true],
  ['in production', { production: true }, false],
  ['in production where it is allowed', { production: true, allowIntrospection: true }, true],
])('%s', async (_where, options, isTold) => {
  const server = await startTestServer(options)
  const schema = await server.ask({}, SCHEMA)
  expect(schema.data?.__schema?.queryType.name).toBe(isTold ? 'Query' : undefined)
  expect(schema.errors === undefined).toBe(isTold)
  const [misspelt] = (await server.admin(MISSPELT)).errors ?? []
  expect(misspelt?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED')
  expect(misspelt?.message.includes('Did you mean "viewer"?')).toBe(isTold)
  const page = await server.fetch('/graphql', { headers: { accept: 'text/html' } })
  expect((await page.text()).includes('GraphiQL')).toBe(!options.production)
})
