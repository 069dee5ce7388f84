import { createHash } from 'node:crypto'
import type { Duplex } from 'node:stream'
import type pg from 'pg'
import type { Rest } from '../fairness/rest.ts'
import { databaseCode } from './error-code.ts'
import { commitFailure } from './failure.ts'
import { Prisma } from './generated/client/client.ts'
import { inLine, StatementLine } from './statement-line.ts'
import type { Client } from './tenant-scope.ts'
import type { Turn } from './turns.ts'

/** Hand-written SQL in one transaction. */
export interface Statements {
  run<Row = object>(statement: Prisma.Sql): Promise<Row[]>
  /** Prisma in the same transaction. Null if there is none, which saves two thirds of what a statement costs this process. */
  readonly client: Client | null
  /** Skips rows that another transaction has locked. Default: waits for them. */
  readonly skipsLockedRows?: boolean
}

export function throughPrisma(client: Client): Statements {
  const failures = failuresOf.get(client) ?? new FirstFailure()
  failuresOf.set(client, failures)
  return { run: (statement) => failures.of(inLine(() => client.$queryRaw(statement))), client }
}

/** Statements with the rests between them that their tenant owes. */
export function withRests(statements: Statements, rest: Rest): Statements {
  // A pause of the database would count as the work of whoever waited for it.
  if (!rest.isOwed()) return statements
  const line = new StatementLine(rest)
  return { ...statements, run: (statement) => line.run(() => statements.run(statement)) }
}

/** Runs statements one after the other, however many are given at once; none after one that failed, or after `stop`. */
export function inOrder(statements: Statements): { run: Statements['run']; stop: () => void } {
  let last: Promise<unknown> = Promise.resolve()
  let isStopped = false
  const run = <Row>(statement: Prisma.Sql): Promise<Row[]> => {
    const next = last.then(() => {
      if (isStopped) throw new Error('the transaction has ended')
      return statements.run<Row>(statement)
    })
    last = next
    return next
  }
  return {
    run,
    stop: () => {
      isStopped = true
    },
  }
}

/** Rejects if an earlier statement of the transaction has failed: its COMMIT would silently roll back. */
export async function checkTransaction({ run }: Pick<Statements, 'run'>): Promise<void> {
  await run(Prisma.sql`SELECT 1`)
}

const failuresOf = new WeakMap<Client, FirstFailure>()

/**
 * After a statement has failed, those that follow it fail, too: PostgreSQL gives them an error that only says so, and
 * Prisma returns `undefined` as the rows of those that were sent at the same moment. Here they fail with the first
 * error instead.
 */
class FirstFailure {
  readonly #running = new Set<Promise<unknown>>()
  #first: unknown

