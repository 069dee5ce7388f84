/** A party whose use is measured. */
export abstract class Party {
  running = 0
  /** What it has used, on top of what others had used when it began. Only differences mean anything. */
  #usedMs: number
  /** The sum of the times at which its running work began. */
  #beganSumMs = 0

  constructor(usedMs: number) {
    this.#usedMs = usedMs
  }

  abstract get isIdle(): boolean

  get isForgettable(): boolean {
    return this.isIdle
  }

  usedMs(nowMs: number): number {
    return this.#usedMs + this.runningMs(nowMs)
  }

  /** How long its running work has been running, in all. */
  runningMs(nowMs: number): number {
    return this.running * nowMs - this.#beganSumMs
  }

  /** Idle time earns no credit. */
  raiseTo(usedMs: number) {
    this.#usedMs = Math.max(this.#usedMs, usedMs)
  }

  begin(nowMs: number) {
    this.running += 1
    this.#beganSumMs += nowMs
  }

  end(beganMs: number, endedMs: number) {
    this.running -= 1
    this.#beganSumMs = this.running === 0 ? 0 : this.#beganSumMs - beganMs
    this.use(endedMs - beganMs)
  }

  use(ms: number) {
    this.#usedMs += ms
  }
}

/** Parties that take turns. */
export class Round<Member extends Party> {
  readonly #members = new Map<string, Member>()
  /** What the party whose turn came last had used. */
  #frontMs = 0

  members(): Iterable<Member> {
    return this.#members.values()
  }

  get(name: string, make: (usedMs: number) => Member): Member {
    const known = this.#members.get(name)
    if (known) {
      if (known.isIdle) known.raiseTo(this.#frontMs)
      return known
    }
    const made = make(this.#frontMs)
    this.#members.set(name, made)
    return made
  }

  turnTo(member: Member, nowMs: number) {
    this.#frontMs = Math.max(this.#frontMs, member.usedMs(nowMs))
    member.begin(nowMs)
  }

  /** Parties that have used more than others stay until the others have caught up. */
  forgetIdle() {
    for (const [name, member] of this.#members) {
      if (member.isForgettable && member.usedMs(0) <= this.#frontMs) this.#members.delete(name)
    }
  }

  get isEmpty(): boolean {
    return this.#members.size === 0
  }
}

/** What `find` returns for the party that has used least, of those for which it returns something. */
export function leastUsed<Member extends Party, Found>(
  members: Iterable<Member>,
  nowMs: number,
  find: (member: Member) => Found | undefined,
): Found | undefined {
  let [next, leastMs]: [Found | undefined, number] = [undefined, Number.POSITIVE_INFINITY]
  for (const member of members) {
    const usedMs = member.usedMs(nowMs)
    const found = usedMs < leastMs ? find(member) : undefined
    if (found !== undefined) [next, leastMs] = [found, usedMs]
  }
  return next
}
