import { afterEach, expect, inject, test, vi } from 'vitest'
import { Turns } from '../../src/database/turns.ts'
import { GroupCommit } from '../../src/execution/group-commit.ts'
import { serveTestDatabase, startTestServer } from '../support/server.ts'
import { refusals, said, write } from './writes.ts'

const opened = await startTestServer()

/** How the transactions that wait are let begin. */
const waiting: (() => void)[] = []
const release = () => {
  for (const begin of waiting.splice(0)) begin()
}

const { transaction } = opened.database.withoutPrisma
const held: typeof transaction = async (opening, work) => {
  // Those of groups: what is done in the background begins at once.
  if (opening.settings.includes('SET LOCAL lock_timeout = 500'))
    await new Promise<void>((resolve) => waiting.push(resolve))
  return transaction(opening, work)
}
const database = {
  ...opened.database,
  withoutPrisma: { ...opened.database.withoutPrisma, transaction: held },
  // Of its own: what others do makes a tenant that holds its turns wait.
  turns: new Turns({ ...opened.database, connections: 10 }),
}
const server = serveTestDatabase({ ...opened, database }, opened.adminKey)

/** How groups lose their places: the test says when, instead of a quarter of a second. */
const impatient: (() => void)[] = []
const { setTimeout } = globalThis
const standStill = (run: () => void, ms?: number) => {
  if (ms !== 250) return setTimeout(run, ms)
  impatient.push(run)
  return setTimeout(() => {}, 0)
}

const aTurn = () => new Promise((resolve) => setImmediate(resolve))
async function until(isSo: () => boolean) {
  while (!isSo()) await aTurn()
}

afterEach(() => {
  vi.restoreAllMocks()
})

/** PGlite runs one transaction at a time. */
test.skipIf(inject('databaseKind') === 'pglite')(
  'a tenant has two groups under way, also after one that took so long that it lost its place',
  async () => {
    const { id: tenantId } = await opened.newTenant()
    // One key alone has fewer transactions at a time.
    const keys: string[] = []
    for (let i = 0; i < 3; i += 1)
      keys.push((await opened.newKey({ scopes: ['CONVERSATIONS_WRITE'], tenantId })).secret)
    let logged = 0
    const log = () => {
      logged += 1
      return write(
        server.as({ key: keys[logged % keys.length] ?? '' }),
        'logConversation',
        { messages: [said('a')] },
        'created',
      )
    }
    const execute = vi.spyOn(GroupCommit.prototype, 'execute')
    vi.spyOn(globalThis, 'setTimeout').mockImplementation(standStill as typeof setTimeout)
    const slow = log()
    await until(() => waiting.length === 1)
    expect(impatient).toHaveLength(1)
    for (const loseItsPlace of impatient) loseItsPlace()
    const answers = [slow]
    // It has no place any more, so two others have one beside it.
    for (const count of [2, 3]) {
      answers.push(log())
      await until(() => waiting.length === count)
    }
    waiting.shift()?.()
    await slow
    for (let i = 0; i < 2; i += 1) {
      execute.mockClear()
      answers.push(log())
      await until(() => execute.mock.calls.length === 1)
    }
    // A group begins a turn after its write has come.
    for (let turns = 0; turns < 5; turns += 1) await aTurn()
    expect(waiting).toHaveLength(2)
    let isOver = false
    const all = Promise.all(answers).finally(() => {
      isOver = true
    })
    while (!isOver) {
      release()
      await aTurn()
    }
    expect((await all).flatMap(refusals)).toEqual([])
  },
)
