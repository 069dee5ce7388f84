import { overloaded } from '../../errors.ts'
import { type Share, SharedAmounts } from '../../fairness/shared-amounts.ts'
import { BODIES_IN_FLIGHT, BODY_LIMITS } from '../../input/limits.ts'

const PROCESS: Share = { name: 'process', limit: BODIES_IN_FLIGHT.process }
const LARGE: Share = { name: 'large', limit: BODIES_IN_FLIGHT.large }

/** Whose bodies count together. */
export interface BodyShares {
  /** Bytes up to what a read-only credential may send. */
  ordinary: readonly Share[]
  /** Bytes beyond that. */
  large: readonly Share[]
}

/** Limits the memory of the bodies that are being read, for the process and for each sender. */
export class BodyBudget {
  readonly #bytes = new SharedAmounts()

  /** Bytes of all bodies that are being read. */
  get bytesInFlight(): number {
    return this.#bytes.sumOf(PROCESS.name)
  }

  /** Opens an empty reservation for one body. Release it once the body has been read, or can't be. */
  open({ ordinary, large }: BodyShares): BodyReservation {
    return new BodyReservation(this.#bytes, { ordinary: [PROCESS, ...ordinary], large: [PROCESS, LARGE, ...large] })
  }
}

export class BodyReservation {
  readonly #bytes: SharedAmounts
  readonly #shares: BodyShares
  #ordinary = 0
  #large = 0

  constructor(bytes: SharedAmounts, shares: BodyShares) {
    this.#bytes = bytes
    this.#shares = shares
  }

  /** Throws OVERLOADED if this many bytes in all are too many now. */
  growTo(bytes: number): void {
    const ordinary = Math.min(bytes, BODY_LIMITS.readOnlyBytes)
    this.#add(this.#shares.ordinary, ordinary - this.#ordinary)
    this.#ordinary = Math.max(this.#ordinary, ordinary)
    this.#add(this.#shares.large, bytes - ordinary - this.#large)
    this.#large = Math.max(this.#large, bytes - ordinary)
  }

  #add(shares: readonly Share[], more: number) {
    if (more > 0 && this.#bytes.add(shares, more)) throw overloaded()
  }

  release(): void {
    this.#bytes.remove(this.#shares.ordinary, this.#ordinary)
    this.#bytes.remove(this.#shares.large, this.#large)
    this.#ordinary = 0
    this.#large = 0
  }
}
