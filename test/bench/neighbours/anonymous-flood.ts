import { randomBytes } from 'node:crypto'
import { makeSecret } from '../../../src/auth/api-key.ts'
import { newUuid } from '../../../src/input/ids.ts'
import { toBytes } from '../measure.ts'
import { STAMP } from '../systems/written.ts'
import type { Lane } from './attacker.ts'
import type { Attack, Attacker } from './attacks.ts'
import { bodyOf } from './bodies.ts'
import { queryBody, withCredential } from './credentials.ts'

/** Addresses of this machine other than the one that dashboards come from, so that no one else's budget is used up. */
const ADDRESSES = Array.from({ length: 60 }, (_, i) => `127.0.1.${i + 1}`)

/** Credentials that nobody issued, as many as are sent in about a minute. */
const UNKNOWN = 5_000

/** Requests without a credential, or with a useless one. */
export function anonymousFlood({ parley, tokens }: Attacker): Attack {
  const { host } = new URL(parley.origin)
  const question = queryBody('{ viewer { __typename } }')
  const body = (json: string) => toBytes(parley.origin, { path: '/graphql', headers: {}, body: json })
  const head = (first: string, ...more: string[]) =>
    Buffer.from(`${[`${first} HTTP/1.1`, `host: ${host}`, ...more].join('\r\n')}\r\n\r\n`)
  const preflight = head(
    'OPTIONS /graphql',
    ...[`origin: https://bench-${STAMP}.example`, 'access-control-request-method: POST'],
    'access-control-request-headers: authorization,content-type',
  )
  const unknownKeys = Array.from({ length: UNKNOWN }, () => withCredential(parley, makeSecret(newUuid()), question))
  const forged = Array.from({ length: 500 }, (_, i) =>
    withCredential(parley, forge(tokens[i % tokens.length] ?? ''), question),
  )
  const lane = (requests: Buffer[], connections: number, perSecond: number, does: Lane['does'] = 'ASK'): Lane => ({
    ...{ does, requests, connections, perSecond, from: ADDRESSES },
  })
  const largest = body(bodyOf({ bytes: 10_485_760, values: 800_000 }))
  return {
    name: 'anonymous',
    what: [
      `from ${ADDRESSES.length} addresses; a second at most: 20 bodies of 10 MB with 800,000 values (8 connections) and 20 that never end (16),`,
      '300 preflights, each from a different origin (16), 300 unknown keys and tokens with a forged signature (16),',
      '200 × /ready (8), 100 small requests without a credential (8), 50 with an invalid host (4)',
    ],
    lanes: [
      lane([largest], 8, 20),
      lane([largest], 16, 20, 'TRICKLE'),
      lane([preflight], 16, 300),
      lane([...unknownKeys, ...forged], 16, 300),
      lane([head('GET /ready')], 8, 200),
      lane([body(question)], 8, 100),
      lane([Buffer.from(`GET /graphql HTTP/1.1\r\nhost: a b\r\n\r\n`)], 4, 50),
    ],
  }
}

/** The same token, with a forged signature. */
const forge = (token: string) => `${token.split('.').slice(0, 2).join('.')}.${randomBytes(64).toString('base64url')}`
