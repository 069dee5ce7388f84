import type { Batch } from './read-batches.ts'

/** Knows up to which entry of the file everything is settled, while batches end in another order than they began. */
export class Checkpoint {
  readonly #underWay = new Set<Batch>()
  #unread: number

  constructor(first: number) {
    this.#unread = first
  }

  begin(batch: Batch) {
    this.#underWay.add(batch)
    this.#unread = batch.last + 1
  }

  settle(batch: Batch) {
    this.#underWay.delete(batch)
  }

  /** The first entry that may not be settled: an import that continues here leaves none out. */
  get next(): number {
    return Math.min(this.#unread, ...Array.from(this.#underWay, ({ first }) => first))
  }
}
