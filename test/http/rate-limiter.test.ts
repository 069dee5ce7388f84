import { expect, inject, test } from 'vitest'
import type { Session } from '../../src/database/session.ts'
import { RateLimiter } from '../../src/http/rate-limiter.ts'
import { startTestServer } from '../support/server.ts'

const server = await startTestServer()
const NOW = new Date('2030-01-01T00:00:30Z')

/** The database, and how often it was asked. */
function counting(session: Session) {
  const counted = { asked: 0, fails: false }
  const store: Session = {
    execute: (sql) => session.execute(sql),
    query: (sql, parameters) => {
      counted.asked++
      return counted.fails ? Promise.reject(new Error('the database is down')) : session.query(sql, parameters)
    },
  }
  return { store, counted }
}

const budget = (name: string, limit: number) => [{ policy: 'CREDENTIAL', name, limit } as const]

/** How many of as many requests, sent at once to these processes in turn, are let through. */
async function takenOf(count: number, limiters: RateLimiter[], name: string, limit: number, now = NOW) {
  const all = Array.from({ length: count }, (_, i) => limiters[i % limiters.length]?.take(budget(name, limit), now))
  return (await Promise.all(all)).filter((result) => result?.taken).length
}

test('a process alone lets through exactly the limit', async () => {
  for (const limit of [1, 7, 100]) {
    expect(await takenOf(300, [new RateLimiter(null)], 'alone', limit)).toBe(limit)
    expect(await takenOf(300, [new RateLimiter(server.database)], `alone ${limit}`, limit)).toBe(limit)
  }
})

test('processes together let through at most a twentieth of the limit each above it', async () => {
  for (const [processes, limit] of [
    [2, 100],
    [4, 100],
    [3, 5],
  ] as const) {
    const limiters = Array.from({ length: processes }, () => new RateLimiter(server.database))
    const taken = await takenOf(limit * 4, limiters, `together ${processes} ${limit}`, limit)
    expect(taken).toBeGreaterThanOrEqual(limit)
    expect(taken).toBeLessThanOrEqual(limit + processes * Math.ceil(limit / 20))
  }
})

test('what one process counted, another that was quiet hears of', async () => {
  const [busy, quiet] = [new RateLimiter(server.database), new RateLimiter(server.database)]
  expect(await takenOf(100, [busy], 'heard', 60)).toBe(60)
  expect(await takenOf(100, [quiet], 'heard', 60)).toBeLessThanOrEqual(3 * 2)
})

test('the database is asked once for each block and second, not for each request', async () => {
  const { store, counted } = counting(server.database)
  const limiter = new RateLimiter(store)
  // The first begins a second; the block is 50.
  expect(await takenOf(400, [limiter], 'blocks', 1_000)).toBe(400)
  expect(counted.asked).toBeLessThanOrEqual(1 + 400 / 50)
  const later = new Date(NOW.getTime() + 1_000)
  counted.asked = 0
  for (let i = 0; i < 40; i++) await limiter.take(budget('blocks', 1_000), later)
  expect(counted.asked).toBeLessThanOrEqual(2)
})

test('a new minute begins with the whole budget, and takes the old ones off the table', async () => {
  const at = (minute: number) => new Date(NOW.getTime() + minute * 60_000)
  const limiters = [new RateLimiter(server.database), new RateLimiter(server.database)]
  for (const minute of [100, 101, 102]) {
    const taken = await takenOf(60, limiters, 'again', 20, at(minute))
    expect(taken).toBeGreaterThanOrEqual(20)
    expect(taken).toBeLessThanOrEqual(22)
  }
  const rows = await server.owner('SELECT DISTINCT minute FROM rate_counts ORDER BY 1')
  expect(rows.map(({ minute }) => minute)).toEqual([101, 102].map((minute) => at(minute).getTime() / 60_000 - 0.5))
})

test('when the database is down, each process counts by itself', async () => {
  const { store, counted } = counting(server.database)
  counted.fails = true
  expect(await takenOf(100, [new RateLimiter(store)], 'down', 40)).toBe(40)
})

test.skipIf(inject('databaseKind') === 'pglite')(
  'processes that share many budgets do not wait in a circle',
  async () => {
    const limiters = Array.from({ length: 4 }, () => new RateLimiter(server.database))
    const names = Array.from({ length: 50 }, (_, i) => `shared ${i}`)
    await Promise.all(
      limiters.flatMap((limiter, l) =>
        (l % 2 ? names : names.toReversed()).map(async (name) => {
          for (let i = 0; i < 5; i++) await limiter.take(budget(name, 20), NOW)
        }),
      ),
    )
    const [row] = await server.owner(
      `SELECT max(spent) AS most, count(*)::int AS count FROM rate_counts WHERE budget LIKE 'shared %'`,
    )
    expect(row?.['count']).toBe(50)
    expect(row?.['most']).toBeLessThanOrEqual(20)
  },
)
