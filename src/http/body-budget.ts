import { BODIES_IN_FLIGHT } from '../domain/limits.ts'
import { type Share, SharedAmounts } from '../domain/shared-amounts.ts'
import { overloaded } from '../errors.ts'

const PROCESS: Share = { name: 'process', limit: BODIES_IN_FLIGHT.process }

/** Limits the memory of the bodies that are being read, for the process and for each sender. */
export class BodyBudget {
  readonly #bytes = new SharedAmounts()

  /** Bytes of all bodies that are being read. */
  get bytesInFlight(): number {
    return this.#bytes.sumOf(PROCESS.name)
  }

  /** Opens a reservation for one body, of no bytes yet. Release it once the body has been read, or can't be. */
  open(shares: readonly Share[]): BodyReservation {
    return new BodyReservation(this.#bytes, [PROCESS, ...shares])
  }
}

export class BodyReservation {
  readonly #bytes: SharedAmounts
  readonly #shares: readonly Share[]
  #reserved = 0

  constructor(bytes: SharedAmounts, shares: readonly Share[]) {
    this.#bytes = bytes
    this.#shares = shares
  }

  /** Throws OVERLOADED if this many bytes in all are too many now. */
  growTo(bytes: number): void {
    const more = bytes - this.#reserved
    if (more <= 0) return
    if (this.#bytes.add(this.#shares, more)) throw overloaded()
    this.#reserved = bytes
  }

  release(): void {
    this.#bytes.remove(this.#shares, this.#reserved)
    this.#reserved = 0
  }
}
