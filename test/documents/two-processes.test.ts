import { describe, expect, inject, test } from 'vitest'
import { secondServer } from '../support/second-server.ts'
import { codes, startTestServer } from '../support/server.ts'
import { register, remove, send, strictToken } from './documents.ts'

describe.skipIf(inject('databaseKind') === 'pglite')('two processes on one PostgreSQL', async () => {
  const one = await startTestServer()
  const two = await secondServer(one)

  test('a document that one deletes is refused by the other as soon as it hears of it', async () => {
    const { ask } = await one.newTenant()
    const WHO = '{ viewer { name } }'
    const token = await strictToken(ask)
    await register(ask, WHO)
    const listening = `FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'parley listen' AND query LIKE 'LISTEN%'`
    expect(codes(await send(two, token, { query: WHO }))).toEqual([])
    await expect.poll(() => one.owner(`SELECT 1 ${listening}`)).toHaveLength(1)
    expect(codes(await send(two, token, { query: WHO }))).toEqual([])
    await remove(ask, WHO)
    const beganMs = performance.now()
    await expect
      .poll(async () => codes(await send(two, token, { query: WHO })), { interval: 20 })
      .toEqual(['DOCUMENT_NOT_TRUSTED'])
    // Without the notification, it would take five seconds.
    expect(performance.now() - beganMs).toBeLessThan(4_000)
  })
})
