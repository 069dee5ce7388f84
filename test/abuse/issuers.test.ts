import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { newToken, partOf, signAsServer } from '../credentials/embed-tokens/tokens.ts'
import {
  AUDIENCE,
  expectRefused,
  INVALID,
  judge,
  makeKey,
  newIssuerName,
  REGISTER,
  register,
  serveJwks,
  sign,
} from '../credentials/token-issuers/issuer.ts'
import { startTestServer } from '../support/server.ts'

// If eight waiting requests held a connection each, they would keep everybody out.
const server = await startTestServer({ database: { poolSize: 4 } })
const tenant = await server.newTenant()
const neighbour = await server.newTenant()
const TAKEN = { kind: 'ISSUER_TOKEN', tenant: { id: tenant.id } }
const OVERLOADED = { status: 503, code: 'OVERLOADED' }
const scopes = ['ANALYTICS_READ']

test('eight requests wait for the keys of an issuer, without a connection; others are OVERLOADED', async () => {
  const key = await makeKey('a')
  const jwks = await serveJwks([key.publicJwk])
  let answer = () => {}
  const held = new Promise<void>((resolve) => {
    answer = resolve
  })
  let asked = () => {}
  const isAsked = new Promise<void>((resolve) => {
    asked = resolve
  })
  jwks.respond = (_request, response) => {
    asked()
    void held.then(() => response.end(JSON.stringify({ keys: jwks.keys })))
  }
  const issuer = newIssuerName()
  await register(server, { issuer, jwksUrl: jwks.url })
  const token = await sign(key, { iss: issuer, tenant: tenant.id })
  const settled: unknown[] = []
  const requests = Array.from({ length: 20 }, () =>
    judge(server, token).then((result) => {
      settled.push(result)
      return result
    }),
  )
  await isAsked
  await expect.poll(() => settled.length).toBe(12)
  for (const refused of settled) expect(refused).toMatchObject(OVERLOADED)
  // Neither another tenant nor another issuer waits with them.
  expect((await neighbour.ask('{ conversations { totalCount } }')).errors).toBeUndefined()
  const other = newIssuerName()
  await register(server, { issuer: other, keys: [key.publicJwk] })
  expect(await judge(server, await sign(key, { iss: other, tenant: tenant.id }))).toMatchObject(TAKEN)
  answer()
  const answers = await Promise.all(requests)
  expect(answers.filter((one) => one.kind === 'ISSUER_TOKEN')).toHaveLength(8)
  expect(jwks.requests).toBe(1)
  // Nobody waits any more.
  expect(await Promise.all(Array.from({ length: 20 }, () => judge(server, token)))).toEqual(
    Array(20).fill(expect.objectContaining(TAKEN)),
  )
})

const rsa = (modulusLength: number, publicExponent: number) => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength, publicExponent })
  return { publicJwk: publicKey.export({ format: 'jwk' }) as Record<string, unknown>, privateKey }
}
const strong = rsa(2_048, 65_537)
const encode = (number: bigint) => {
  const hex = number.toString(16)
  return Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex').toString('base64url')
}
const withExponent = (exponent: bigint) => ({ ...strong.publicJwk, e: encode(exponent) })

