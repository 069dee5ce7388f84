import type { Database } from '../database/connect.ts'
import { type Changed, whatChanged } from '../database/conversation-changes.ts'
import type { Snapshot } from '../database/snapshot.ts'
import { transaction } from '../database/transaction.ts'
import type { Seat } from './seat.ts'

/** A wake-up that got lost costs this much time and no more. */
const POLL_MS = 3_000

/** Reads that follow one another closely would find little each. */
const REST_MS = 50

/**
 * What changes of one tenant, read once for all who wait for it: it wakes those whom a change concerns, who then
 * read for themselves, with their own reach and from where they were.
 */
export class ChangeFeed {
  /** Once it watches: what is committed after that wakes. Rejects where it can't begin. */
  readonly begun: Promise<void>
  readonly #database: Database
  readonly #tenantId: string
  readonly #seats = new Set<Seat>()
  #seen: Snapshot | null = null
  #timer: NodeJS.Timeout | null = null
  #dueMs = Number.POSITIVE_INFINITY
  #lastRead: Promise<void> = Promise.resolve()
  #reading = false
  #readMs = Number.NEGATIVE_INFINITY
  #ended = false

  constructor(database: Database, tenantId: string) {
    this.#database = database
    this.#tenantId = tenantId
    this.begun = this.#read()
    this.#follow(this.begun)
  }

  get size(): number {
    return this.#seats.size
  }

  add(seat: Seat): void {
    this.#seats.add(seat)
  }

  remove(seat: Seat): void {
    this.#seats.delete(seat)
  }

  /** Something may have been written; with `credentials`, some subscriber may have to go. */
  wake(credentials: boolean): void {
    if (credentials) for (const seat of this.#seats) seat.wake()
    this.#readIn(Math.max(0, this.#readMs + REST_MS - performance.now()))
  }

  /** Ends those who wait for it; resolves when it reads no more. */
  async stop(): Promise<void> {
    this.#ended = true
    if (this.#timer) clearTimeout(this.#timer)
    for (const seat of this.#seats) seat.stop()
    await this.#lastRead
  }

  #readIn(ms: number) {
    const dueMs = performance.now() + ms
    if (this.#ended || dueMs >= this.#dueMs) return
    if (this.#timer) clearTimeout(this.#timer)
    this.#dueMs = dueMs
    // A read that is under way may have begun before the change: it is followed by another.
    if (this.#reading) return
    this.#timer = setTimeout(() => this.#follow(this.#read()), ms)
    this.#timer.unref()
  }

  /** Where a look fails, the next one makes up for it. */
  #follow(read: Promise<void>) {
    this.#lastRead = read.catch((error) => this.#database.backgroundFailure('read what changed', error))
  }

  async #read() {
    this.#reading = true
    this.#readMs = performance.now()
    this.#dueMs = Number.POSITIVE_INFINITY
    try {
      const reach = { tenantId: this.#tenantId, admin: false, lock: null, readOnly: true }
      const changed = await transaction(this.#database, reach, (client) =>
        whatChanged(client, this.#tenantId, this.#seen),
      )
      this.#seen = changed.seen
      this.#tell(changed)
    } finally {
      this.#reading = false
      const asked = this.#dueMs
      this.#dueMs = Number.POSITIVE_INFINITY
      this.#readIn(Math.min(POLL_MS, Math.max(0, asked - performance.now())))
    }
  }

  #tell({ conversationIds }: Changed) {
    const changed = conversationIds && new Set(conversationIds)
    if (changed?.size === 0) return
    for (const seat of this.#seats) {
      if (!changed || seat.conversationId === null || changed.has(seat.conversationId)) seat.wake()
    }
  }
}
