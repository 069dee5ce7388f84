import { visible } from '../parts/name.ts'

/** A decoded part of a token. Nothing in it is verified. */
export type DecodedPart = { members: Readonly<Record<string, unknown>> } | { problem: string }

export interface DecodedToken {
  header: DecodedPart
  claims: DecodedPart
  /** Why it does not have the form of a signed token; null if it does. */
  problem: string | null
}

/** Four times as long as any token that Parley accepts. */
const MAX_DECODED_LENGTH = 32_768

/** The header and the claims of a token. The signature is not decoded: it says nothing to people. */
export function decodeToken(token: string): DecodedToken {
  if (token.length > MAX_DECODED_LENGTH) return unreadable('It is too long to show.')
  const parts = token.split('.')
  const [header = '', claims] = parts
  return {
    header: decodePart(header),
    claims: claims === undefined ? { problem: 'The token has only one part.' } : decodePart(claims),
    problem: formProblem(token, parts.length),
  }
}

const unreadable = (problem: string): DecodedToken => ({ header: { problem }, claims: { problem }, problem })

function formProblem(token: string, parts: number): string | null {
  if (token.startsWith('parley_')) return 'It begins with parley_, so it is an API key and not a token.'
  if (/\s/.test(token)) return 'It contains spaces or line breaks. Paste it as one line.'
  if (parts === 5) return 'It has five parts, like an encrypted token (JWE). Parley accepts signed tokens only.'
  return parts === 3
    ? null
    : `It has ${parts === 1 ? 'one part' : `${parts} parts`}, but a JWT has three, separated by dots.`
}

function decodePart(text: string): DecodedPart {
  const bytes = decodeBase64Url(text)
  if (!bytes) return { problem: 'It is not base64url.' }
  const decoded = decodeUtf8(bytes)
  if (decoded === null) return { problem: 'It is not UTF-8 text.' }
  try {
    const members: unknown = JSON.parse(decoded)
    if (typeof members !== 'object' || members === null || Array.isArray(members))
      return { problem: 'It is not a JSON object.' }
    return { members: members as Record<string, unknown> }
  } catch {
    return { problem: 'It is not JSON.' }
  }
}

function decodeBase64Url(text: string): Uint8Array | null {
  if (!/^[\w-]+$/.test(text)) return null
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
    return Uint8Array.from(binary, (character) => character.charCodeAt(0))
  } catch {
    return null
  }
}

function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}

const MAX_SHOWN_LENGTH = 600

/** A value as JSON. Hidden characters become visible, because they can make claims differ. */
export function showValue(value: unknown): string {
  // JSON has no Infinity, but 1e999 is parsed as it.
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value)
  const cut = text.length > MAX_SHOWN_LENGTH ? `${text.slice(0, MAX_SHOWN_LENGTH)}… (${text.length} characters)` : text
  return visible(cut)
}
