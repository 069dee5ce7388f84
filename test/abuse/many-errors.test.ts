import { describe, expect, test } from 'vitest'
import { MAX_REQUEST_ERRORS } from '../../src/input/limits.ts'
import { codes, startTestServer } from '../support/server.ts'

const times = (count: number, each: (i: number) => string) => Array.from({ length: count }, (_, i) => each(i)).join(' ')

const DOCUMENTS: Record<string, [document: string, variables?: Record<string, unknown>]> = {
  'unknown directives in a row': [`{ viewer { name ${times(40, (i) => `@nothing${i}`)} } }`],
  'one directive, again and again': [`{ viewer { name ${times(40, () => '@skip(if: false)')} } }`],
  'unknown fields': [`{ viewer { ${times(500, (i) => `nothing${i}`)} } }`],
  'unknown arguments': [`{ viewer { name(${times(300, (i) => `nothing${i}: 1`)}) } }`],
  'unknown fragments': [`{ viewer { ${times(500, (i) => `...Nothing${i}`)} } }`],
  'unused fragments': [`{ viewer { name } } ${times(200, (i) => `fragment F${i} on Viewer { name }`)}`],
  'unused variables': [`query (${times(200, (i) => `$v${i}: Int`)}) { viewer { name } }`],
  'unknown variables': [`{ viewer { name ${times(40, (i) => `@skip(if: $v${i})`)} } }`],
  'unknown types': [`query (${times(200, (i) => `$v${i}: Nothing${i}`)}) { viewer { name } }`],
  'fragments on unknown types': [`{ viewer { ${times(200, (i) => `... on Nothing${i} { name }`)} } }`],
  'operations without a name': [times(200, () => '{ viewer { name } }')],
  'variables that fit no type': [
    'query ($f: ConversationFilter) { conversations(filter: $f) { totalCount } }',
    { f: Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`nothing${i}`, i])) },
  ],
  'variables that are absent': [
    `query (${times(100, (i) => `$v${i}: Int!`)}) { ${times(50, (i) => `a${i}: conversations(first: $v${i}, last: $v${i + 50}) { totalCount }`)} }`,
  ],
}

describe.each([
  ['one error in production', { production: true, allowIntrospection: false }, 1],
  ['a few errors in development', {}, MAX_REQUEST_ERRORS],
])('many mistakes are answered with %s', async (_where, options, most) => {
  const server = await startTestServer(options)
  const tenant = await server.newTenant()

  test.each(Object.entries(DOCUMENTS))('%s', async (_what, [document, variables]) => {
    const { data, errors = [] } = await tenant.ask(document, variables)
    expect(data).toBeUndefined()
    expect(errors.length).toBeGreaterThanOrEqual(1)
    expect(errors.length).toBeLessThanOrEqual(most)
    for (const { extensions, message } of errors) {
      expect(['GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT', 'QUERY_TOO_COMPLEX']).toContain(extensions.code)
      expect(message).not.toMatch(/error limit reached|too many errors/i)
    }
    expect(codes(await tenant.ask('{ viewer { name } }'))).toEqual([])
  })

  test('field errors in an answer with data are all there', async () => {
    const { data, errors } = await tenant.ask(
      `{ ${times(10, (i) => `a${i}: node(id: "${tenant.keyId}") { id }`)} viewer { name } }`,
    )
    expect(data).toMatchObject({ a0: null, a9: null, viewer: {} })
    expect(errors).toHaveLength(10)
  })
})
