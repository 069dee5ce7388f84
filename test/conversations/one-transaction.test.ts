import { expect, test } from 'vitest'
import { startTestServer } from '../support/server.ts'
import { logged, refusals, said, stored } from './writes.ts'

const server = await startTestServer()

const LOG = (name: string) => `${name}: logConversation(input: $${name}) { conversation { id externalId } }`
const BOTH = `mutation ($a: LogConversationInput!, $b: LogConversationInput!) { ${LOG('a')} ${LOG('b')} }`

test('fields of one mutation are written in order, and all together', async () => {
  const { ask } = await server.newTenant()
  const document = `mutation ($a: LogConversationInput!, $m: [MessageInput!]!) {
    ${LOG('a')}
    appendMessages(input: { by: { externalId: "x" }, messages: $m, status: COMPLETED }) { appendedMessages { sequence } }
    completeConversation(input: { by: { externalId: "x" } }) { conversation { status messageCount } }
  }`
  const a = { externalId: 'x', status: 'ACTIVE', messages: [said('a')] }
  const { data, errors } = await ask(document, { a, m: [said('b')] })
  expect(errors).toBeUndefined()
  expect(data).toEqual({
    a: { conversation: { id: expect.any(String), externalId: 'x' } },
    appendMessages: { appendedMessages: [{ sequence: 1 }] },
    completeConversation: { conversation: { status: 'COMPLETED', messageCount: 2 } },
  })
})

test('when the second fails the first is not stored, nor its idempotency key', async () => {
  const { ask } = await server.newTenant()
  const before = await stored(server)
  const good = { externalId: 'x', messages: [said('a')], agents: [{ externalId: 'bot' }], idempotencyKey: 'k' }
  for (const bad of [{ messages: [] }, { ...good, idempotencyKey: 'l' }, { ...good, externalId: 'y' }]) {
    const answer = await ask(BOTH, { a: good, b: bad })
    expect(answer.data).toBeNull()
    expect(answer.errors).toHaveLength(1)
    expect(answer.errors?.[0]?.path).toEqual(['b'])
    expect(await stored(server)).toEqual(before)
  }
  expect((await ask(BOTH, { a: good, b: { messages: [said('b')] } })).errors).toBeUndefined()
})

test('a field of the account and one of the tenant are one transaction too', async () => {
  const { asAccount } = await server.newTenant()
  const before = await stored(server)
  const document = `mutation ($a: LogConversationInput!) {
    createTenant(input: { id: "half-done", name: "x" }) { created }
    generateApiKey(input: { name: "x", scopes: [ADMIN] }) { secret }
    ${LOG('a')}
  }`
  const answer = await asAccount(document, { a: { messages: [] } })
  expect(refusals(answer)).toEqual(['BAD_USER_INPUT input.messages'])
  expect(answer.data).toBeNull()
  expect(await stored(server)).toEqual(before)
})

test('a failing read inside the answer of a write leaves nothing written', async () => {
  const { ask } = await server.newTenant()
  const before = await stored(server)
  const document = `mutation ($a: LogConversationInput!) {
    logConversation(input: $a) { conversation { messages(first: -1) { totalCount } } }
  }`
  const answer = await ask(document, { a: { messages: [said('a')] } })
  expect(answer.errors?.map((error) => error.extensions.code)).toEqual(['BAD_USER_INPUT'])
  expect(await stored(server)).toEqual(before)
})

test('a failed write does not undo what an earlier request stored', async () => {
  const { ask } = await server.newTenant()
  const { id } = await logged(ask, { externalId: 'x' })
  expect(
    refusals(await ask(BOTH, { a: { messages: [said('a')] }, b: { externalId: 'x', messages: [said('b')] } })),
  ).toEqual(['EXTERNAL_ID_TAKEN input.externalId'])
  const { data } = await ask('{ conversations { nodes { id } } }')
  expect(data.conversations.nodes).toEqual([{ id }])
})
