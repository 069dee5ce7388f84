/** A write that waits to be sent, or is under way. */
export interface Entry {
  operation: 'log' | 'append' | 'complete' | 'update'
  /** Of the conversation: its writes are sent one after the other, in this order. */
  lane: string
  /** The id or external id that the caller gave; null if none. */
  conversation: string | null
  /** The input without its entries, as JSON. */
  fields: string
  /** The entries of an append, as JSON: lists without their brackets, none of them empty. */
  messages: readonly string[]
  messageCount: number
  /** Empty until it is taken for the first time. */
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
  /** In how large a request it may be sent: smaller ones, if it may be the reason why others failed with it. */
  most: number
  /** Whether another append may be joined to it: it says nothing but messages. */
  isOpenEnded: boolean
  /** Counts the calls. */
  number: number
  place: 'WAITING' | 'UNDER_WAY' | 'GONE'
  /** Its neighbours among those that wait. */
  older: Entry | null
  newer: Entry | null
  /** The appends that became this one. */
  joined?: readonly Entry[]
}

/** How many characters of JSON go in one request. */
const MAX_REQUEST_CHARACTERS = 1_000_000
const MAX_MESSAGES = 1_000

/** Writes in their order. It holds so many bytes, and drops the oldest if there are more. */
export class Outbox {
  readonly #maxBytes: number
  readonly #lanes = new Map<string, Entry[]>()
  // A linked list: a set would pass the places of thousands that were deleted whenever the oldest is dropped.
  #oldest: Entry | null = null
  #newest: Entry | null = null
  #bytes = 0
  #count = 0
  #underWay = 0
  #droppedSent = 0
  #calls = 0
  /** All calls up to this one are due. */
  #due = 0

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
    return this.#count === 0
  }

  /** Whether something waits that is to be sent now. */
  get isDue(): boolean {
    return this.#oldest !== null && this.#oldest.number <= this.#due
  }

  /** What waits now is due. */
  callDue() {
    this.#due = this.#calls
  }

  /** Adds a write. Returns how many were dropped for it. */
  add(entry: Entry): number {
    if (entry.bytes > this.#maxBytes) return entry.count
    let dropped = 0
    while (this.#oldest && this.#bytes + entry.bytes > this.#maxBytes) {
      dropped += this.#oldest.count
      this.#noteDropped(this.#oldest)
      this.remove(this.#oldest)
    }
    // The rest is under way.
    if (this.#bytes + entry.bytes > this.#maxBytes) return dropped + entry.count
    this.#calls += 1
    entry.number = this.#calls
    this.#link(entry, this.#newest, null)
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
    const key = taken.length > 0 ? crypto.randomUUID() : ''
    for (const [index, entry] of taken.entries()) {
      this.#unlink(entry)
      entry.place = 'UNDER_WAY'
      // One random number for all: it takes longer to make than all else about an entry.
      entry.idempotencyKey ||= `${key}-${index}`
      if (entry.operation === 'append') this.#join(entry)
      this.#underWay += entry.count
    }
    return taken
  }

  #next(most: number, hasFailed: boolean): Entry[] {
    const taken: Entry[] = []
    let room = most
    let characters = 0
    for (const [entry] of this.#lanes.values() as Iterable<[Entry]>) {
      if (entry.place !== 'WAITING' || entry.failures > 0 !== hasFailed) continue
      if (taken.length > 0 && (!isSentTogether(entry) || entry.most <= taken.length)) continue
      characters += entry.fields.length
      if (taken.length > 0 && characters > MAX_REQUEST_CHARACTERS) break
      taken.push(entry)
      room = Math.min(room, entry.most)
      if (!isSentTogether(entry) || taken.length === room) break
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
        first.bytes + next.bytes > MAX_REQUEST_CHARACTERS || first.messageCount + next.messageCount > MAX_MESSAGES
      if (
        !first.isOpenEnded ||
        first.wasSent ||
        first.most === 1 ||
        next.operation !== 'append' ||
        next.wasSent ||
        isTooMuch
      )
        break
      this.#unlink(next)
      next.place = 'GONE'
      messages.push(...next.messages)
      first.messageCount += next.messageCount
      first.fields = next.fields
      first.isOpenEnded = next.isOpenEnded
      first.count += next.count
      first.bytes += next.bytes
      joined.push(next)
    }
    first.messages = messages
    if (joined.length > 1) first.joined = joined
    lane.splice(1, joined.length - 1)
  }

  /** Makes it the appends again that it was joined of. They are sent one after the other. */
  split(entry: Entry) {
    if (entry.place === 'GONE') return
    entry.place = 'GONE'
    this.#underWay -= entry.count
    const parts = entry.joined ?? []
    for (const part of parts.toReversed()) this.#link(Object.assign(part, { most: 1 }), null, this.#oldest)
    this.#lanes.get(entry.lane)?.splice(0, 1, ...parts)
  }

  /** Those of a request wait again, as the oldest. */
  giveBack(entries: readonly Entry[]) {
    for (const entry of entries.toReversed()) {
      // It was dropped meanwhile.
      if (entry.place === 'GONE') continue
      this.#underWay -= entry.count
      this.#link(entry, null, this.#oldest)
    }
  }

  remove(entry: Entry) {
    if (entry.place === 'GONE') return
    if (entry.place === 'UNDER_WAY') this.#underWay -= entry.count
    else this.#unlink(entry)
    entry.place = 'GONE'
    this.#bytes -= entry.bytes
    this.#count -= entry.count
    const lane = this.#lanes.get(entry.lane) as Entry[]
    lane.splice(lane.indexOf(entry), 1)
    // The others come first now.
    this.#lanes.delete(entry.lane)
    if (lane.length > 0) this.#lanes.set(entry.lane, lane)
  }

  /** Drops all there is, and what is under way as well. Returns how many writes. */
  clear(): number {
    const dropped = this.#count
    for (const lane of this.#lanes.values()) {
      for (const entry of lane) this.#noteDropped(entry)
      for (const entry of lane) Object.assign(entry, { place: 'GONE', older: null, newer: null })
    }
    this.#lanes.clear()
    this.#oldest = null
    this.#newest = null
    this.#bytes = 0
    this.#count = 0
    this.#underWay = 0
    return dropped
  }

  /** How many of those that were dropped since it was asked had been sent, and may have been stored. */
  forgetDroppedSent(): number {
    const sent = this.#droppedSent
    this.#droppedSent = 0
    return sent
  }

  #noteDropped({ wasSent, count }: Entry) {
    if (wasSent) this.#droppedSent += count
  }

  #link(entry: Entry, older: Entry | null, newer: Entry | null) {
    entry.place = 'WAITING'
    entry.older = older
    entry.newer = newer
    if (older) older.newer = entry
    else this.#oldest = entry
    if (newer) newer.older = entry
    else this.#newest = entry
  }

  #unlink(entry: Entry) {
    const { older, newer } = entry
    if (older) older.newer = newer
    else this.#oldest = newer
    if (newer) newer.older = older
    else this.#newest = older
    entry.older = null
    entry.newer = null
  }
}

const isSentTogether = ({ operation, most }: Entry) => operation === 'log' && most > 1
