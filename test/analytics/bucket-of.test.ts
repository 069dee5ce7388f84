import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bucketOf } from '../../src/analytics/time-bucket.sql.ts'
import { Prisma } from '../../src/database/generated/client/client.ts'
import { openTestDatabase } from '../support/database.ts'

/** Wherever its edges lie, and whichever way it is calculated: a time is in the last bucket that does not begin after it. */

const { database } = await openTestDatabase()

const { sql, join } = Prisma
const HOUR_MS = 3_600_000
/** Now; where doubles of seconds lose a bit (10 January 2004), and where they change their sign. */
const STARTS = [Date.parse('2026-03-01T00:00:00Z'), 2 ** 30 * 1_000 - HOUR_MS, -HOUR_MS]

/** As the buckets of a series are: equal, unless a change of the clocks makes one shorter or longer, and the range cuts the outer ones. */
const edges = fc
  .record({
    length: fc.constantFrom(15 * 60_000, HOUR_MS, 24 * HOUR_MS),
    count: fc.integer({ min: 1, max: 6 }),
    changed: fc.nat(5),
    change: fc.constantFrom(0, -HOUR_MS / 6, HOUR_MS, 1_000, 1, -1),
    around: fc.constantFrom(...STARTS),
    odd: fc.constantFrom(0, 0, 1_000, 500, 1, 7),
    cutFirst: fc.constantFrom(0, 0, 600_000, 1_000, 1),
    cutLast: fc.constantFrom(0, 600_000, 1),
  })
  .map(({ length, count, changed, change, around, odd, cutFirst, cutLast }) => {
    const edges = [around + odd]
    for (let i = 0; i < count; i += 1) edges.push((edges[i] ?? 0) + length + (i === changed ? change : 0))
    edges[0] = (edges[0] ?? 0) + cutFirst
    edges[count] = (edges[count] ?? 0) - (count > 1 ? cutLast : 0)
    return edges
  })

test('each time is in the bucket between its edges', async () => {
  await fc.assert(
    fc.asyncProperty(edges, async (edges) => {
      const [first, last] = [edges[0] ?? 0, edges.at(-1) ?? 0]
      const times = edges
        .flatMap((edge, i) => [edge - 1, edge, edge + 1, Math.round((edge + (edges[i + 1] ?? edge)) / 2)])
        .filter((time) => time >= first && time < last)
      const row = (time: number) => sql`(${new Date(time)}::timestamptz)`
      const query = sql`SELECT array_agg(${bucketOf(sql`t.at`, edges)} ORDER BY t.place) AS buckets
        FROM (SELECT v.at, row_number() OVER () AS place FROM (VALUES ${join(times.map(row))}) v (at)) t`
      const [found] = await database.query<{ buckets: number[] }>(query.text, query.values)
      expect(found?.buckets).toEqual(times.map((time) => edges.findLastIndex((edge) => edge <= time)))
    }),
  )
})
