import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { makeSecret } from '../../src/auth/api-key.ts'
import { type Line, migratedDatabase, ServerProcess, useProcesses, VIEWER } from '../support/process.ts'

useProcesses()

// With every SQL statement in its log, so that none of them can hold a secret either.
const development = new ServerProcess({ ...(await migratedDatabase()), LOG_LEVEL: 'debug' })
const production = new ServerProcess({ ...(await migratedDatabase()), NODE_ENV: 'production' })
const key = await development.adminKey()
const productionKey = await production.adminKey()

const browse = (server: ServerProcess) => server.fetch('/graphql', { headers: { accept: 'text/html' } })

/** The line of one request, and every other line that it caused. */
const requestLine = (requestId: string | null) =>
  development.line((line) => line.msg === 'request' && line['requestId'] === requestId)

test('health and readiness answer without a credential', async () => {
  expect((await development.fetch('/health')).status).toBe(200)
  expect((await development.fetch('/ready')).status).toBe(200)
})

describe('GraphiQL and introspection', () => {
  test('are there in development', async () => {
    const page = await browse(development)
    expect(page.status).toBe(200)
    expect(page.headers.get('content-type')).toContain('text/html')
    expect(await page.text()).toContain('Parley')
    const { body } = await development.ask(key, '{ __schema { queryType { name } } }')
    expect(body).toEqual({ data: { __schema: { queryType: { name: 'Query' } } } })
  })

  test('are not there in production, nor does an error suggest a name', async () => {
    const page = await browse(production)
    expect(page.status).not.toBe(200)
    expect(page.headers.get('content-type') ?? '').not.toContain('text/html')
    const introspected = await production.ask(productionKey, '{ __schema { queryType { name } } }')
    expect(introspected.body).not.toHaveProperty('data')
    expect(introspected.body.errors).toHaveLength(2)
    const mistyped = await production.ask(productionKey, '{ viewr { name } }')
    expect(mistyped.body.errors[0].message).toBe('Cannot query field "viewr" on type "Query".')
  })
})

describe('the log', () => {
  test('holds one line for a request, which the answer names', async () => {
    await development.ask(key, 'mutation { createTenant(input: { id: "logged", name: "Logged" }) { created } }')
    const answer = await development.ask(key, 'query Who { viewer { id } }', {
      tenantId: 'logged',
      operationName: 'Who',
    })
    const requestId = answer.headers.get('x-request-id')
    expect(await requestLine(requestId)).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      msg: 'request',
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      method: 'POST',
      path: '/graphql',
      status: 200,
      durationMs: expect.any(Number),
      operationName: 'Who',
      tenantId: 'logged',
      credentialId: answer.body.data.viewer.id,
    })
    const ofThisRequest = (line: Line) => line['requestId'] === requestId
    expect(development.lines.filter(ofThisRequest)).toHaveLength(1)
  })

  test('tells an operation by its name in the document, where the request names none', async () => {
    const answer = await development.ask(key, 'query Whoever { viewer { id } }')
    expect(await requestLine(answer.headers.get('x-request-id'))).toMatchObject({ operationName: 'Whoever' })
  })

  test('says the code of a request that was refused', async () => {
    const answer = await development.ask(makeSecret(randomUUID()), VIEWER)
    expect(answer.status).toBe(401)
    const line = await requestLine(answer.headers.get('x-request-id'))
    expect(line).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' })
    expect(line).not.toHaveProperty('credentialId')
  })

  test('is JSON throughout, and holds no secret, text or metadata value', async () => {
    const sent = await sendWhatMustNotBeLogged()
    await development.stop()
    const printed = development.stdout.split('\n').slice(0, -1)
    expect(printed).toHaveLength(development.lines.length)
    expect(development.stderr).toBe('')
    expect(development.lines.some((line) => line.msg === 'statement')).toBe(true)
    // The one line that may: the first key's.
    const log = printed.filter((line) => !line.includes('"adminKey"')).join('\n')
    for (const secret of sent) expect(log).not.toContain(secret)
  })
})

/** Requests that work and requests that fail, with what may not be logged in every place that can hold it. */
async function sendWhatMustNotBeLogged(): Promise<string[]> {
  const wrongKey = makeSecret(randomUUID())
  const [text, value, label] = ['What the customer said', 'the-metadata-value', 'a-name-for-a-key']
  await development.ask(key, 'mutation { createTenant(input: { id: "quiet", name: "Quiet" }) { created } }')
  const log = (input: object) =>
    development.ask(key, 'mutation ($input: LogConversationInput!) { logConversation(input: $input) { created } }', {
      tenantId: 'quiet',
      variables: { input },
    })
  const messages = [{ chat: { role: 'USER', content: text } }]
  expect((await log({ messages, metadata: { plan: value } })).body).not.toHaveProperty('errors')
  expect((await log({ messages, status: text, metadata: { plan: value } })).body).toHaveProperty('errors')
  expect((await log({ messages: [{ chat: { role: value, content: text } }] })).body).toHaveProperty('errors')
  const made = await development.ask(
    key,
    'mutation ($input: GenerateApiKeyInput!) { generateApiKey(input: $input) { secret } }',
    { variables: { input: { name: label, scopes: ['CONVERSATIONS_READ'] } } },
  )
  const { secret } = made.body.data.generateApiKey
  await development.ask(secret, VIEWER)
  await development.ask(wrongKey, VIEWER)
  await development.ask(`${wrongKey}x`, VIEWER)
  await development.fetch(`/graphql?query=${encodeURIComponent(`{ viewer(a: "${value}") { name } }`)}`)
  return [key, wrongKey, secret, text, value].map((sent) => sent.slice(-30))
}