  /** Whether this error only says that an earlier statement has failed. */
  followsFirst(error: unknown): boolean {
    const code = databaseCode(error)
    // The second: the statement of that name was never parsed, because an earlier one had failed.
    return code === IN_FAILED_TRANSACTION || (code === NO_SUCH_STATEMENT && this.#first !== undefined)
  }

  async of<Result>(answer: Promise<Result>): Promise<Result> {
    this.#running.add(answer)
    try {
      const result = await answer
      if (result !== undefined) return result
    } catch (error) {
      if (!this.followsFirst(error)) {
        this.#first ??= error
        throw error
      }
    } finally {
      this.#running.delete(answer)
    }
    // Prisma may reject them in another order.
    await Promise.allSettled(this.#running)
    throw this.#first ?? new Error('the transaction has failed')
  }
}

/** SQLSTATEs. */
const IN_FAILED_TRANSACTION = '25P02'
const NO_SUCH_STATEMENT = '26000'
const DUPLICATE_STATEMENT = '42P05'

/** Something that only Prisma can do was asked for in a transaction without it. */
export class NeedsPrisma extends Error {}

/** How a transaction begins, and on whose behalf. */
export interface Opening {
  mode: '' | 'READ ONLY' | 'ISOLATION LEVEL REPEATABLE READ READ ONLY'
  /** SET LOCAL each. */
  settings: readonly string[]
  /** Learns which connection it holds. */
  turn: Pick<Turn, 'hold'>
}

/** Transactions of hand-written SQL, without what Prisma adds to a statement. */
export interface PlainTransactions {
  /** Rejects with OutcomeUnknown if the answer to its COMMIT is lost. */
  transaction<Result>(opening: Opening, work: (statements: Statements) => Promise<Result>): Promise<Result>
  /** Statements that read one snapshot. Nobody waits for its end: the rows are complete before that. */
  reading<Result>(opening: Opening, work: (statements: Statements) => Promise<Result>): Promise<Result>
  /**
   * The rows of one statement in a transaction of its own, in one round trip. `isPlannedAnew`: if the plan depends on
   * the values, which a cached plan does not know: with one, a list by a frequent value took seconds instead of
   * milliseconds.
   */
  read<Row>(opening: Opening, statement: Prisma.Sql, isPlannedAnew?: boolean): Promise<Row[]>
}

/** PostgreSQL keeps a plan for each name on each connection, and clients may send any number of documents. */
const MAX_NAMED = 100

/** The name of a statement exists already, or does not exist: a pooler has switched to another connection. */
const isLostName = (error: unknown) => [NO_SUCH_STATEMENT, DUPLICATE_STATEMENT].includes(databaseCode(error) ?? '')

const beginning = ({ mode, settings }: Opening) => [`BEGIN ${mode}`, ...settings].join(';')

/** On connections of node-postgres. */
export function postgresTransactions(
  pool: pg.Pool,
  onStatement: ((sql: string) => void) | undefined,
): PlainTransactions {
  const names = new Map<string, string>()
  let keepsNames = true
  const named = ({ text, values }: Prisma.Sql, isKept: boolean) => {
    if (!isKept) return { text, values }
    if (!names.has(text) && names.size < MAX_NAMED) names.set(text, `parley_${hashOf(text)}`)
    const name = names.get(text)
    return name === undefined || !keepsNames ? { text, values } : { text, values, name }
  }
  /** Statements are sent in the order in which they are given, and answered in that order. */
  const query = (
    client: pg.PoolClient,
    statement: string | Prisma.Sql,
    { isPlannedAnew = false, failures }: { isPlannedAnew?: boolean | undefined; failures?: FirstFailure } = {},
  ) => {
    onStatement?.(typeof statement === 'string' ? statement : statement.text)
    const answer = client.query(typeof statement === 'string' ? statement : named(statement, !isPlannedAnew))
    answer.catch((error) => {
      if (isLostName(error) && !failures?.followsFirst(error)) keepsNames = false
    })
    return answer
  }
  const connect = async ({ turn }: Opening) => {
    const client = await pool.connect()
    turn.hold(client)
    return client
  }
  const read = async <Row>(opening: Opening, statement: Prisma.Sql, isPlannedAnew?: boolean): Promise<Row[]> => {
    const client = await connect(opening)
    const asked = inOnePiece(client, () =>
      [beginning(opening), statement, 'COMMIT'].map((one) => query(client, one, { isPlannedAnew })),
    )
    const [begun, reading, ending] = await Promise.allSettled(asked)
    client.release(ending?.status === 'rejected')
    for (const one of [begun, reading, ending]) if (one?.status === 'rejected') throw one.reason
    return (reading as PromiseFulfilledResult<pg.QueryResult>).value.rows as Row[]
  }
  /** A transaction that its first statement begins: if none was run, there is nothing to end. */
  function beginLater(client: pg.PoolClient, opening: Opening) {
    let begun: Promise<unknown> | undefined
    const failures = new FirstFailure()
    const run = async <Row>(statement: Prisma.Sql): Promise<Row[]> => {
      if (begun) return (await failures.of(query(client, statement, { failures }))).rows as Row[]
      // The opening is not waited for: it is sent with the first statement, which fails if the opening does.
      const [begins, first] = inOnePiece(client, () => [
        query(client, beginning(opening)),
        query(client, statement, { failures }),
      ])
      failures.of(begins).catch(() => {})
      begun = begins
      return (await failures.of(first)).rows as Row[]
    }
    return {
      statements: { run, client: null } satisfies Statements,
      /** Rejects if the opening failed. */
      hasBegun: async () => void (await begun),
      end: async (statement: 'COMMIT' | 'ROLLBACK') => {
        if (begun) await query(client, statement)
      },
    }
  }
  return {
    async transaction(opening, work) {
      const client = await connect(opening)
      const { statements, hasBegun, end } = beginLater(client, opening)
      let ended = false
      try {
        const result = await work(statements)
        await hasBegun()
        await end('COMMIT').catch((error) => {
          throw commitFailure(error)
        })
        ended = true
        return result
      } finally {
        if (!ended)
          ended = await end('ROLLBACK').then(
            () => true,
            () => false,
          )
        // A connection whose transaction did not end may be in any state.
        client.release(!ended)
      }
    },
    async reading(opening, work) {
      const client = await connect(opening)
      const { statements, hasBegun, end } = beginLater(client, opening)
      const leave = (statement: 'COMMIT' | 'ROLLBACK') => {
        end(statement).then(
          () => client.release(),
          () => client.release(true),
        )
      }
      try {
        const result = await work(statements)
        await hasBegun()
        leave('COMMIT')
        return result
      } catch (error) {
        leave('ROLLBACK')
        throw error
      }
    },
    read: <Row>(opening: Opening, statement: Prisma.Sql, isPlannedAnew?: boolean) =>
      read<Row>(opening, statement, isPlannedAnew).catch((error) => {
        if (isLostName(error)) return read<Row>(opening, statement, isPlannedAnew)
        throw error
      }),
  }
}

/** node-postgres has it, but its types don't. */
export const streamOf = (client: pg.PoolClient): Duplex =>
  (client as pg.PoolClient & { connection: { stream: Duplex } }).connection.stream

/** Sends everything at once: handing data to the operating system takes as long as building a statement. */
function inOnePiece<Sent>(client: pg.PoolClient, send: () => Sent): Sent {
  const stream = streamOf(client)
  stream.cork()
  try {
    return send()
  } finally {
    stream.uncork()
  }
}

/** The same in every process: a pooler that does not track names hands out connections that other processes have used. */
const hashOf = (text: string) => createHash('sha256').update(text).digest('base64url').slice(0, 22)
