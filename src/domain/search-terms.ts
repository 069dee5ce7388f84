/**
 * A word, or a dash that negates no word: PostgreSQL keeps such dashes on a stack of 32. To PostgreSQL, symbols that
 * are alphabetic are words as well, such as Ⓐ and 🄰.
 */
const TERM = /[\p{L}\p{N}\p{M}\p{Alphabetic}]+|-(?!"?[\p{L}\p{N}\p{Alphabetic}])/gu

/** At least how many terms PostgreSQL makes of a search text. A phrase has as many as it has words. */
export const countSearchTerms = (search: string): number => search.match(TERM)?.length ?? 0
