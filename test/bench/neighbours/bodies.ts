import type { Lane } from './attacker.ts'
import type { Attack, Attacker } from './attacks.ts'
import { withCredential } from './credentials.ts'

/** The limits of credentials that only read, and of keys that write. */
const TOKEN = { bytes: 131_072, values: 10_000 }
const KEY = { bytes: 10_485_760, values: 250_000 }

/** Bodies that the server should refuse before it has read or parsed them. */
const TOO_MANY = 800_000

/**
 * The largest bodies that are allowed, with as many JSON values as are allowed, and larger ones; some of them never
 * end.
 */
export function largestBodies({ parley, tokens, keys }: Attacker): Attack {
  const withTokens = (body: string) => tokens.map((token) => withCredential(parley, token, body))
  const withKeys = (body: string) => keys.map((key) => withCredential(parley, key, body))
  const lane = (does: Lane['does'], requests: Buffer[], connections: number, perSecond: number): Lane => ({
    ...{ does, requests, connections, perSecond },
  })
  const largest = bodyOf(KEY)
  return {
    name: 'bodies',
    what: [
      '24 connections, tokens: 128 KB with 10,000 values',
      '8, keys: 10 MB with 250,000 values; at most 20 a second',
      '4, tokens: 10 MB with 250,000 values; 4, keys: 10 MB with 800,000 values; at most 5 a second each',
      '24, keys: 10 MB, the last bytes of which come at one a second',
    ],
    lanes: [
      lane('ASK', withTokens(bodyOf(TOKEN)), 24, 500),
      lane('ASK', withKeys(largest), 8, 20),
      lane('ASK', withTokens(largest), 4, 5),
      lane('ASK', withKeys(bodyOf({ ...KEY, values: TOO_MANY })), 4, 5),
      lane('TRICKLE', withKeys(largest), 24, 24),
    ],
  }
}

/**
 * This many values, and in the remaining bytes a text that is slow to parse. Half of the values are in `extensions`.
 */
export function bodyOf({ bytes, values }: { bytes: number; values: number }): string {
  const objects = (from: number, to: number) =>
    `{${Array.from({ length: to - from }, (_, i) => `"${from + i}":{}`).join()}}`
  // The request itself, its members and the text are values as well.
  const half = Math.floor((values - 20) / 2)
  const body = (text: string) =>
    `{"query":"{ viewer { __typename } }","variables":{"a":${objects(0, half)},"b":"${text}"},"extensions":{"a":${objects(half, 2 * half)}}}`
  const room = bytes - body('').length
  if (room < 0) throw new Error(`${values} values need more than ${bytes} bytes`)
  return body('\\u00e4'.repeat(Math.floor(room / 6)))
}
