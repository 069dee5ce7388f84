import { badInput, type InputPath, limitExceeded } from '../errors.ts'
import { WHOLE_NUMBER_LOST } from './exact-number.ts'
import { LIMITS } from './limits.ts'
import { LocalDate } from './local-date.ts'
import { RefusedInput } from './refused-input.ts'

/** Input that is nested deeper is refused: every real list, filter and JSON value is far flatter. */
const MAX_DEPTH = 32

/**
 * Refuses values that no input may contain, because they could not be returned as they were sent: text that PostgreSQL
 * or UTF-8 can't hold, whole numbers that a double can't, a key that JavaScript treats specially, and values that were
 * already refused. Throws at the first one.
 */
export function checkInput(value: unknown, path: InputPath, depth = 0): void {
  if (value instanceof RefusedInput) throw value.errorAt(path)
  if (typeof value === 'string') checkText(value, path)
  if (typeof value === 'number') checkNumber(value, path)
  if (value instanceof Date) checkYear(value, path)
  if (typeof value !== 'object' || value === null || value instanceof Date || value instanceof LocalDate) return
  if (depth >= MAX_DEPTH) throw limitExceeded(path, `is nested deeper than ${MAX_DEPTH} levels.`, MAX_DEPTH)
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) checkInput(item, [...path, index], depth + 1)
    return
  }
  for (const [key, item] of Object.entries(value)) {
    if (key === '__proto__') throw badInput(path, 'has the key "__proto__", which is not accepted.')
    checkText(key, path)
    checkInput(item, [...path, key], depth + 1)
  }
}

function checkText(text: string, path: InputPath) {
  if (text.includes('\u0000')) throw badInput(path, "contains the character U+0000, which PostgreSQL can't store.")
  if (!text.isWellFormed()) throw badInput(path, 'contains an unpaired surrogate, which is not valid Unicode.')
}

/** ISO 8601 has years of four digits. PostgreSQL has no year 0, and an offset can lead out of the range. */
function checkYear(time: Date, path: InputPath) {
  const year = time.getUTCFullYear()
  if (year < 1 || year > 9999) throw badInput(path, 'is not within the years 1 to 9999 in UTC.')
}

function checkNumber(number: number, path: InputPath) {
  if (!Number.isFinite(number)) throw badInput(path, 'is not a finite number.')
  if (Number.isInteger(number) && !Number.isSafeInteger(number)) {
    throw badInput(path, WHOLE_NUMBER_LOST)
  }
}

/** Refuses text longer than `limit` characters (UTF-16 units). */
export function checkLength(text: string | null | undefined, limit: number, path: InputPath) {
  if (text && text.length > limit) throw limitExceeded(path, `is longer than ${limit} characters.`, limit)
}

/** Refuses a JSON value larger than `limit` bytes of UTF-8. */
export function checkJsonSize(value: unknown, limit: number, path: InputPath) {
  if (value !== undefined && Buffer.byteLength(JSON.stringify(value)) > limit) {
    throw limitExceeded(path, `is larger than ${limit} bytes of JSON.`, limit)
  }
}

export function checkCount(list: readonly unknown[] | null | undefined, limit: number, path: InputPath) {
  if (list && list.length > limit)
    throw limitExceeded(path, `has ${list.length} entries; at most ${limit} are accepted.`, limit)
}

const DAY_MS = 86_400_000

/** A time more than a day ahead means that the caller's clock or unit is wrong. */
export function checkTime(time: Date | null | undefined, now: Date, path: InputPath) {
  if (time && time.getTime() > now.getTime() + DAY_MS) throw badInput(path, 'is more than a day in the future.')
  if (time && time.getTime() < 0) throw badInput(path, 'is before 1970.')
}

/** Refuses anything but a URL of these protocols: a page may put it into a link, so `javascript:` must not get there. */
export function checkUrl(url: string, protocols: readonly ('https' | 'http')[], path: InputPath) {
  checkLength(url, LIMITS.text, path)
  if (!URL.canParse(url) || !protocols.some((protocol) => new URL(url).protocol === `${protocol}:`))
    throw badInput(path, `must be an ${protocols.toReversed().join(' or ')} URL.`)
}

/** Refuses a name that is blank or too long. */
export function checkName(name: string, path: InputPath) {
  if (name.trim() === '') throw badInput(path, 'must not be empty.')
  checkLength(name, LIMITS.name, path)
}

/** Refuses labels or tags that are too many, blank or too long. */
export function checkLabels(labels: readonly string[] | null | undefined, path: InputPath) {
  checkCount(labels, LIMITS.labels, path)
  for (const [index, label] of (labels ?? []).entries()) checkName(label, [...path, index])
}

/** Refuses text that is not a language tag. Blank counts as not given. */
export function checkLanguage(language: string | null | undefined, path: InputPath) {
  checkLength(language, LIMITS.name, path)
  if (unlessBlank(language) !== null && !isLanguageTag(language as string)) {
    throw badInput(path, 'is not a BCP 47 language tag, such as en or pt-BR.')
  }
}

function isLanguageTag(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length > 0
  } catch {
    return false
  }
}

/** The text, or null if it is blank. */
export const unlessBlank = (text: string | null | undefined): string | null =>
  text == null || text.trim() === '' ? null : text
