import { expect, onTestFinished, test, vi } from 'vitest'
import { TimeSlice } from '../../src/fairness/time-slice.ts'
import { openWithFirstKeys, serveTestDatabase } from '../support/server.ts'
import { log } from './conversations.ts'

/** Answers that are so long that they are written in pieces. */

const { opened, adminKey } = await openWithFirstKeys()
const server = serveTestDatabase(opened, adminKey)
const withoutCompiling = serveTestDatabase(opened, adminKey, { compilesReads: false })
const tenant = await server.newTenant()
const CONTENT = 'Grüße 😀 مرحبا "\\ \n'.repeat(40)
for (let i = 0; i < 10; i += 1) {
  const messages = Array.from({ length: 20 }, () => ({ chat: { role: 'USER', content: CONTENT } }))
  await log(tenant.ask, { externalId: `${i}`, messages })
}

const aliases = (count: number) => Array.from({ length: count }, (_, i) => `a${i}: content`).join(' ')
const READ = `{ conversations { nodes { externalId messages(first: 20) { nodes { ... on ChatMessage { ${aliases(40)} } } } } } }`

test('they are the same as those that graphql-js makes', async () => {
  const compiled = await tenant.ask(READ)
  expect(compiled.data.conversations.nodes).toHaveLength(10)
  const { data } = await withoutCompiling.ask({ key: tenant.key }, READ)
  expect(compiled.data).toEqual(data)
})

test('others go on while one is written', async () => {
  const rest = vi.spyOn(TimeSlice.prototype, 'yieldToEventLoop')
  onTestFinished(() => rest.mockRestore())
  expect((await tenant.ask(READ)).errors).toBeUndefined()
  // It takes at least ten times as long as a slice of work.
  expect(rest.mock.calls.length).toBeGreaterThan(4)
})

test('others go on while a single large row is written', async () => {
  const messages = [
    { chat: { role: 'USER', content: CONTENT.repeat(100) } },
    { chat: { role: 'USER', content: 'short' } },
  ]
  await log(tenant.ask, { externalId: 'large', messages })
  const row = `{ messages(first: 2) { nodes { sequence ... on ChatMessage { ${aliases(60)} } } } }`
  const documents = [
    `{ conversation(by: { externalId: "large" }) ${row} }`,
    `{ conversations(filter: { externalIds: ["large"] }) { nodes ${row} } }`,
  ]
  const rest = vi.spyOn(TimeSlice.prototype, 'yieldToEventLoop')
  onTestFinished(() => rest.mockRestore())
  for (const document of documents) {
    rest.mockClear()
    const { data } = await tenant.ask(document)
    // Each field takes about as long as a slice of work.
    expect(rest.mock.calls.length).toBeGreaterThan(4)
    expect(data).toEqual((await withoutCompiling.ask({ key: tenant.key }, document)).data)
  }
})
