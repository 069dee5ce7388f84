import { describe, expect, inject, test } from 'vitest'
import { secondServer } from '../support/second-server.ts'
import { startTestServer } from '../support/server.ts'
import { changesOf, followChanges } from './changes.ts'
import { log } from './conversations.ts'

describe.skipIf(inject('databaseKind') === 'pglite')('two processes on one PostgreSQL', async () => {
  const one = await startTestServer()
  const two = await secondServer(one)

  test('what is written through one is told by the other', async () => {
    const { ask, key } = await one.newTenant()
    const live = await followChanges(two, { key })
    expect(await changesOf(live)).toEqual([])
    const id = await log(ask)
    expect(await changesOf(live)).toEqual([
      { kind: 'CREATED', conversationId: id, conversation: { id, messageCount: 1 } },
    ])
  })

  test('what is revoked through one ends at the other', async () => {
    const { id: tenantId } = await one.newTenant()
    const { id, secret } = await one.newKey({ scopes: ['CONVERSATIONS_READ'], tenantId })
    const live = await followChanges(two, { key: secret })
    expect(await changesOf(live)).toEqual([])
    await one.admin('mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { apiKey { status } } }', { id })
    expect((await live.next())?.errors?.[0]?.extensions['reason']).toBe('REVOKED')
  })

  test('a dropped stream is taken up by the other where it was', async () => {
    const { ask, key } = await one.newTenant()
    const live = await followChanges(one, { key })
    const { resumeToken } = (await live.data()).conversationsChanged
    await live.close()
    const id = await log(ask)
    const there = await followChanges(two, { key }, { after: resumeToken })
    expect(await changesOf(there)).toMatchObject([{ kind: 'CREATED', conversationId: id }])
  })

  test('without its listening connection a change comes later, and comes', async () => {
    const { ask, key } = await one.newTenant()
    const live = await followChanges(two, { key })
    expect(await changesOf(live)).toEqual([])
    const listening = `FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'parley listen'`
    await expect.poll(() => one.owner(`SELECT 1 ${listening}`), { timeout: 5_000 }).toHaveLength(1)
    await one.owner(`SELECT pg_terminate_backend(pid) ${listening}`)
    const id = await log(ask)
    expect(await changesOf(live)).toMatchObject([{ kind: 'CREATED', conversationId: id }])
    // And it is made anew; when nobody follows any more, it goes.
    await expect.poll(() => one.owner(`SELECT 1 ${listening}`), { timeout: 5_000 }).toHaveLength(1)
    await live.close()
    await expect.poll(() => one.owner(`SELECT 1 ${listening}`)).toEqual([])
  })
})
