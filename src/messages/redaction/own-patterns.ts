import { LRUCache } from 'lru-cache'
import type { RE2JS, RE2Set } from 're2js'
import type { RedactionPattern } from '../../tenants/tenant-settings.sql.ts'
import type { Span } from './decoded-text.ts'

export interface OwnPattern {
  replacement: string
  find: (text: string) => Generator<Span | null>
}

/** A match of more characters may not be found. Texts are searched in windows of twice that. */
export const MAX_MATCH = 512
/** After so many matches of a pattern in a text, the rest of the text counts as one. */
export const MAX_MATCHES = 500
/** Of the state machine that finds the windows with matches. */
const SET_BYTES = 1_048_576
const MAX_SETS = 32

const compiled = new LRUCache<string, OwnPattern[]>({ max: MAX_SETS })

/** The patterns of a tenant, compiled once for as long as they are used. */
export async function compileOwnPatterns(patterns: readonly RedactionPattern[]): Promise<OwnPattern[]> {
  const key = JSON.stringify(patterns)
  const known = compiled.get(key)
  if (known) return known
  const { RE2JS, RE2Set } = await import('re2js')
  const made = patterns.map(({ pattern, replacement }) => {
    const quick = new RE2Set(RE2Set.UNANCHORED, 0, SET_BYTES / patterns.length)
    quick.add(pattern)
    const expression = RE2JS.compile(pattern)
    return { replacement, find: (text: string) => findMatches(text, expression, quick) }
  })
  compiled.set(key, made)
  return made
}

/**
 * The matches from left to right, and null now and then, so that the caller can rest between two steps. A step takes at
 * most the size of the program times a window, and their number is bounded: no pattern takes long for a hostile text.
 * If in doubt, too much is a match: one that goes on beyond its window ends with the text.
 */
function* findMatches(text: string, expression: RE2JS, quick: RE2Set): Generator<Span | null> {
  let matches = 0
  let after = 0
  let nextStart = 0
  for (let start = 0; start < text.length; start = nextStart) {
    nextStart = wholeCharacter(text, start + MAX_MATCH)
    // With the character before it, which says whether a word begins there.
    const from = Math.max(start - 1, 0)
    const window = text.slice(from, wholeCharacter(text, start + 2 * MAX_MATCH))
    if (after < nextStart && quick.match(window).length > 0) {
      const matcher = expression.matcher(window)
      let next = Math.max(after, start) - from
      while (next <= window.length && matcher.find(next)) {
        const span = { start: matcher.start() + from, end: matcher.end() + from }
        // The next window sees it whole.
        if (span.start >= nextStart) break
        if (span.end === span.start) {
          // Patterns with empty matches are refused; each search takes as long as a step.
          yield null
          next = matcher.end() + ((text.codePointAt(span.end) ?? 0) > 0xffff ? 2 : 1)
          continue
        }
        matches += 1
        if (matches > MAX_MATCHES || span.end === from + window.length) {
          yield { start: span.start, end: text.length }
          return
        }
        next = matcher.end()
        after = span.end
        yield span
      }
    }
    yield null
  }
}

/** The same place, or the one before it if it is between the halves of a character. */
const wholeCharacter = (text: string, index: number) => {
  const unit = text.charCodeAt(index)
  return unit >= 0xdc00 && unit < 0xe000 ? index - 1 : index
}
