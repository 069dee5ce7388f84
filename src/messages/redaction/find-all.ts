/** All matches of a global pattern. An iterator would cost more than searching a short text without a match. */
export function findAll(pattern: RegExp, characters: string): readonly RegExpExecArray[] {
  const found: RegExpExecArray[] = []
  pattern.lastIndex = 0
  for (let match = pattern.exec(characters); match; match = pattern.exec(characters)) found.push(match)
  return found
}
