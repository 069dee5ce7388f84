import { type ExecutionArgs, type ExecutionResult, execute, GraphQLError, getOperationAST } from 'graphql'
import type { Context } from '../context.ts'
import type { Database } from '../database/connect.ts'
import { Prisma } from '../database/generated/client/client.ts'
import { writeBehindWall } from '../database/transaction.ts'
import type { LiveChanges } from '../domain/live-changes.ts'
import { WriteGroup } from '../domain/write-group.ts'

/**
 * Mutations that need no Prisma. Those that may share a transaction are stored whole or refused whole each, and leave the
 * others alone; many conversations are enough for one.
 */
const SHARES = new Map([
  ['logConversation', true],
  ['appendMessages', true],
  ['logConversations', false],
])

/** How many groups of one tenant are under way: while one commits, the next is made. */
const MAX_GROUPS = 2
/** Of all tenants: where many write, more of each one's come together meanwhile. */
const MAX_GROUPS_IN_ALL = 4
/** How long a group counts among these: one that waits, for a lock perhaps, must not keep other tenants from writing. */
const PATIENCE_MS = 250
const MAX_MEMBERS = 64

export interface Write {
  args: ExecutionArgs
  session: Context
}

interface Waiting extends Write {
  resolve(result: ExecutionResult): void
  reject(error: unknown): void
}

interface Queue {
  key: string
  running: number
  waiting: Waiting[]
}

/**
 * Small writes of one tenant that come at the same time share a transaction, its round trips and its commit. One that comes
 * alone does not wait; those that come meanwhile go together with the next. Where anything goes wrong in a group, each of its writes is done again by itself.
 */
export class WriteGroups {
  readonly #database: Database
  readonly #changes: LiveChanges
  readonly #alone: (write: Write) => Promise<ExecutionResult>
  readonly #queues = new Map<string, Queue>()
  /** Those that may not begin another group yet, longest first. */
  readonly #held = new Set<Queue>()
  #running = 0

  constructor(database: Database, changes: LiveChanges, alone: (write: Write) => Promise<ExecutionResult>) {
    this.#database = database
    this.#changes = changes
    this.#alone = alone
  }

  /** Null for what has to be done in another way. */
  execute(write: Write): Promise<ExecutionResult> | null {
    const { session } = write
    const shares = SHARES.get(onlyField(write.args) ?? '')
    if (session.tenantIsNew || session.anyTenantId === null || session.lock !== null || shares === undefined)
      return null
    return new Promise((resolve, reject) => {
      if (!shares) return void this.#store([{ ...write, resolve, reject }])
      // Those in one group see the same rows.
      const key = `${session.has('ADMIN')} ${session.tenantId}`
      const queue = this.#queues.get(key) ?? { key, running: 0, waiting: [] }
      this.#queues.set(key, queue)
      queue.waiting.push({ ...write, resolve, reject })
      // Behind those that are being read from their sockets now.
      setImmediate(() => void this.#next(queue))
    })
  }

  async #next(queue: Queue): Promise<void> {
    if (queue.waiting.length === 0) return
    if (queue.running >= MAX_GROUPS || this.#running >= MAX_GROUPS_IN_ALL) {
      this.#held.add(queue)
      return
    }
    this.#held.delete(queue)
    const members = queue.waiting.splice(0, MAX_MEMBERS)
    queue.running += 1
    const leave = this.#takePlace()
    await this.#store(members)
    queue.running -= 1
    if (queue.waiting.length > 0) this.#held.add(queue)
    else if (queue.running === 0) this.#queues.delete(queue.key)
    leave()
    this.#beginHeld()
  }

  /** Answers how the place is left. */
  #takePlace(): () => void {
    this.#running += 1
    let isLeft = false
    const leave = () => {
      clearTimeout(impatient)
      if (!isLeft) this.#running -= 1
      isLeft = true
    }
    const impatient = setTimeout(() => {
      leave()
      this.#beginHeld()
    }, PATIENCE_MS)
    return leave
  }

  #beginHeld() {
    const next = [...this.#held].find(({ running }) => running < MAX_GROUPS)
    if (next) void this.#next(next)
  }

  async #store(members: readonly Waiting[]): Promise<void> {
    try {
      const results = await this.#together(members)
      if (results) for (const [i, { resolve }] of members.entries()) resolve(results[i] as ExecutionResult)
      else await Promise.all(members.map((member) => this.#alone(member).then(member.resolve, member.reject)))
    } catch (error) {
      for (const { reject } of members) reject(error)
    }
  }

  /** Null where nothing was stored; rejects where that can't be known. */
  async #together(members: readonly Waiting[]): Promise<ExecutionResult[] | null> {
    const [first] = members
    if (!first) return []
    const { tenantId } = first.session
    const reach = { tenantId, admin: first.session.has('ADMIN'), lock: null }
    let isOver = false
    try {
      const results = await writeBehindWall(this.#database, reach, async (statements) => {
        const group = new WriteGroup(statements, tenantId)
        const contexts = members.map(({ session }) => session.inside(statements.client, group))
        const results = await Promise.all(members.map(({ args }, i) => execute({ ...args, contextValue: contexts[i] })))
        if (results.some((result, i) => spoils(result, contexts[i] as Context))) throw new Error('a write to be undone')
        // Rejects where the database has given up this transaction, whose COMMIT would silently roll back.
        if (results.some(({ errors }) => errors)) await statements.run(Prisma.sql`SELECT 1`)
        isOver = true
        return results
      })
      this.#changes.written(tenantId, false)
      return results
    } catch (error) {
      if (isOver) throw error
      return null
    }
  }
}

/** The name of the field that is asked for; null where there are several. */
function onlyField({ document, operationName }: ExecutionArgs): string | null {
  const [selection, ...others] = getOperationAST(document, operationName)?.selectionSet.selections ?? []
  return selection?.kind === 'Field' && others.length === 0 ? selection.name.value : null
}

/** Whether something was stored that is to be undone, or may have been: only what refuses itself leaves nothing behind. */
const spoils = ({ data, errors = [] }: ExecutionResult, context: Context) =>
  (data == null && context.wrote) ||
  errors.some(({ originalError }) => originalError && !(originalError instanceof GraphQLError))
