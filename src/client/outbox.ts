/** A write that waits to be sent, or is under way. */
export interface Entry {
  operation: 'log' | 'append' | 'complete' | 'update'
  /** Of the conversation: its writes are sent one after the other, in this order. */
  lane: string
  /** The id or external id that the caller gave; null if none. */
  conversation: string | null
  /** The input without its entries, as JSON. */
  fields: string
  /** The entries of an append, each as JSON. */
  messages: readonly string[]
  idempotencyKey: string
  /** How many writes it stands for. */
  count: number
  bytes: number
  /** Whether it was sent, and so must be sent again as it was. */
  wasSent: boolean
  /** How often Parley failed to store it, so that it may be the reason. */
  failures: number
  /** How many requests had succeeded when it failed for the first time. */
  failedAt: number
  /** Whether it is sent by itself, because it may be the reason why others failed with it. */
  isApart: boolean
  /** Whether another append may be joined to it: it says nothing but messages. */
  isOpenEnded: boolean
  isUnderWay: boolean
  /** The appends that became this one. */
  joined?: readonly Entry[]
}

/** How many characters of JSON go in one request. */
const MAX_REQUEST_CHARACTERS = 1_000_000
const MAX_MESSAGES = 1_000

/** Writes in their order. It holds so many bytes, and drops the oldest if there are more. */
export class Outbox {
  readonly #maxBytes: number
  readonly #entries = new Set<Entry>()
  readonly #lanes = new Map<string, Entry[]>()
  #bytes = 0
  #count = 0
  #underWay = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** How many writes wait or are under way. */
  get count(): number {
    return this.#count
  }

  /** How many wait. */
  get waiting(): number {
    return this.#count - this.#underWay
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0
  }

  /** Adds a write. Returns how many were dropped for it. */
  add(entry: Entry): number {
    if (entry.bytes > this.#maxBytes) return entry.count
    let dropped = 0
    for (const oldest of this.#bytes + entry.bytes > this.#maxBytes ? this.#entries : []) {
      if (this.#bytes + entry.bytes <= this.#maxBytes) break
      if (oldest.isUnderWay) continue
      this.remove(oldest)
      dropped += oldest.count
    }
    if (this.#bytes + entry.bytes > this.#maxBytes) return dropped + entry.count
    this.#entries.add(entry)
    this.#bytes += entry.bytes
    this.#count += entry.count
    const lane = this.#lanes.get(entry.lane)
    if (lane) lane.push(entry)
    else this.#lanes.set(entry.lane, [entry])
    return dropped
  }

  /**
   * The writes of the next request: the first of the lane that has waited longest; if it logs a conversation, with others
   * that do, up to `most`; if it appends, with the appends after it. Those that failed come last. They are under way until
   * `remove` or `giveBack`.
   */
  take(most: number): Entry[] {
    const taken = this.#next(most, false)
    if (taken.length === 0) taken.push(...this.#next(most, true))
    for (const entry of taken) {
      entry.isUnderWay = true
      if (entry.operation === 'append') this.#join(entry)
      this.#underWay += entry.count
    }
    return taken
  }

  #next(most: number, hasFailed: boolean): Entry[] {
    const taken: Entry[] = []
    let characters = 0
    for (const [entry] of this.#lanes.values() as Iterable<[Entry]>) {
      if (entry.isUnderWay || entry.failures > 0 !== hasFailed || (taken.length > 0 && !isSentTogether(entry))) continue
      characters += entry.fields.length
      if (taken.length > 0 && characters > MAX_REQUEST_CHARACTERS) break
      taken.push(entry)
      if (!isSentTogether(entry) || taken.length === most) break
    }
    return taken
  }

  /** Appends that were never sent become one, with the key of the first. */
  #join(first: Entry) {
    const lane = this.#lanes.get(first.lane) as Entry[]
    const messages = [...first.messages]
    const joined = [{ ...first }]
    for (const next of lane.slice(1, MAX_MESSAGES)) {
      const isTooMuch =
        first.bytes + next.bytes > MAX_REQUEST_CHARACTERS || messages.length + next.messages.length > MAX_MESSAGES
      if (
        !first.isOpenEnded ||
        first.wasSent ||
        first.isApart ||
        next.operation !== 'append' ||
        next.wasSent ||
        isTooMuch
      )
        break
      messages.push(...next.messages)
      first.fields = next.fields
      first.isOpenEnded = next.isOpenEnded
      first.count += next.count
      first.bytes += next.bytes
      this.#entries.delete(next)
      joined.push(next)
    }
    first.messages = messages
    if (joined.length > 1) first.joined = joined
    lane.splice(1, joined.length - 1)
  }

  /** Makes it the appends again that it was joined of. They are sent one after the other. */
  split(entry: Entry) {
    if (!this.#entries.delete(entry)) return
    this.#underWay -= entry.count
    const parts = entry.joined ?? []
    for (const part of parts) this.#entries.add(Object.assign(part, { isApart: true, isUnderWay: false }))
    this.#lanes.get(entry.lane)?.splice(0, 1, ...parts)
  }

  giveBack(entry: Entry) {
    // Unless it was dropped meanwhile.
    if (this.#entries.has(entry)) this.#underWay -= entry.count
    entry.isUnderWay = false
  }

  remove(entry: Entry) {
    if (!this.#entries.delete(entry)) return
    this.#bytes -= entry.bytes
    this.#count -= entry.count
    if (entry.isUnderWay) this.#underWay -= entry.count
    const lane = this.#lanes.get(entry.lane) as Entry[]
    lane.splice(lane.indexOf(entry), 1)
    // The others come first now.
    this.#lanes.delete(entry.lane)
    if (lane.length > 0) this.#lanes.set(entry.lane, lane)
  }

  /** Drops all there is, and what is under way as well. Returns how many writes. */
  clear(): number {
    const dropped = this.#count
    this.#entries.clear()
    this.#lanes.clear()
    this.#bytes = 0
    this.#count = 0
    this.#underWay = 0
    return dropped
  }
}

const isSentTogether = ({ operation, isApart }: Entry) => operation === 'log' && !isApart
