import {
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type FieldNode,
  GraphQLError,
  getOperationAST,
  Kind,
} from 'graphql'
import type { Context } from '../context.ts'
import { RowSkipped } from '../conversations/append-batch.ts'
import { WriteBatch } from '../conversations/write-batch.ts'
import type { Database } from '../database/connect.ts'
import { databaseCode, LOCK_NOT_AVAILABLE, QUERY_CANCELED } from '../database/error-code.ts'
import { OutcomeUnknown } from '../database/failure.ts'
import type { Statements } from '../database/sql-transactions.ts'
import { checkTransaction } from '../database/sql-transactions.ts'
import { writeAsTenant } from '../database/transaction.ts'
import { overloaded } from '../errors.ts'
import { DatabaseBudget } from '../fairness/database-budget.ts'
import type { SubscriberRegistry } from '../live/subscriber-registry.ts'
import { PatternsExceeded } from '../messages/redaction/pattern-budget.ts'
import { answerBeforeCommit } from './answer-text.ts'
import type { WriteGate } from './write-gate.ts'
import { targetsOf } from './write-targets.ts'

/**
 * Mutations that need no Prisma. True for those that may share a transaction: each is stored or refused as a whole, and
 * does not affect the others. For the rest, one call with many conversations is enough for a transaction.
 */
const SHARES = new Map([
  ['logConversation', true],
  ['appendMessages', true],
  ['logConversations', false],
])

/** How many groups of one tenant may be in progress: while one commits, the next is formed. */
const MAX_GROUPS = 2
/** The same for all tenants together: if many write, more writes of each gather in the meantime. */
const MAX_GROUPS_IN_ALL = 4
/** How long a group counts towards these limits: one that waits, perhaps for a lock, must not keep others from writing. */
const SLOT_TIMEOUT_MS = 250
const MAX_MEMBERS = 64
/** How many writes of one tenant may wait for a group: each is kept in memory. */
const MAX_WAITING = 1_024

export interface Write {
  args: ExecutionArgs
  session: Context
}

interface Waiting extends Write {
  /** Names of what it writes to. Two writes that share one would wait for each other in the database. */
  targets: readonly string[]
  resolve(result: ExecutionResult): void
  reject(error: unknown): void
}

interface Queue {
  key: string
  running: number
  waiting: Waiting[]
  /** Targets of the writes in progress. */
  targets: Set<string>
}

/**
 * Small writes of one tenant that arrive at the same time share a transaction, its round trips and its commit. A write
 * that arrives alone does not wait; those that arrive in the meantime go into the next group. If anything goes wrong in
 * a group, each of its writes is run again by itself. A lock holds up only those who need it: while a group writes to a
 * conversation, no other group does, and a write to a conversation that somebody else has locked leaves its group and
 * waits by itself.
 */
export class GroupCommit {
  readonly #database: Database
  readonly #changes: SubscriberRegistry
  readonly #gate: WriteGate
  readonly #alone: (write: Write) => Promise<ExecutionResult>
  readonly #queues = new Map<string, Queue>()
  /** Queues that may not begin another group yet; the first has waited longest. */
  readonly #held = new Set<Queue>()
  #running = 0

  /** `alone`: runs a write in a transaction of its own, through the gate. */
  constructor(options: {
    database: Database
    changes: SubscriberRegistry
    gate: WriteGate
    alone: (write: Write) => Promise<ExecutionResult>
  }) {
    this.#database = options.database
    this.#changes = options.changes
    this.#gate = options.gate
    this.#alone = options.alone
  }

  /** Returns null for a write that has to run in another way. */
  execute(write: Write): Promise<ExecutionResult> | null {
    const { session } = write
    const field = onlyField(write.args)
    const shares = SHARES.get(field?.name.value ?? '')
    if (session.createsTenant || session.tenantIdOrNull === null || session.rowRestriction !== null) return null
    if (!field || shares === undefined) return null
    return shares ? this.#enqueue(write, targetsOf(write.args)) : this.#byItself(write)
  }

