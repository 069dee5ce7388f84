import DataLoader from 'dataloader'
import type { Database } from '../database/connect.ts'
import { overloaded } from '../errors.ts'

type Arguments = readonly [string, string | null]

/** The most credentials that one statement looks up. */
const MAX_BATCH = 200
/** The most credentials that wait for their lookup although they were never accepted. */
const MAX_WAITING_STRANGERS = 1_000

/**
 * Looks up a credential with a database function. Requests that arrive at the same moment share a statement: one each
 * would cost this process more than the rest of authentication. Credentials that were never accepted wait for each
 * other, so that a flood of made-up ones uses at most one connection and delays no other credential.
 */
export function lookUp<Row extends object>(name: string, types: readonly [string, string]) {
  const statement = `
    SELECT given.place::int - 1 AS place, found.*
    FROM unnest($1::${types[0]}[], $2::${types[1]}[]) WITH ORDINALITY AS given (a, b, place), ${name}(given.a, given.b) AS found`
  const lanes = new WeakMap<Database, { accepted: Lane<Row>; strangers: Lane<Row> }>()
  const load = async (database: Database, all: readonly Arguments[]) => {
    const nameOf = (asked: Arguments) => JSON.stringify(asked)
    // Requests with the same key, or with tokens of the same key, need the same row: it is looked up once.
    const different = [...new Map(all.map((asked) => [nameOf(asked), asked])).values()]
    const found = await database.query<Row & { place: number }>(statement, [
      different.map(([a]) => a),
      different.map(([, b]) => b),
    ])
    const byName = new Map(found.map((row) => [nameOf(different[row.place] ?? ['', null]), row]))
    return all.map((asked) => byName.get(nameOf(asked)) ?? null)
  }
  return (database: Database, asked: Arguments, { wasAccepted }: { wasAccepted: boolean }): Promise<Row | null> => {
    const ask = (all: readonly Arguments[]) => load(database, all)
    const known = lanes.get(database) ?? { accepted: inParallel(ask), strangers: oneAtATime(ask) }
    lanes.set(database, known)
    return (wasAccepted ? known.accepted : known.strangers)(asked)
  }
}

type Lane<Row> = (asked: Arguments) => Promise<Row | null>
type Load<Row> = (all: readonly Arguments[]) => Promise<(Row | null)[]>

function inParallel<Row>(load: Load<Row>): Lane<Row> {
  // Runs after the requests that are being read from their sockets now. Nothing is cached, because a credential may end
  // at any time.
  const loader = new DataLoader<Arguments, Row | null>(load, {
    cache: false,
    batchScheduleFn: (ask) => void setImmediate(ask),
  })
  return (asked) => loader.load(asked)
}

function oneAtATime<Row>(load: Load<Row>): Lane<Row> {
  let waiting = 0
  let turn = Promise.resolve()
  let statement: Promise<unknown> = turn
  const loader = new DataLoader<Arguments, Row | null>(
    (all) => {
      const rows = load(all)
      statement = Promise.allSettled([rows])
      return rows
    },
    {
      cache: false,
      maxBatchSize: MAX_BATCH,
      batchScheduleFn(ask) {
        turn = turn.then(async () => {
          await new Promise((resolve) => setImmediate(resolve))
          ask()
          await statement
        })
      },
    },
  )
  return async (asked) => {
    if (waiting >= MAX_WAITING_STRANGERS) throw overloaded()
    waiting += 1
    try {
      return await loader.load(asked)
    } finally {
      waiting -= 1
    }
  }
}
