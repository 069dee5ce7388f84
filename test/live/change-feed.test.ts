import { expect, test } from 'vitest'
import type { Database } from '../../src/database/connect.ts'
import { ChangeFeed } from '../../src/live/change-feed.ts'
import { startTestServer } from '../support/server.ts'
import { log } from './conversations.ts'

const server = await startTestServer()

/** The database, whose reads can be made to take long: what they found is held back. */
function holdReads() {
  let mayEnd: PromiseWithResolvers<void> | null = null
  let held = Promise.withResolvers<void>()
  const { turns } = server.database
  const run: typeof turns.run = async (...args) => {
    const found = await turns.run(...args)
    held.resolve()
    await mayEnd?.promise
    return found
  }
  const database: Database = { ...server.database, turns: Object.assign(Object.create(turns), { run }) }
  return {
    database,
    hold() {
      held = Promise.withResolvers()
      mayEnd = Promise.withResolvers()
    },
    isHeld: () => held.promise,
    release: () => mayEnd?.resolve(),
  }
}

test('what is written while changes are read is read at once after that, if it is told of', async () => {
  const { id: tenantId, ask } = await server.newTenant()
  const reads = holdReads()
  let changed = 0
  const feed = new ChangeFeed(reads.database, tenantId, {
    onChange: ({ conversationIds }) => {
      changed += conversationIds?.size ?? 0
    },
    ...{ maxChanges: () => 10, pauseMs: () => 0, pollMs: 3_600_000 },
  })
  await feed.begun
  reads.hold()
  feed.wake()
  await reads.isHeld()
  await log(ask)
  feed.wake()
  reads.release()
  await expect.poll(() => changed).toBe(1)
  // And nothing of it twice.
  await log(ask)
  feed.wake()
  await expect.poll(() => changed).toBeGreaterThan(1)
  expect(changed).toBe(2)
  await feed.stop()
})
