import { findCardNumbers } from './card-numbers.ts'
import type { DecodedText, Span } from './decoded-text.ts'
import { findAll } from './find-all.ts'

const LONG_NUMBER = /\d{13}/
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g
const LONGEST_CONTEXT = 32

/** Whether the text is a JSON object or array with a number long enough for a card. Other JSON counts as text. */
export function isJsonWithLongNumbers(text: string): boolean {
  if (!/^\s*[[{]/.test(text) || !LONG_NUMBER.test(text)) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** The numbers in a JSON text that are card numbers. A span is a whole JSON number, with its sign and exponent. */
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
 * The quotation mark for a number that is the value of a key, in JSON within other text or within a JSON string; '' if
 * it is not one. `isJson`: the whole text is JSON, so that only what is quoted with backslashes is within a string.
 */
export function quoteOfJsonNumber({ characters }: DecodedText, { start, end }: Span, isJson: boolean): string {
  const before = characters.slice(Math.max(start - LONGEST_CONTEXT, 0), start)
  const after = characters.slice(end, end + LONGEST_CONTEXT)
  if (!END_AFTER.test(after)) return ''
  const quote = KEY_BEFORE.exec(before)?.[1] ?? ''
  return isJson && quote === '"' ? '' : quote
}
