import type { Context } from '../context.ts'
import { limitExceeded } from '../errors.ts'
import { LIMITS } from '../input/limits.ts'
import type { Reading } from './measure-kinds.ts'
import type { BucketedPeriod } from './series.ts'
import { bucketEdges, type Calendar, type Period } from './time-buckets.ts'

/** A bucket of a series. */
export interface Bucket {
  calendar: Calendar
  start: Date
  end: Date
  isPartial: boolean
}

export interface Point extends Reading {
  bucket: Bucket
}

/**
 * How many points one series of an operation may have beside the others. Each is counted under the name of its root
 * field, so that a field that is read again counts once.
 */
export class SeriesPoints {
  readonly #ofAll: Map<string, number>
  readonly #key: string
  readonly #measures: number

  constructor({ seriesPoints }: Context, key: string, measures: number) {
    this.#ofAll = seriesPoints
    this.#key = key
    this.#measures = measures
  }

  get #others(): number {
    let sum = 0
    for (const [key, count] of this.#ofAll) if (key !== this.#key) sum += count
    return sum
  }

  #tooMany(argument: 'range' | 'groupBy', points: string): Error {
    const limit = LIMITS.seriesPoints
    const beside = this.#others > 0 ? `, in addition to ${this.#others} points of the operation's other series` : ''
    return limitExceeded([argument], `makes ${points}${beside}; the limit is ${limit} points per operation.`, limit)
  }

  /** The period with its buckets. Throws LIMIT_EXCEEDED if they are too many for one line of each measure. */
  inBuckets(period: Period, calendar: Calendar): Required<BucketedPeriod> {
    const atMost = Math.floor((LIMITS.seriesPoints - this.#others) / this.#measures)
    const ofOtherPeriod = this.#ofAll.get(this.#key) ?? 0
    // What is refused is not counted.
    this.#ofAll.delete(this.#key)
    const edges = bucketEdges(period, calendar, atMost, (fewest) =>
      this.#tooMany('range', `at least ${fewest * this.#measures} points: measures × buckets`),
    )
    this.#ofAll.set(this.#key, Math.max(this.#measures * (edges.length - 1), ofOtherPeriod))
    return { ...period, edges }
  }

  /** Throws LIMIT_EXCEEDED if there are too many groups. */
  checkGroups(groups: number, buckets: number): void {
    const count = this.#measures * groups * buckets
    this.#ofAll.delete(this.#key)
    if (this.#others + count <= LIMITS.seriesPoints) return void this.#ofAll.set(this.#key, count)
    throw this.#tooMany('groupBy', `${count} points: measures × groups × buckets`)
  }
}

export function bucketsOf(calendar: Calendar, { from, to, edges }: Required<BucketedPeriod>, now: Date): Bucket[] {
  // As numbers: comparing a year of Dates takes as long as summing it.
  const [first, last] = [from.getTime(), Math.min(to.getTime(), now.getTime())]
  return edges.slice(1).map((end, bucket) => {
    const start = edges[bucket] ?? from
    return { calendar, start, end, isPartial: start.getTime() < first || end.getTime() > last }
  })
}

export const pointsOf = (buckets: readonly Bucket[], readingOf: (bucket: number) => Reading): Point[] =>
  buckets.map((bucket, i) => {
    const { value, count } = readingOf(i)
    return { bucket, value, count }
  })

/** Makes a value when it is first needed. */
export function lazy<Value>(make: () => Value): () => Value {
  let made: { value: Value } | null = null
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
