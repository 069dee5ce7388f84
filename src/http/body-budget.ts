import { BODIES_IN_FLIGHT } from '../domain/limits.ts'
import { overloaded } from '../errors.ts'

/** A sum of bytes that bodies count towards, and how large it may get. */
export interface BodyShare {
  name: string
  limit: number
}

const PROCESS: BodyShare = { name: 'process', limit: BODIES_IN_FLIGHT.process }

/** Bounds the memory of the bodies that are being read at a time, for the process and for each of those who send them. */
export class BodyBudget {
  readonly #bytes = new Map<string, number>()

  /** Bytes of all bodies that are being read. */
  get bytesInFlight(): number {
    return this.#bytes.get(PROCESS.name) ?? 0
  }

  /** Opens an account for one body, with no bytes yet. Release it once the body was read, or can't be. */
  open(shares: readonly BodyShare[]): BodyReservation {
    return new BodyReservation(this.#bytes, [PROCESS, ...shares])
  }
}

export class BodyReservation {
  readonly #bytes: Map<string, number>
  readonly #shares: readonly BodyShare[]
  #reserved = 0

  constructor(bytes: Map<string, number>, shares: readonly BodyShare[]) {
    this.#bytes = bytes
    this.#shares = shares
  }

  /** Throws OVERLOADED if so many bytes in all are too many now. */
  growTo(bytes: number): void {
    const more = bytes - this.#reserved
    if (more <= 0) return
    if (this.#shares.some(({ name, limit }) => (this.#bytes.get(name) ?? 0) + more > limit)) throw overloaded()
    this.#add(more)
  }

  release(): void {
    this.#add(-this.#reserved)
  }

  #add(bytes: number) {
    this.#reserved += bytes
    for (const { name } of this.#shares) {
      const sum = (this.#bytes.get(name) ?? 0) + bytes
      if (sum > 0) this.#bytes.set(name, sum)
      else this.#bytes.delete(name)
    }
  }
}
