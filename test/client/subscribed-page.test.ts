import { expect, onTestFinished, test } from 'vitest'
import { createSession } from '../../src/client/index.ts'
import { startTestServer } from '../support/server.ts'

const server = await startTestServer()
const address = await server.listen()

const CHANGED = 'subscription ($after: String) { conversationsChanged(after: $after) { resumeToken } }'

test.each([
  ['FORBIDDEN', CHANGED, {}, 'ANALYTICS_READ'],
  ['GRAPHQL_VALIDATION_FAILED', 'subscription { conversationsChanged { nothing } }', {}, 'CONVERSATIONS_READ'],
  ['GRAPHQL_PARSE_FAILED', 'subscription {', {}, 'CONVERSATIONS_READ'],
  ['BAD_USER_INPUT', CHANGED, { after: 5 }, 'CONVERSATIONS_READ'],
])('the server refuses a subscription for good with %s', async (code, document, variables, scope) => {
  const tenant = await server.newTenant()
  const { secret } = await server.newKey({ scopes: [scope], tenantId: tenant.id })
  const session = createSession({
    url: new URL('/graphql', address).href,
    fetchToken: async () => ({ token: secret, expiresInSeconds: 100 }),
  })
  onTestFinished(() => session.logout())
  const breaks: string[] = []
  const error = await new Promise((resolve) => {
    session.subscribe(document, {
      variables,
      onData() {},
      onBreak: (error) => breaks.push(error.code),
      onError: resolve,
    })
  })
  expect(error).toMatchObject({ code })
  expect(breaks).toEqual([])
})
