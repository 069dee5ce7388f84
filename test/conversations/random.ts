/** Choices that follow from a seed alone, so that a failure can be run again. (The generator is Mulberry32.) */
export function randomFrom(seed: number) {
  let state = seed
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (limit: number) => Math.floor(next() * limit)
  // The list is never empty, so the element is there.
  const pick = <Value>(list: readonly Value[]) => list[below(list.length)] as Value
  const chance = (probability: number) => next() < probability
  return {
    below,
    pick,
    chance,
    /** The value, or null. */
    maybe: <Value>(value: Value, probability = 0.7) => (chance(probability) ? value : null),
    /** Up to `most` different elements; now and then none. */
    some: <Value>(list: readonly Value[], most: number) => [
      ...new Set(Array.from({ length: below(most + 1) }, () => pick(list))),
    ],
  }
}

export type Random = ReturnType<typeof randomFrom>
