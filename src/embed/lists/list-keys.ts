/** Where a key moves to in a list with one column; null if it moves nothing. */
export function placeAfterKey(
  key: string,
  place: number | null,
  { count, pageLength }: { count: number; pageLength: number },
): number | null {
  const moved = moves(place ?? -1, pageLength, count)[key]
  if (moved === undefined || count === 0) return null
  return Math.min(Math.max(0, moved), count - 1)
}

const moves = (place: number, pageLength: number, count: number): Record<string, number | undefined> => ({
  ArrowDown: place + 1,
  ArrowUp: place - 1,
  PageDown: place + pageLength,
  PageUp: place - pageLength,
  Home: 0,
  End: count - 1,
})
