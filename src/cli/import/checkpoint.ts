import type { Batch } from './read-batches.ts'

/** Knows up to which line everything is settled, while batches end in another order than they began. */
export class Checkpoint {
  readonly #underWay = new Set<Batch>()
  #unread: number

  constructor(firstLine: number) {
    this.#unread = firstLine
  }

  begin(batch: Batch) {
    this.#underWay.add(batch)
    this.#unread = batch.lastLine + 1
  }

  settle(batch: Batch) {
    this.#underWay.delete(batch)
  }

  /** The first line that may not be settled: an import that continues here leaves none out. */
  get line(): number {
    return Math.min(this.#unread, ...Array.from(this.#underWay, ({ firstLine }) => firstLine))
  }
}
