type Key = Record<string, unknown>

export type ParsedKeys = { keys: Key[] } | { problem: string }

/** The members of a JWK that only its owner may have. `k` is a shared secret. */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']

/** The public keys in a text: one JWK, a list of them, or a JWKS. A private key is refused before anything is sent. */
export function parseKeys(text: string): ParsedKeys {
  const trimmed = text.trim()
  if (trimmed === '') return { problem: 'Paste at least one public key.' }
  if (trimmed.startsWith('-----BEGIN')) return { problem: pemProblem(trimmed) }
  const parsed = parseJson(trimmed)
  // The browser's own message would quote the text, which may be a private key.
  if (parsed === undefined) return { problem: 'This is not JSON. Paste a JWK, which begins with { and ends with }.' }
  const given = listOf(parsed)
  if (given.length === 0) return { problem: 'This list contains no keys.' }
  const keys: Key[] = []
  for (const [index, key] of given.entries()) {
    const subject = given.length === 1 ? 'This' : `Key ${index + 1}`
    if (!isObject(key))
      return { problem: `${subject} is not a JWK: it must be a JSON object, such as {"kty": "EC", …}.` }
    const problem = keyProblem(key, subject)
    if (problem !== null) return { problem }
    keys.push(key)
  }
  return { keys }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is Key => typeof value === 'object' && value !== null && !Array.isArray(value)

function listOf(parsed: unknown): unknown[] {
  if (Array.isArray(parsed)) return parsed
  return isObject(parsed) && Array.isArray(parsed['keys']) ? parsed['keys'] : [parsed]
}

function keyProblem(key: Key, subject: string): string | null {
  if (key['kty'] === 'oct' || 'k' in key) {
    return `${subject} is a shared secret (kty oct), which can also sign tokens. It was not sent. Paste a public key instead, such as one for RS256 or ES256.`
  }
  const given = PRIVATE_MEMBERS.filter((member) => member in key)
  if (given.length > 0) {
    return `${subject} is a private key: it has ${given.map((member) => `“${member}”`).join(', ')}. It was not sent. Paste only the public key, without ${given.length === 1 ? 'this member' : 'these members'}.`
  }
  return typeof key['kty'] === 'string' ? null : `${subject} is not a JWK: it has no “kty”.`
}

const pemProblem = (text: string) =>
  /PRIVATE KEY/.test(text)
    ? 'This is a private key, in PEM. It was not sent. Paste the matching public key, as a JWK.'
    : 'This is PEM. Paste the key as a JWK, which is JSON.'
