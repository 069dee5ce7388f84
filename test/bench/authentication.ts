import { randomUUID } from 'node:crypto'
import { parseArgs } from 'node:util'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { RefusedAttempts } from '../../src/audit/refused-attempts.ts'
import { authenticate } from '../../src/auth/authenticate.ts'
import { IssuerKeys } from '../../src/auth/issuer-keys.ts'
import { SigningKeys } from '../../src/auth/signing-keys.ts'
import { parseConfig } from '../../src/config.ts'
import { makeAdminKey, makeFirstSigningKey } from '../../src/credentials/bootstrap-keys.ts'
import { restrictionOfClaims } from '../../src/credentials/row-restriction.ts'
import { connect } from '../../src/database/connect.ts'
import { SubscriberRegistry } from '../../src/live/subscriber-registry.ts'
import { createLog } from '../../src/log.ts'
import { createServer } from '../../src/server.ts'

/**
 * What finding out who asks takes of the list query's time (20 conversations with 6 messages), by kind of credential:
 *
 *   node test/bench/authentication.ts --url postgres://owner@localhost/parley_bench [--rounds 15]
 *
 * on a database that data.ts filled. In one process, without a socket: what it takes of what a client waits for is less.
 */
const { values } = parseArgs({ options: { url: { type: 'string' }, rounds: { type: 'string', default: '15' } } })
if (!values.url) throw new Error('--url is missing')
const rounds = Number(values.rounds)

const TENANT = 't000'
const LIST = `{ conversations(first: 20) { nodes { id status startedAt metadata messages(first: 6) { nodes {
  __typename sequence timestamp ... on ChatMessage { role content } ... on ToolCall { name } } } } } }`

const serving = new URL(values.url)
serving.username = serving.password = 'parley_bench_server'
const config = parseConfig(
  {
    ...{ DATABASE_URL: serving.href, DATABASE_OWNER_URL: values.url, NODE_ENV: 'production' },
    ...{ RATE_LIMIT_PER_MINUTE: '0', RATE_LIMIT_TENANT_PER_MINUTE: '0' },
  },
  () => true,
)
const database = await connect(config.database)
const signingKeys = new SigningKeys(database, 'for measuring alone, 32 characters')
await makeFirstSigningKey(database, signingKeys)
const changes = new SubscriberRegistry(database, 1)
const refusals = new RefusedAttempts(database, () => {})
const yoga = createServer({ database, signingKeys, changes, refusals, config, log: createLog('silent') })

const ask = async (headers: Record<string, string>, query: string, variables?: object) => {
  const body = JSON.stringify({ query, variables })
  const answer = await yoga.fetch('http://localhost/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  })
  const { data, errors } = await answer.json()
  if (errors) throw new Error(JSON.stringify(errors))
  return data
}

const admin = { authorization: `Bearer ${await makeAdminKey(database, 'bench')}`, 'x-tenant-id': TENANT }
const scopes = ['CONVERSATIONS_READ']
const { createEmbedToken } = await ask(
  admin,
  'mutation ($input: CreateEmbedTokenInput!) { createEmbedToken(input: $input) { token } }',
  { input: { scopes } },
)
const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
const issuer = `https://product-${randomUUID()}.example`
const keys = [{ ...(await exportJWK(publicKey)), kid: 'bench', alg: 'ES256', use: 'sig' }]
await ask(
  admin,
  'mutation ($input: RegisterTokenIssuerInput!) { registerTokenIssuer(input: $input) { tokenIssuer { id } } }',
  {
    input: { issuer, audience: 'parley', keys, tenantClaim: 'tenant', scopes },
  },
)
const foreign = await new SignJWT({ tenant: TENANT, scope: scopes.join(' ') })
  .setProtectedHeader({ alg: 'ES256', kid: 'bench' })
  .setIssuer(issuer)
  .setAudience('parley')
  .setIssuedAt()
  .setExpirationTime('1h')
  .sign(privateKey)

const credentials = {
  'account key': admin,
  'embed token': { authorization: `Bearer ${createEmbedToken.token}` },
  'token of an issuer': { authorization: `Bearer ${foreign}` },
}
const issuerKeys = new IssuerKeys({ allowLoopback: false, onFailure: () => {} })
const verifiers = { database, signingKeys, issuerTokens: { issuerKeys, restrictionOfClaims: restrictionOfClaims } }

/** Milliseconds of the process for each, with sixteen under way at any time: what one costs, not how long one waits. */
async function costOf(count: number, work: () => Promise<unknown>): Promise<number> {
  let left = count
  const start = performance.now()
  const worker = async () => {
    while (left-- > 0) await work()
  }
  await Promise.all(Array.from({ length: 16 }, worker))
  return (performance.now() - start) / count
}
const median = (times: number[]) => times.sort((a, b) => a - b)[times.length >> 1] ?? 0

const table = []
for (const [kind, headers] of Object.entries(credentials)) {
  const [who, list]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round += 1) {
    who.push(
      await costOf(400, () => authenticate(verifiers, new Headers(headers), { clientAddress: null, now: new Date() })),
    )
    list.push(await costOf(100, () => ask(headers, LIST)))
  }
  table.push({
    credential: kind,
    'authentication, ms': median(who).toFixed(2),
    'whole list query, ms': median(list).toFixed(2),
    share: `${((100 * median(who)) / median(list)).toFixed(1)} %`,
  })
}
console.table(table)
await changes.close()
await refusals.close()
await database.close()
