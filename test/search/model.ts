import type { SearchColumns, SearchQuery } from '../../src/search/message-search.sql.ts'

/** What a search is: whether a text with these columns fits. */
export function finds({ search_words, search_parts }: SearchColumns, { parts: [part] }: SearchQuery): boolean {
  const words = search_words.trim().split(' ')
  const keys = new Set([...words, ...(search_parts ?? '').split(' ')])
  return (part?.alternatives ?? []).some((terms) =>
    terms.every((term) => {
      const stands = words.some((_, start) =>
        term.words.every(({ text, isPrefix }, i) => {
          const word = words[start + i] ?? ''
          return isPrefix ? word.startsWith(text) : word === text
        }),
      )
      // The index narrows down what may fit.
      const mayFit = term.keys.every((key) => keys.has(key))
      const isPart = term.words.length === 1 && keys.has(term.words[0]?.text ?? '')
      return (mayFit && (stands || isPart)) !== term.isExcluded
    }),
  )
}
