import { findCardNumbers } from './card-numbers.ts'
import type { DecodedText, Span } from './decoded-text.ts'
import { findAll } from './find-all.ts'

const LONG_NUMBER = /\d{13}/
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g
const LONGEST_CONTEXT = 32

/** Whether the text is a JSON object or list in which a number may be that of a card. Other JSON is text as any. */
export function isJsonWithLongNumbers(text: string): boolean {
  if (!/^\s*[[{]/.test(text) || !LONG_NUMBER.test(text)) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** The numbers of a JSON text that are those of cards: a whole number each, with what belongs to it. */
export function findJsonCardNumbers(json: string): Span[] {
  const found: Span[] = []
  for (const { 0: token, index } of findAll(TOKEN, json)) {
    if (token.startsWith('"') || !LONG_NUMBER.test(token)) continue
    const from = Math.max(index - LONGEST_CONTEXT, 0)
    const end = index + token.length
    if (findCardNumbers(json.slice(from, end)).length > 0) found.push({ start: index, end })
  }
  return found
}

const SPACE = '(?:\\s|\\\\+[nrt])*'
const KEY_BEFORE = new RegExp(`(?<!\\\\)(\\\\*")${SPACE}:${SPACE}$`)
const END_AFTER = new RegExp(`^${SPACE}(?:[,}\\]]|$)`)

/**
 * How strings are quoted where a number is the value of a key, in JSON that stands in other text or in a JSON string; '' if
 * it is none. `isJson`: the whole text is JSON, so that only what is quoted with backslashes stands in a string.
 */
export function quoteOfJsonNumber({ characters }: DecodedText, { start, end }: Span, isJson: boolean): string {
  const before = characters.slice(Math.max(start - LONGEST_CONTEXT, 0), start)
  const after = characters.slice(end, end + LONGEST_CONTEXT)
  if (!END_AFTER.test(after)) return ''
  const quote = KEY_BEFORE.exec(before)?.[1] ?? ''
  return isJson && quote === '"' ? '' : quote
}
