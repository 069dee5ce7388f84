import type { Span } from './decoded-text.ts'

const LONGEST = 128
/** The user info of a URL (RFC 3986), as in `https://user:password@example.org/`, whose slashes may be escaped. */
const USER_INFO = /:\\*\/\\*\/[\w.~%!$&+=:'-]*$/

/** Whether the text that ends at an @ is the user info of a URL, and so not an address. */
export function isUserInfo(characters: string, at: number): boolean {
  return USER_INFO.test(characters.slice(Math.max(at - LONGEST, 0), at))
}

/** Whether a number is part of the user info of a URL, which is not redacted. */
export function isInUserInfo(characters: string, { start, end }: Span): boolean {
  const after = characters.slice(end, end + LONGEST).indexOf('@')
  if (after < 0) return false
  const from = Math.max(start - LONGEST, 0)
  const match = USER_INFO.exec(characters.slice(from, end + after))
  return match !== null && from + match.index < start
}
