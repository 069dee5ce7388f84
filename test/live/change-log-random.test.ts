import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readSnapshotAsTenant } from '../../src/database/transaction.ts'
import { newUuid } from '../../src/input/ids.ts'
import { type ChangePosition, loadChangeLog, loadChanges, whatChanged } from '../../src/live/change-log.sql.ts'
import { includes, type Snapshot } from '../../src/live/snapshot.ts'
import { openTestDatabase } from '../support/database.ts'

/**
 * Changes of transactions that were open at the same time, however large, read in pages from one moment to another and on to
 * the present: each comes once, in order. The transactions are past ones, whose rows are written as they would have left them.
 */

const { database, owner } = await openTestDatabase()

/** Moments of one history; transactions are numbered from `FIRST` on, in the order in which they begin. */
interface Transaction {
  begins: number
  commits: number
  /** How many conversations it changes. */
  changes: number
}

const FIRST = 10
const MOMENTS = 100

const transactions = fc
  .array(
    fc.record({
      begins: fc.nat(MOMENTS - 1),
      lasts: fc.oneof(fc.constant(1), fc.nat(MOMENTS)),
      changes: fc.constantFrom(0, 1, 1, 2, 3, 7),
    }),
    { minLength: 1, maxLength: 10 },
  )
  .map((all): Transaction[] =>
    all
      .map(({ begins, lasts, changes }) => ({ begins, commits: begins + 1 + lasts, changes }))
      .sort((one, other) => one.begins - other.begins),
  )

/** What could be seen at a moment, as PostgreSQL's pg_current_snapshot() says it. */
function snapshotAt(moment: number, all: readonly Transaction[]): Snapshot {
  const numbered = all.map((one, i) => ({ ...one, number: FIRST + i }))
  const completed = numbered.filter(({ commits }) => commits <= moment).map(({ number }) => number)
  const xmax = Math.max(FIRST - 1, ...completed) + 1
  const open = numbered.filter(({ commits, number }) => number < xmax && commits > moment).map(({ number }) => number)
  return { xmin: open[0] ?? xmax, xmax, open }
}

const reach = (tenantId: string) => ({ tenantId, admin: false, rowRestriction: null })
const { end } = await readSnapshotAsTenant(database, reach('nobody'), loadChangeLog)

interface Row {
  transaction: Transaction
  number: number
  id: string
}

async function store(tenantId: string, all: readonly Transaction[]): Promise<Row[]> {
  const rows = all.flatMap((transaction, i) =>
    Array.from({ length: transaction.changes }, () => ({ transaction, number: FIRST + i, id: newUuid() })),
  )
  if (rows.length > 0) {
    const values = rows.map(({ number, id }) => `('${tenantId}', ${number}, '${id}', 'UPDATED')`)
    await owner(`INSERT INTO conversation_changes (tenant_id, transaction_id, conversation_id, kind) VALUES ${values}`)
  }
  return rows.sort((one, other) => one.number - other.number || (one.id < other.id ? -1 : 1))
}

test('each change comes once, in order, in pages of any size', async () => {
  const moments = fc.tuple(fc.nat(MOMENTS), fc.nat(MOMENTS)).map((pair) => pair.sort((a, b) => a - b))
  await fc.assert(
    fc.asyncProperty(
      transactions,
      moments,
      fc.integer({ min: 1, max: 4 }),
      async (all, [first = 0, then = 0], limit) => {
        const tenantId = `tenant-${newUuid()}`
        const rows = await store(tenantId, all)
        const [from, upTo] = [snapshotAt(first, all), snapshotAt(then, all)]
        expect(includes(upTo, from)).toBe(true)
        expect(includes(from, upTo)).toBe(!all.some(({ commits }) => commits > first && commits <= then))

        const read: string[] = []
        let position: ChangePosition = { database: end.database, seen: from }
        for (let isMore = true; isMore; ) {
          const isFirst = read.length === 0 && position.seen === from && !position.within
          const page = await readSnapshotAsTenant(database, reach(tenantId), (db) =>
            loadChanges(db, tenantId, position, { limit, upTo: isFirst ? upTo : null }),
          )
          if (!page) throw new Error('the position is of another database')
          expect(page.changes.length).toBeLessThanOrEqual(limit)
          read.push(...page.changes.map(({ conversationId }) => conversationId))
          position = page.position
          isMore = page.more
        }
        const between = rows.filter(({ transaction: { commits } }) => commits > first && commits <= then)
        const later = rows.filter(({ transaction: { commits } }) => commits > then)
        expect(read).toEqual([...between, ...later].map(({ id }) => id))

        const changedSince = (maxChanges: number) =>
          readSnapshotAsTenant(database, reach(tenantId), (db) =>
            whatChanged(db, tenantId, { database: end.database, seen: from }, maxChanges),
          )
        expect((await changedSince(read.length)).conversationIds).toEqual(new Set(read))
        if (read.length > 0) expect((await changedSince(read.length - 1)).conversationIds).toBeNull()
      },
    ),
    { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 60) },
  )
})