test.each<[string, Record<string, unknown>, string]>([
  ['RSA with e = 3', rsa(2_048, 3).publicJwk, 'e'],
  ['RSA with e = 1', withExponent(1n), 'e'],
  ['RSA with e = 0', withExponent(0n), 'e'],
  ['RSA with e = 17, zeros before it', { ...strong.publicJwk, e: 'AAAAABE' }, 'e'],
  ['RSA with an even e', withExponent(65_538n), 'e'],
  ['RSA with e beyond 2^256', withExponent(2n ** 256n + 1n), 'e'],
  ['RSA with an e that is not a string', { ...strong.publicJwk, e: 65_537 }, 'e'],
  ['RSA with 1,024 bits', rsa(1_024, 65_537).publicJwk, 'n'],
  ['RSA with 2,047 bits', { ...strong.publicJwk, n: encode((1n << 2_046n) + 1n) }, 'n'],
  ['RSA with 1,024 bits and zeros before them', padded(rsa(1_024, 65_537).publicJwk), 'n'],
  ['RSA with 16,384 bits', { ...strong.publicJwk, n: encode((1n << 16_383n) + 1n) }, 'n'],
  ['a secret', { kty: 'oct', k: 'c2VjcmV0' }, 'kty'],
  ['an RSA key with its private part', { ...strong.privateKey.export({ format: 'jwk' }) }, 'd'],
  [
    'an EC key with its private part',
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }) as Record<string, unknown>,
    'd',
  ],
])('%s is not accepted as a key of an issuer, listed or fetched', async (_what, jwk, member) => {
  const key = { ...jwk, kid: 'weak' }
  const input = { issuer: newIssuerName(), audience: AUDIENCE, scopes }
  await expectRefused(
    server,
    server.admin,
    REGISTER,
    { ...input, keys: [key] },
    'BAD_USER_INPUT',
    `input.keys[0].${member}`,
  )
  // A set keeps its good keys.
  const good = await makeKey('good')
  const jwks = await serveJwks([key, good.publicJwk])
  await register(server, { ...input, jwksUrl: jwks.url })
  server.logged.length = 0
  expect(await judge(server, await sign(good, { iss: input.issuer, tenant: tenant.id }))).toMatchObject(TAKEN)
  expect(JSON.stringify(server.logged)).toContain(`keys[0]: ${member} `)
  const token = await sign(
    { privateKey: strong.privateKey as never, alg: 'RS256', kid: 'weak' },
    { iss: input.issuer, tenant: tenant.id },
  )
  expect(await judge(server, token)).toEqual(INVALID)
})

function padded(jwk: Record<string, unknown>) {
  return {
    ...jwk,
    n: Buffer.concat([Buffer.alloc(200), Buffer.from(String(jwk['n']), 'base64url')]).toString('base64url'),
  }
}

test('a token signed with a weak key is refused, whether the key is fetched or was stored before', async () => {
  const weak = rsa(2_048, 3)
  const key = { ...weak.publicJwk, kid: 'weak', alg: 'RS256' }
  const signer = { privateKey: weak.privateKey as never, alg: 'RS256', kid: 'weak' }
  const jwks = await serveJwks([key])
  const [fetched, stored] = [newIssuerName(), newIssuerName()]
  await register(server, { issuer: fetched, jwksUrl: jwks.url })
  await register(server, { issuer: stored, keys: [(await makeKey('a')).publicJwk] })
  await server.owner(`UPDATE token_issuers SET keys = '${JSON.stringify([key])}' WHERE issuer = '${stored}'`)
  for (const iss of [fetched, stored]) {
    expect(await judge(server, await sign(signer, { iss, tenant: tenant.id })), iss).toEqual(INVALID)
  }
  // It was refused because of the key.
  const ok = newIssuerName()
  await register(server, { issuer: ok, keys: [{ ...strong.publicJwk, kid: 'weak', alg: 'RS256' }] })
  const good = { privateKey: strong.privateKey as never, alg: 'RS256', kid: 'weak' }
  expect(await judge(server, await sign(good, { iss: ok, tenant: tenant.id }))).toMatchObject(TAKEN)
})

test('a key set of more than 100 keys is not used, nor are two keys with one id', async () => {
  const key = await makeKey('a')
  const [many, twice] = [
    await serveJwks(Array.from({ length: 101 }, (_, i) => ({ ...key.publicJwk, kid: `${i}` }))),
    await serveJwks([key.publicJwk, (await makeKey('a')).publicJwk]),
  ]
  for (const jwks of [many, twice]) {
    const issuer = newIssuerName()
    await register(server, { issuer, jwksUrl: jwks.url })
    const kid = jwks === many ? '7' : 'a'
    expect(await judge(server, await sign({ ...key, kid }, { iss: issuer, tenant: tenant.id }))).toEqual(INVALID)
  }
})

