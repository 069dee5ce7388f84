import { toBytes } from '../measure.ts'
import type { Parley } from '../systems/parley.ts'
import { makeToken } from './dashboards.ts'

/** So many of one tenant that the limit of a single credential is not the bottleneck. */
export interface Credentials {
  tokens: string[]
  /** Keys that may write. */
  keys: string[]
}

const TOKENS = 12
const KEYS = 6

export async function makeCredentials(parley: Parley, tenantId: string): Promise<Credentials> {
  const tokens = []
  for (let n = 0; n < TOKENS; n += 1) tokens.push(await makeToken(parley, tenantId, `page-${n}`))
  const keys = []
  for (let n = 0; n < KEYS; n += 1) keys.push(await makeKey(parley, tenantId))
  return { tokens, keys }
}

async function makeKey({ ask }: Parley, tenantId: string): Promise<string> {
  const input = `name: "bench", tenantId: "${tenantId}", scopes: [CONVERSATIONS_READ, CONVERSATIONS_WRITE, ANALYTICS_READ]`
  const answer = await ask(tenantId, `mutation { generateApiKey(input: { ${input} }) { secret } }`)
  return JSON.parse(answer).data.generateApiKey.secret
}

/** A request as bytes with one of these credentials; `body` is JSON. */
export const withCredential = (parley: Parley, credential: string, body: string, headers = {}): Buffer =>
  toBytes(parley.origin, { path: '/graphql', headers: { authorization: `Bearer ${credential}`, ...headers }, body })

export const queryBody = (query: string, variables: object = {}) => JSON.stringify({ query, variables })
