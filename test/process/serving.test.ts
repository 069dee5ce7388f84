import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { makeSecret } from '../../src/auth/api-key.ts'
import { type Line, migratedDatabase, ServerProcess, useProcesses, VIEWER } from '../support/process.ts'
import { useServices } from '../support/services.ts'
import { isStory } from '../support/story.ts'

isStory()

useProcesses()
const services = await useServices()

// With every SQL statement in its log, so that none of them can hold a secret either.
const server = new ServerProcess({ ...(await migratedDatabase()), LOG_LEVEL: 'debug' })
const key = await server.adminKey()

/** The line of one request, and every other line that it caused. */
const requestLine = (requestId: string | null) =>
  server.line((line) => line.msg === 'request' && line['requestId'] === requestId)

test('health and readiness answer without a credential', async () => {
  expect((await server.fetch('/health')).status).toBe(200)
  expect((await server.fetch('/ready')).status).toBe(200)
})

test('idle connections are kept for longer than proxies keep theirs', async () => {
  const { headers } = await server.fetch('/health')
  expect(headers.get('connection')).toBe('keep-alive')
  expect(headers.get('keep-alive')).toBe('timeout=65')
})

test('GraphiQL is there, and the schema can be asked about', async () => {
  const page = await server.fetch('/graphql', { headers: { accept: 'text/html' } })
  expect(page.status).toBe(200)
  expect(page.headers.get('content-type')).toContain('text/html')
  expect(await page.text()).toContain('Parley')
  const { body } = await server.ask(key, '{ __schema { queryType { name } } }')
  expect(body).toMatchObject({ data: { __schema: { queryType: { name: 'Query' } } } })
})

test('the console is where the log says', async () => {
  const { console } = await server.line((line) => 'console' in line)
  const page = await fetch(String(console))
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<parley-console>')])
})

test('GraphiQL, introspection and the console are not there in production, nor does an error suggest a name', async () => {
  const production = await services.start({ NODE_ENV: 'production' })
  const page = await production.fetch('/graphql', { headers: { accept: 'text/html' } })
  expect(page.status).not.toBe(200)
  expect(page.headers.get('content-type') ?? '').not.toContain('text/html')
  expect((await production.fetch('/console')).status).toBe(404)
  const introspected = await production.ask('{ __schema { queryType { name } } }')
  expect(introspected.body).not.toHaveProperty('data')
  expect(introspected.body.errors).toHaveLength(1)
  const mistyped = await production.ask('{ viewr { name } }')
  expect(mistyped.body.errors[0].message).toBe('Cannot query field "viewr" on type "Query".')
})

describe('the log', () => {
  test('holds one line for a request, which the answer names', async () => {
    await server.ask(key, 'mutation { createTenant(input: { id: "logged", name: "Logged" }) { created } }')
    const answer = await server.ask(key, 'query Who { viewer { credentialId } }', {
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
      credentialId: answer.body.data.viewer.credentialId,
    })
    const ofThisRequest = (line: Line) => line['requestId'] === requestId
    expect(server.lines.filter(ofThisRequest)).toHaveLength(1)
  })

  test('tells an operation by its name in the document, where the request names none', async () => {
    const answer = await server.ask(key, 'query Whoever { viewer { credentialId } }')
    expect(await requestLine(answer.headers.get('x-request-id'))).toMatchObject({ operationName: 'Whoever' })
  })

  test('says the code of a request that was refused', async () => {
    const answer = await server.ask(makeSecret(randomUUID()), VIEWER)
    expect(answer.status).toBe(401)
    const line = await requestLine(answer.headers.get('x-request-id'))
    expect(line).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' })
    expect(line).not.toHaveProperty('credentialId')
  })

  test('is JSON throughout, and holds no secret, text or metadata value', async () => {
    const sent = await sendWhatMustNotBeLogged()
    await server.stop()
    const printed = server.stdout.split('\n').slice(0, -1)
    expect(printed).toHaveLength(server.lines.length)
    expect(server.stderr).toBe('')
    expect(server.lines.some((line) => line.msg === 'statement')).toBe(true)
    // The one line that may: the first key's.
    const log = printed.filter((line) => !line.includes('"adminKey"')).join('\n')
    for (const secret of sent) expect(log).not.toContain(secret)
  })
})

/** Requests that work and requests that fail, with what may not be logged in every place that can hold it. */
async function sendWhatMustNotBeLogged(): Promise<string[]> {
  const wrongKey = makeSecret(randomUUID())
  const [text, value, label] = ['What the customer said', 'the-metadata-value', 'a-name-for-a-key']
  await server.ask(key, 'mutation { createTenant(input: { id: "quiet", name: "Quiet" }) { created } }')
  const log = (input: object) =>
    server.ask(key, 'mutation ($input: LogConversationInput!) { logConversation(input: $input) { created } }', {
      tenantId: 'quiet',
      variables: { input },
    })
  const messages = [{ chat: { role: 'USER', content: text } }]
  expect((await log({ messages, metadata: { plan: value } })).body).not.toHaveProperty('errors')
  expect((await log({ messages, status: text, metadata: { plan: value } })).body).toHaveProperty('errors')
  expect((await log({ messages: [{ chat: { role: value, content: text } }] })).body).toHaveProperty('errors')
  const made = await server.ask(
    key,
    'mutation ($input: GenerateApiKeyInput!) { generateApiKey(input: $input) { secret } }',
    { variables: { input: { name: label, scopes: ['CONVERSATIONS_READ'] } } },
  )
  const { secret } = made.body.data.generateApiKey
  await server.ask(secret, VIEWER)
  await server.ask(wrongKey, VIEWER)
  await server.ask(`${wrongKey}x`, VIEWER)
  await server.fetch(`/graphql?query=${encodeURIComponent(`{ viewer(a: "${value}") { name } }`)}`)
  return [key, wrongKey, secret, text, value].map((sent) => sent.slice(-30))
}
