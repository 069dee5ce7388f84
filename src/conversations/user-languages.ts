/**
 * The language of a conversation if none was given: the most frequent one of its user messages; on a tie, the one that
 * came first.
 */

/** By language: how many user messages are in it, and the time (ms since 1970) and sequence of the first one. */
export type UserLanguages = Record<string, [count: number, firstMs: number, firstSequence: number]>

interface Message {
  sequence?: number
  role?: string | null | undefined
  language?: string | null | undefined
  timestamp: Date
}

/** The columns of a conversation after these messages are added to those that were counted before. */
export function languagesOf(
  given: string | null | undefined,
  messages: readonly Message[],
  counted: UserLanguages = {},
): { language: string | null; user_languages: UserLanguages } {
  const languages = new Map(Object.entries(counted))
  for (const [index, { sequence = index, role, language, timestamp }] of messages.entries()) {
    if (role !== 'USER' || language == null) continue
    const [count, firstMs, firstSequence] = languages.get(language) ?? [0, Number.POSITIVE_INFINITY, sequence]
    const isFirst = timestamp.getTime() < firstMs
    languages.set(language, [count + 1, isFirst ? timestamp.getTime() : firstMs, isFirst ? sequence : firstSequence])
  }
  return { language: given ?? mostUsed(languages), user_languages: Object.fromEntries(languages) }
}

export const mostUsedLanguage = (languages: UserLanguages) => mostUsed(new Map(Object.entries(languages)))

function mostUsed(languages: ReadonlyMap<string, UserLanguages[string]>): string | null {
  const [first] = [...languages].sort(
    ([, [count, ms, sequence]], [, [otherCount, otherMs, otherSequence]]) =>
      otherCount - count || ms - otherMs || sequence - otherSequence,
  )
  return first?.[0] ?? null
}