  #enqueue(write: Write, targets: readonly string[]): Promise<ExecutionResult> {
    const { session } = write
    // The writes of one group see the same rows.
    const key = `${session.has('ADMIN')} ${session.tenantId}`
    const queue = this.#queues.get(key) ?? { key, running: 0, waiting: [], targets: new Set() }
    if (queue.waiting.length >= MAX_WAITING) return Promise.reject(overloaded())
    this.#queues.set(key, queue)
    const { promise, resolve, reject } = Promise.withResolvers<ExecutionResult>()
    queue.waiting.push({ ...write, targets, resolve, reject })
    const begin = () => void this.#next(queue)
    // After the writes that are being read from their sockets now.
    setImmediate(begin)
    const release = () => {
      for (const target of targets) queue.targets.delete(target)
      if (queue.waiting.length > 0) setImmediate(begin)
      else this.#forgetIdle(queue)
    }
    promise.then(release, release)
    return promise
  }

  async #next(queue: Queue): Promise<void> {
    if (queue.waiting.length === 0) return
    if (queue.running >= MAX_GROUPS || this.#running >= MAX_GROUPS_IN_ALL) {
      this.#held.add(queue)
      return
    }
    this.#held.delete(queue)
    const members = takeMembers(queue)
    // Every waiting write shares a target with one in progress. The end of that one begins the next group.
    if (members.length === 0) return
    const leave = this.#takePlace(queue)
    await this.#store(members)
    leave()
    if (queue.waiting.length > 0) this.#held.add(queue)
    else this.#forgetIdle(queue)
    this.#beginHeld()
  }

  #forgetIdle({ key, running, waiting, targets }: Queue) {
    if (running === 0 && waiting.length === 0 && targets.size === 0) this.#queues.delete(key)
  }

  /** Returns a function that frees the place. */
  #takePlace(queue: Queue): () => void {
    this.#running += 1
    queue.running += 1
    let isLeft = false
    const leave = () => {
      clearTimeout(impatient)
      if (isLeft) return
      isLeft = true
      this.#running -= 1
      queue.running -= 1
    }
    const impatient = setTimeout(() => {
      leave()
      if (queue.waiting.length > 0) this.#held.add(queue)
      this.#beginHeld()
    }, SLOT_TIMEOUT_MS)
    return leave
  }

  #beginHeld() {
    const next = [...this.#held].find(({ running }) => running < MAX_GROUPS)
    if (next) void this.#next(next)
  }

  async #store(members: readonly Waiting[]): Promise<void> {
    try {
      const results = await this.#together(members, { isShared: true })
      if (!results) return await this.#storeEach(members)
      const isSkipped = members.map((_, i) => wasSkipped(results[i] as ExecutionResult))
      for (const [i, { resolve }] of members.entries()) if (!isSkipped[i]) resolve(results[i] as ExecutionResult)
      // Not waited for: these wait for locks. Those that need the same one wait together, on one connection.
      const skipped = Map.groupBy(
        members.filter((_, i) => isSkipped[i]),
        ({ targets }) => targets[0],
      )
      for (const waiting of skipped.values()) void this.#storeWaiting(waiting)
    } catch (error) {
      for (const { reject } of members) reject(error)
    }
  }

  async #storeWaiting(members: readonly Waiting[]): Promise<void> {
    try {
      const results = await this.#waitTogether(members)
      if (!results) return await this.#storeEach(members)
      for (const [i, { resolve }] of members.entries()) resolve(results[i] as ExecutionResult)
    } catch (error) {
      for (const { reject } of members) reject(error)
    }
  }

  async #storeEach(members: readonly Waiting[]): Promise<void> {
    await Promise.all(members.map((member) => this.#alone(member).then(member.resolve, member.reject)))
  }

  /** Waits for the locks that it needs. */
  async #byItself(write: Write): Promise<ExecutionResult> {
    const results = await this.#waitTogether([write])
    return results?.[0] ?? this.#alone(write)
  }

  #waitTogether(members: readonly Write[]): Promise<ExecutionResult[] | null> {
    const targets = [...new Set(members.flatMap(({ args }) => targetsOf(args)))]
    const tenantId = members[0]?.session.tenantIdOrNull ?? ''
    return this.#gate.run(tenantId, targets, () => this.#together(members, { isShared: false }))
  }

  /** Null if nothing was stored and another attempt may succeed. With `isShared`, nobody waits long for a lock. */
  async #together(members: readonly Write[], { isShared }: { isShared: boolean }): Promise<ExecutionResult[] | null> {
    const [first] = members
    if (!first) return []
    const { tenantId } = first.session
    const isAlone = members.length === 1
    const { holder, budget: ownBudget, ...reach } = first.session.accessScope
    const budget = (isAlone && ownBudget) || new DatabaseBudget(this.#database.statementTimeoutMs)
    let hasBegun = false
    const work = async (statements: Statements) => {
      hasBegun = true
      const group = new WriteBatch(statements, tenantId, first.session.timeSlice(budget))
      const contexts = members.map(({ session }) => session.inside(statements.client, group))
      const executed = first.session.work(() =>
        members.map(({ args }, i) => execute({ ...args, contextValue: contexts[i] })),
      )
      const results = await Promise.all(executed)
      const spoiling = results.flatMap((result, i) => spoils(result, contexts[i] as Context, isAlone))
      if (spoiling.length > 0) throw spoiling.find(isLockTimeout) ?? spoiling[0]
      const answers = results.map((result, i) => answerBeforeCommit(result, (contexts[i] as Context).limits))
      // Rejects if the database has given up this transaction: its COMMIT would silently roll back.
      if (results.some(({ errors }) => errors)) await checkTransaction(statements)
      return answers
    }
    try {
      const results = await writeAsTenant(this.#database, { ...reach, ...(isAlone ? { holder } : {}), budget }, work, {
        isShared,
      })
      this.#changes.written(tenantId, false)
      return results
    } catch (error) {
      // If this attempt got no connection, further attempts would get none either.
      const isFinal = !hasBegun || error instanceof OutcomeUnknown || (!isShared && isLockTimeout(error))
      // A write that took too long by itself would take as long again.
      if (isFinal || (members.length === 1 && isStatementTimeout(error))) throw error
      return null
    }
  }
}

