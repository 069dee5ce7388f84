/** All matches of a global pattern. Without an iterator, which costs more than to look through a short text in vain. */
export function findAll(pattern: RegExp, characters: string): readonly RegExpExecArray[] {
  const found: RegExpExecArray[] = []
  pattern.lastIndex = 0
  for (let match = pattern.exec(characters); match; match = pattern.exec(characters)) found.push(match)
  return found
}
