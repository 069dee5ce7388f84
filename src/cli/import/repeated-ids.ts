import { createHash } from 'node:crypto'

/** Which entry of a file has an id first. It holds 48 bits of each id's hash, so that a file of millions fits in memory. */
export class RepeatedIds {
  readonly #firstWith = new Map<number, number>()

  /** The entry that had this id before; null if none. */
  note(externalId: string, entry: number): number | null {
    const hash = createHash('sha256').update(externalId).digest().readUIntBE(0, 6)
    const first = this.#firstWith.get(hash)
    if (first === undefined) this.#firstWith.set(hash, entry)
    return first ?? null
  }
}