const UNKNOWN_CLAIMS = [
  'parley_agent',
  'PARLEY_METADATA',
  'Parley_Agents',
  'parley_end_users',
  'parley_agent_ids',
  'parley_',
  ' parley_metadata',
  'parley\u200b_metadata',
  '\ufeffparley_metadata',
  'ｐａｒｌｅｙ＿metadata',
  'pa\u00adrley_metadata',
  'par\u2063ley_agents',
  '𝐩𝐚𝐫𝐥𝐞𝐲_x',
]

test.each(UNKNOWN_CLAIMS)('an unknown claim %j makes a token invalid, be it an issuer’s or our own', async (claim) => {
  const key = await makeKey('a')
  const issuer = newIssuerName()
  await register(server, { issuer, keys: [key.publicJwk] })
  const claims = { iss: issuer, tenant: tenant.id }
  expect(await judge(server, await sign(key, { ...claims, parley: 1, my_parley_x: 1 }))).toMatchObject(TAKEN)
  expect(await judge(server, await sign(key, { ...claims, [claim]: { plan: 'pro' } }))).toEqual(INVALID)
  const own = partOf(await newToken(tenant.ask), 1)
  expect(await judge(server, await signAsServer(server, own))).toMatchObject({ kind: 'EMBED_TOKEN' })
  expect(await judge(server, await signAsServer(server, { ...own, [claim]: { plan: 'pro' } }))).toEqual(INVALID)
})

test('an issuer is not registered if it differs from another only by what can’t be seen or told apart', async () => {
  const { publicJwk } = await makeKey('a')
  const input = { audience: AUDIENCE, scopes, keys: [publicJwk] }
  const refused = (issuer: string) =>
    expectRefused(server, server.admin, REGISTER, { ...input, issuer }, 'EXTERNAL_ID_TAKEN', 'input.issuer')
  await register(server, { ...input, issuer: 'https://Acme.example/Straße' })
  for (const issuer of [
    'https://Acme.example/Straße',
    'https://acme.example/straße',
    'HTTPS://ACME.EXAMPLE/STRASSE',
    ' https://Acme.example/Straße',
    'https://Acme.example/Straße ',
    'https://Acme.example /Straße',
    'https://Acme.example\u00a0/Straße',
    'https://Acme.example/\u200bStraße',
    'https://Acme.example/Straße\ufeff',
    'https://Acme.example/Stra\u00adße',
    'https://Acme.example/\u202eStraße',
    'ｈｔｔｐｓ://Acme.example/Straße',
  ]) {
    await refused(issuer)
  }
  for (const issuer of ['Parley', ' parley', 'PARLEY\u200b']) {
    await expectRefused(server, server.admin, REGISTER, { ...input, issuer }, 'BAD_USER_INPUT', 'input.issuer')
  }
  await register(server, { ...input, issuer: 'https://acme.example/strasbourg' })
})

test('of similar issuers that are registered at once, only one is stored', async () => {
  const { publicJwk } = await makeKey('a')
  const input = { audience: AUDIENCE, scopes, keys: [publicJwk] }
  const answers = await Promise.all(
    ['https://twin.example', 'https://TWIN.example', 'https://twin.example '].map((issuer) =>
      server.admin(REGISTER, { input: { ...input, issuer } }),
    ),
  )
  expect(answers.flatMap(({ errors }) => errors?.map(({ extensions }) => extensions.code) ?? [])).toEqual([
    'EXTERNAL_ID_TAKEN',
    'EXTERNAL_ID_TAKEN',
  ])
})

test('issuers that were registered before stay, however similar', async () => {
  const key = await makeKey('a')
  const [issuer, other] = [newIssuerName(), newIssuerName()]
  await register(server, { issuer, keys: [key.publicJwk] })
  await register(server, { issuer: other, keys: [key.publicJwk] })
  await server.owner(`UPDATE token_issuers SET issuer = '${issuer.toUpperCase()}' WHERE issuer = '${other}'`)
  for (const iss of [issuer, issuer.toUpperCase()]) {
    expect(await judge(server, await sign(key, { iss, tenant: tenant.id })), iss).toMatchObject(TAKEN)
  }
})
