import DataLoader from 'dataloader'
import type { Database } from '../database/connect.ts'

type Arguments = readonly [string, string | null]

/**
 * Asks a function of the database about a credential. Requests that came in at the same moment ask together: a statement
 * each would cost this process more than all else that authenticating does.
 */
export function lookUp<Row extends object>(name: string, types: readonly [string, string]) {
  const statement = `
    SELECT given.place::int - 1 AS place, found.*
    FROM unnest($1::${types[0]}[], $2::${types[1]}[]) WITH ORDINALITY AS given (a, b, place), ${name}(given.a, given.b) AS found`
  const loaders = new WeakMap<Database, DataLoader<Arguments, Row | null>>()
  const load = async (database: Database, all: readonly Arguments[]) => {
    const nameOf = (asked: Arguments) => JSON.stringify(asked)
    // Requests with one key, or with tokens of one key, ask for the same row: it is looked up once.
    const different = [...new Map(all.map((asked) => [nameOf(asked), asked])).values()]
    const found = await database.query<Row & { place: number }>(statement, [
      different.map(([a]) => a),
      different.map(([, b]) => b),
    ])
    const byName = new Map(found.map((row) => [nameOf(different[row.place] ?? ['', null]), row]))
    return all.map((asked) => byName.get(nameOf(asked)) ?? null)
  }
  return (database: Database, asked: Arguments): Promise<Row | null> => {
    const loader =
      loaders.get(database) ??
      // Behind those that are being read from their sockets now; nothing is kept, since a credential may end at any time.
      new DataLoader<Arguments, Row | null>((all) => load(database, all), {
        cache: false,
        batchScheduleFn: (ask) => void setImmediate(ask),
      })
    loaders.set(database, loader)
    return loader.load(asked)
  }
}
