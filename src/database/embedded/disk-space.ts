import { statfsSync } from 'node:fs'

/**
 * A write begins only if this much is free: room for the largest transaction and two segments of PostgreSQL's log, each of
 * 16 MB. If PostgreSQL can't create a segment, it does not fail, but tries for ever.
 */
const RESERVE_BYTES = 64 * 1_048_576

/** Once writes are refused, this much must be free before they are allowed again. */
const ENOUGH_BYTES = 96 * 1_048_576

/** Whether there is room on the disk of a directory. */
export class DiskSpace {
  readonly #directory: string
  #isShort = false

  constructor(directory: string) {
    this.#directory = directory
  }

  get isShort(): boolean {
    return this.#isShort
  }

  /** Checks again, and returns whether the result has changed. Takes a few microseconds. */
  look(): boolean {
    const isShort = freeBytes(this.#directory) < (this.#isShort ? ENOUGH_BYTES : RESERVE_BYTES)
    if (isShort === this.#isShort) return false
    this.#isShort = isShort
    return true
  }
}

/** Whether this much may be written to the disk of a directory before writes are refused there. */
export const hasRoomFor = (bytes: number, directory: string): boolean => freeBytes(directory) >= bytes + ENOUGH_BYTES

/** Free bytes on the disk of a directory, for this user. */
export function freeBytes(directory: string): number {
  const { bavail, bsize } = statfsSync(directory)
  return bavail * bsize
}
