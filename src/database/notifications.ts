import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { createClient } from './postgres-clients.ts'
import type { Session } from './session.ts'

/**
 * Says that something may have changed. It is only a hint: whoever is woken checks for itself, and would do so without
 * being woken.
 */
export interface ChangeNotification {
  /** Whose data was written; null: anybody's. */
  tenantIds: readonly string[] | null
  /** Whether credentials may have ended. */
  credentials: boolean
}

/** Tells processes on one database about each other's writes, and a process about its own. */
export interface ChangeNotifications {
  /** Does not wait, and does not fail. */
  publish(wakeup: ChangeNotification): void
  /** Returns a function that ends it. */
  listen(listener: (wakeup: ChangeNotification) => void): () => void
  close(): Promise<void>
}

/** For a database that one process has to itself. */
export function notificationsInside(): ChangeNotifications {
  const listeners = new Set<(wakeup: ChangeNotification) => void>()
  return {
    publish(wakeup) {
      for (const listener of listeners) listener(wakeup)
    },
    listen(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async close() {
      listeners.clear()
    },
  }
}

const CHANNEL = 'parley_changes'

/**
 * NOTIFY is sent outside the transaction that it reports, and at most this often: when it commits, it waits for a lock
 * that all databases of the cluster share, and would make all writers wait for one another.
 */
const NOTIFY_EVERY_MS = 50

/** A NOTIFY holds up to 8,000 bytes. */
const MAX_PAYLOAD_BYTES = 7_000

const RECONNECT_AFTER_MS = 1_000

/** How long PostgreSQL may take to accept the connection that listens, and LISTEN. */
const ANSWER_WITHIN_MS = 10_000

/** Notifies through PostgreSQL's LISTEN and NOTIFY, with a connection of its own for as long as somebody listens. */
export function wakeupsThroughPostgres(
  pool: Session,
  connectionString: string,
  onFailure: (work: string, error: unknown) => void,
): ChangeNotifications {
  const self = randomUUID()
  const inside = notificationsInside()
  const sender = new Sender(pool, self, (error) => onFailure('notify other processes of writes', error))
  const onListenFailure = (error: unknown) => onFailure('listen for writes of other processes', error)
  let listener: Listener | null = null
  let listening = 0
  const receive = (payload: string) => {
    const { from, ...wakeup } = parsePayload(payload)
    if (from !== self) inside.publish(wakeup)
  }
  return {
    publish(wakeup) {
      inside.publish(wakeup)
      sender.send(wakeup)
    },
    listen(listenerInside) {
      const end = inside.listen(listenerInside)
      listening += 1
      // Notifications sent while nobody was connected are lost: after that, anything may have changed.
      const onConnected = () => inside.publish({ tenantIds: null, credentials: true })
      listener ??= new Listener({ connectionString, onPayload: receive, onConnected, onFailure: onListenFailure })
      return () => {
        end()
        listening -= 1
        if (listening > 0) return
        void listener?.close()
        listener = null
      }
    },
    async close() {
      sender.close()
      await Promise.all([inside.close(), listener?.close()])
    },
  }
}

/** Any role of the database may send anything on the channel: a payload that is not ours wakes everybody. */
function parsePayload(payload: string): ChangeNotification & { from: string | null } {
  try {
    const { from, tenantIds, credentials } = JSON.parse(payload)
    return { from, tenantIds: Array.isArray(tenantIds) ? tenantIds : null, credentials: credentials !== false }
  } catch {
    return { from: null, tenantIds: null, credentials: true }
  }
}

/** Collects notifications and sends them together. */
class Sender {
  readonly #pool: Session
  readonly #self: string
  readonly #onFailure: (error: unknown) => void
  #tenantIds: Set<string> | null = new Set()
  #credentials = false
  #timer: NodeJS.Timeout | null = null
  #closed = false

  constructor(pool: Session, self: string, onFailure: (error: unknown) => void) {
    this.#pool = pool
    this.#self = self
    this.#onFailure = onFailure
  }

  send({ tenantIds, credentials }: ChangeNotification) {
    if (this.#closed) return
    if (tenantIds === null) this.#tenantIds = null
    else for (const id of tenantIds) this.#tenantIds?.add(id)
    this.#credentials ||= credentials
    this.#timer ??= setTimeout(() => this.#flush(), NOTIFY_EVERY_MS)
    this.#timer.unref()
  }

  close() {
    this.#closed = true
    if (this.#timer) clearTimeout(this.#timer)
  }

  #flush() {
    const tenantIds = this.#tenantIds && [...this.#tenantIds]
    const wakeup = { from: this.#self, tenantIds, credentials: this.#credentials }
    const payload = JSON.stringify(wakeup)
    const short =
      Buffer.byteLength(payload) > MAX_PAYLOAD_BYTES ? JSON.stringify({ ...wakeup, tenantIds: null }) : payload
    this.#tenantIds = new Set()
    this.#credentials = false
    this.#timer = null
    // Nothing is lost if it fails: the others check every few seconds without it.
    this.#pool.query('SELECT pg_notify($1, $2)', [CHANNEL, short]).catch(this.#onFailure)
  }
}

interface ListenerOptions {
  connectionString: string
  onPayload: (payload: string) => void
  onConnected: () => void
  onFailure: (error: unknown) => void
}

/** A connection that listens, and is replaced when it breaks. (pg-listen does the same, with three more packages.) */
class Listener {
  readonly #options: ListenerOptions
  #client: pg.Client | null = null
  #retry: NodeJS.Timeout | null = null
  #closed = false

  constructor(options: ListenerOptions) {
    this.#options = options
    void this.#connect()
  }

  async close() {
    this.#closed = true
    if (this.#retry) clearTimeout(this.#retry)
    // A connection that can't be closed cleanly is gone already.
    await this.#client?.end().catch(() => {})
  }

  async #connect() {
    const { connectionString, onPayload, onConnected } = this.#options
    const client = createClient({
      connectionString,
      application_name: 'parley listen',
      // Otherwise a connection that is accepted but never answered would be waited for without end.
      connectionTimeoutMillis: ANSWER_WITHIN_MS,
      query_timeout: ANSWER_WITHIN_MS,
    })
    this.#client = client
    client.on('error', (error) => this.#report(error))
    client.once('end', () => this.#reconnect())
    client.on('notification', ({ payload }) => onPayload(payload ?? ''))
    try {
      await client.connect()
      await client.query(`LISTEN ${CHANNEL}`)
      onConnected()
    } catch (error) {
      this.#report(error)
      // It may be half open. However it ends, a new connection is made after it.
      client.end().catch(() => {})
    }
  }

  #report(error: unknown) {
    // Closing it may interrupt a connection attempt, which is not a failure.
    if (!this.#closed) this.#options.onFailure(error)
  }

  #reconnect() {
    if (this.#closed) return
    this.#retry = setTimeout(() => void this.#connect(), RECONNECT_AFTER_MS)
    this.#retry.unref()
  }
}
