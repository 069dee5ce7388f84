import { describe, expect, test } from 'vitest'
import { codes, startTestServer } from '../support/server.ts'

const server = await startTestServer({ production: true })
const { ask } = await server.newTenant()

test.each([
  ['{ viewer { nam } }'],
  ['{ viewe { name } }'],
  ['{ conversations(frist: 1) { totalCount } }'],
  ['query ($a: Conversatio) { viewer { name } }'],
  ['mutation { createAgent(input: { name: "a", status: ACTIV }) { agent { id } } }'],
  ['mutation { createAgent(input: { nam: "a" }) { agent { id } } }'],
])('%s: nothing is suggested', async (document) => {
  const answer = await ask(document)
  expect(new Set(codes(answer))).toEqual(new Set(['GRAPHQL_VALIDATION_FAILED']))
  expect(JSON.stringify(answer)).not.toMatch(/did you mean/i)
})

test.each([
  [{ name: 'a', status: 'ACTIV' }, 'input.status'],
  [{ nam: 'a', name: 'b' }, 'input'],
  [{ name: 'a', tag: [] }, 'input'],
])('nor for variables: %j', async (input, inputPath) => {
  const answer = await ask('mutation ($input: CreateAgentInput!) { createAgent(input: $input) { agent { id } } }', {
    input,
  })
  expect(answer.errors?.map((error) => error.extensions)).toEqual([{ code: 'BAD_USER_INPUT', inputPath }])
  expect(JSON.stringify(answer)).not.toMatch(/did you mean/i)
})

test.each([
  '{ __schema { types { name } } }',
  '{ __type(name: "Query") { name } }',
  '{ a: __schema { types { name } } }',
])('%s: the schema can not be asked about', async (document) => {
  for (const client of [ask, server.admin]) {
    const answer = await client(document)
    expect(answer.data).toBeUndefined()
    expect(codes(answer)).toEqual(['GRAPHQL_VALIDATION_FAILED'])
  }
  const anonymous = await server.as({})(document)
  expect([anonymous.status, anonymous.data, codes(anonymous)]).toEqual([401, undefined, ['UNAUTHENTICATED']])
})

test('the name of a type can, as clients that cache do', async () => {
  expect((await ask('{ viewer { __typename } }')).data).toEqual({ viewer: { __typename: 'Viewer' } })
})

test('there is no GraphiQL', async () => {
  const response = await server.fetch('/graphql', { headers: { accept: 'text/html' } })
  expect(await response.text()).not.toMatch(/graphiql|<html/i)
})

describe('where introspection is allowed in production', async () => {
  const open = await startTestServer({ production: true, allowIntrospection: true })

  test('the schema can be asked about, and names are suggested', async () => {
    const { data, errors } = await open.as({})('{ __schema { queryType { name } } __type(name: "Viewer") { kind } }')
    expect(errors).toBeUndefined()
    expect(data).toEqual({ __schema: { queryType: { name: 'Query' } }, __type: { kind: 'OBJECT' } })
    const { errors: wrong } = await open.admin('{ viewer { nam } }')
    expect(wrong?.map(({ message }) => message)).toEqual([
      'Cannot query field "nam" on type "Viewer". Did you mean "name"?',
    ])
  })

  test('there is no GraphiQL all the same', async () => {
    const response = await open.fetch('/graphql', { headers: { accept: 'text/html' } })
    expect(await response.text()).not.toMatch(/graphiql|<html/i)
  })
})