/** Takes those writes off the queue whose targets nobody is writing to, and marks these targets. */
function takeMembers(queue: Queue): Waiting[] {
  const members: Waiting[] = []
  const others: Waiting[] = []
  for (const one of queue.waiting) {
    const isFree = members.length < MAX_MEMBERS && !one.targets.some((target) => queue.targets.has(target))
    ;(isFree ? members : others).push(one)
  }
  queue.waiting = others
  for (const { targets } of members) for (const target of targets) queue.targets.add(target)
  return members
}

/** The only root field; null if there are several. */
function onlyField({ document, operationName }: ExecutionArgs): FieldNode | null {
  const [selection, ...others] = getOperationAST(document, operationName)?.selectionSet.selections ?? []
  return selection?.kind === Kind.FIELD && others.length === 0 ? selection : null
}

const originals = ({ errors = [] }: ExecutionResult) => errors.map(({ originalError }) => originalError)

const wasSkipped = (result: ExecutionResult) => originals(result).some((error) => error instanceof RowSkipped)

const isLockTimeout = (error: unknown) => databaseCode(error) === LOCK_NOT_AVAILABLE

const isStatementTimeout = (error: unknown) => databaseCode(error) === QUERY_CANCELED

/**
 * Why the group must be rolled back: something may have been stored. Only a write that is refused before it writes
 * leaves nothing. The writes of a group share the time for redaction: by themselves, each has it all.
 */
function spoils(result: ExecutionResult, context: Context, isAlone: boolean): unknown[] {
  const unexpected = originals(result).filter((error) =>
    error instanceof PatternsExceeded ? !isAlone : error && !(error instanceof GraphQLError),
  )
  return result.data == null && context.wrote ? [new Error('a write to be undone'), ...unexpected] : unexpected
}
