import type { ServerResponse } from 'node:http'
import PQueue from 'p-queue'
import { overloaded } from '../../errors.ts'
import type { AnswerRoom, GrowingAnswer } from '../../fairness/answer-room.ts'
import { type Full, HeldAmounts, type Release } from '../../fairness/held-amounts.ts'
import type { Holder } from '../../fairness/holder.ts'
import { type HeldLimits, MAX_UNREAD_BYTES } from '../../input/limits.ts'

const WHOSE: Record<Full['by'], string> = {
  credential: 'This credential has',
  tokens: 'The tenant’s tokens have',
  tenant: 'The tenant has',
  process: 'The server has',
}

/** How often it checks whether slow streams have been read. */
const LOOK_EVERY_MS = 250

/**
 * Counts the bytes of answers that the clients' sockets have not accepted yet: clients that send requests and do not
 * read would fill the memory of this process.
 */
export class UnreadAnswers implements AnswerRoom {
  readonly #held: HeldAmounts
  /** Queues for those who write long answers. */
  readonly #writers = new Lines()
  /** What streams hold. A stream whose socket has nothing left to send holds nothing. */
  readonly #streams = new Map<ServerResponse, Release[]>()
  /** Streams whose end is already listened for. */
  readonly #watched = new WeakSet<ServerResponse>()
  #timer: NodeJS.Timeout | null = null

  constructor(limits: HeldLimits = MAX_UNREAD_BYTES) {
    this.#held = new HeldAmounts(limits)
  }

  get bytes(): number {
    return this.#held.total
  }

  /** Throws OVERLOADED if no answer could be held, or if the last one could not be: then this one need not be made. */
  refuseFull(holder: Holder): void {
    const full = this.#held.full(holder)
    if (full) throw tooManyUnread(full)
  }

  /** Holds what has been written of an answer, until all of it is written and can be held as a whole. */
  growing(holder: Holder): GrowingAnswer {
    const releases: Release[] = []
    let written = 0
    let endTurn: (() => void) | null = null
    return {
      turn: async () => {
        if (endTurn) return
        endTurn = await this.#writers.turn(holder.tenantId)
        this.refuseFull(holder)
      },
      grow: (bytes) => {
        written += bytes
        releases.push(this.#take(holder, bytes, written))
      },
      end: () => {
        for (const release of releases) release()
        endTurn?.()
      },
    }
  }

  /** Holds an answer until its response has been sent, or the client is gone. Throws OVERLOADED. */
  hold(holder: Holder, bytes: number, response: ServerResponse): void {
    const release = this.#take(holder, bytes)
    if (response.closed) release()
    else response.once('close', release)
  }

  /** Holds an answer in a stream until the socket has accepted it. Throws OVERLOADED. */
  holdInStream(holder: Holder, bytes: number, response: ServerResponse): void {
    const release = this.#take(holder, bytes)
    const held = this.#streams.get(response)
    if (held) {
      held.push(release)
      return
    }
    this.#streams.set(response, [release])
    if (!this.#watched.has(response)) response.once('close', () => this.#releaseStream(response))
    this.#watched.add(response)
    // By then it has been written, and most sockets have accepted it.
    setImmediate(() => this.#look())
  }

  #take(holder: Holder, bytes: number, wanted = bytes): Release {
    const taken = this.#held.take(holder, bytes, wanted)
    if (typeof taken === 'function') return taken
    throw tooManyUnread(taken)
  }

  #look() {
    for (const response of this.#streams.keys()) {
      if (response.writableLength === 0 || response.closed) this.#releaseStream(response)
    }
    if (this.#streams.size === 0 || this.#timer !== null) return
    this.#timer = setTimeout(() => {
      this.#timer = null
      this.#look()
    }, LOOK_EVERY_MS).unref()
  }

  #releaseStream(response: ServerResponse) {
    for (const release of this.#streams.get(response) ?? []) release()
    this.#streams.delete(response)
  }
}

/** Queues, each of which lets one caller run at a time. */
class Lines {
  readonly #lines = new Map<string, PQueue>()

  /** Resolves when it is the caller's turn, with the function that ends it. */
  turn(name: string): Promise<() => void> {
    const line = this.#lines.get(name) ?? new PQueue({ concurrency: 1 })
    this.#lines.set(name, line)
    return new Promise((begin) => {
      void line
        .add(() => new Promise<void>(begin))
        .finally(() => {
          if (line.size === 0 && line.pending === 0) this.#lines.delete(name)
        })
    })
  }
}

const tooManyUnread = ({ by, limit }: Full) => overloaded(`${WHOSE[by]} too many unread answers.`, { limit })
