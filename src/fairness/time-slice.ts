const SLICE_MS = 2
/** How long others may run between two slices, in lengths of a slice. */
const MAX_REST = 9
/** The same if the work is for a tenant that has used more than its share. */
const MAX_REST_OF_HEAVY = 19
/** A turn of the event loop that takes longer has done something for others. */
const IDLE_TURN_MS = 0.3

interface Waiting {
  start(): void
  maxRestMs: number
}

/** Work that waits for its next slice, whoever it is for. That of heavy tenants comes after all other work. */
const waiting: Record<'heavy' | 'others', Waiting[]> = { heavy: [], others: [] }
let isResting = false

/** Starts the next slice once the event loop has nothing else to do, or the rest was long enough. */
function startAfterRest() {
  isResting = true
  const beganMs = performance.now()
  let turnMs = beganMs
  const look = () => {
    const line = waiting.others.length > 0 ? waiting.others : waiting.heavy
    const nowMs = performance.now()
    const isBusy = nowMs - turnMs > IDLE_TURN_MS
    turnMs = nowMs
    if (isBusy && nowMs - beganMs < (line[0]?.maxRestMs ?? 0)) return setImmediate(look)
    line.shift()?.start()
    if (waiting.others.length + waiting.heavy.length > 0) return startAfterRest()
    isResting = false
    return null
  }
  setImmediate(look)
}

/** The tenant that the work is for. */
export interface Account {
  /** Counts a slice, and returns whether the tenant has used more than its share. */
  charge(ms: number): boolean
  /** Called after a rest. */
  rested(ms: number): void
}

/** Lets others go on before the next slice of work. */
async function letOthersGoOn(account: Account, sliceMs: number): Promise<void> {
  const beganMs = performance.now()
  const isHeavy = account.charge(sliceMs)
  const maxRestMs = sliceMs * (isHeavy ? MAX_REST_OF_HEAVY : MAX_REST)
  await new Promise<void>((start) => {
    waiting[isHeavy ? 'heavy' : 'others'].push({ start, maxRestMs })
    if (!isResting) startAfterRest()
  })
  account.rested(performance.now() - beganMs)
}

/** Runs pieces of work that come one by one, with waits between them, and rests before the next one once a slice is used up. */
export class Pieces {
  readonly #account: Account
  #usedMs = 0

  constructor(account: Account) {
    this.#account = account
  }

  async run<Result>(work: () => Result): Promise<Result> {
    while (this.#usedMs >= SLICE_MS) {
      const sliceMs = this.#usedMs
      this.#usedMs = 0
      await letOthersGoOn(this.#account, sliceMs)
    }
    const beganMs = performance.now()
    try {
      return work()
    } finally {
      this.#usedMs += performance.now() - beganMs
    }
  }
}

/** Keeps long work from holding up others: it rests whenever its slice of time is over. */
export class TimeSlice {
  readonly #account: Account
  #sinceMs = performance.now()

  constructor(account: Account) {
    this.#account = account
  }

  get isOver(): boolean {
    return performance.now() - this.#sinceMs >= SLICE_MS
  }

  async yieldToEventLoop(): Promise<void> {
    await letOthersGoOn(this.#account, performance.now() - this.#sinceMs)
    this.#sinceMs = performance.now()
  }
}

/** Maps the items, with rests between them. */
export async function mapInSlices<Item, Mapped>(
  items: readonly Item[],
  map: (item: Item) => Mapped,
  timeSlice: TimeSlice,
) {
  const mapped: Mapped[] = []
  for (const item of items) {
    mapped.push(map(item))
    if (timeSlice.isOver) await timeSlice.yieldToEventLoop()
  }
  return mapped
}
