import type { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'
import type pg from 'pg'

/** Four times the largest answer that can be configured: not everything that is read is part of the answer. */
export const MAX_READ_BYTES = 134_217_728

/** Takes the place of an SQLSTATE: PostgreSQL has none for this. */
export const READ_TOO_MUCH = 'PY001'

/** Looks like an error of PostgreSQL, so that Prisma passes on its code. */
class ReadTooMuch extends Error {
  readonly code = READ_TOO_MUCH
  readonly severity = 'ERROR'
  constructor(maxBytes: number) {
    super(`a transaction has read more than ${maxBytes} bytes`)
  }
}

/** What node-postgres has but its types lack. */
interface Connection extends EventEmitter {
  stream: Duplex
}

/**
 * Ends a transaction that reads more than this, by closing its connection: node-postgres keeps all rows of a statement
 * in memory, and no query says beforehand how large its rows are.
 */
export function limitReadBytes(client: pg.ClientBase, maxBytes: number): void {
  const { connection } = client as pg.ClientBase & { connection: Connection }
  let bytes = 0
  connection.on('dataRow', ({ length }: { length: number }) => {
    bytes += length
    if (bytes <= maxBytes || connection.stream.destroyed) return
    // At once: the rest of the rows may have arrived already, and would count as an answer.
    connection.emit('error', new ReadTooMuch(maxBytes))
    connection.stream.destroy()
  })
  connection.on('readyForQuery', ({ status }: { status: string }) => {
    if (status === 'I') bytes = 0
  })
}
