import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTHeaderParameters, SignJWT } from 'jose'
import { afterAll, expect } from 'vitest'
import type { Ask, TestServer } from '../../support/server.ts'

/** A key of a SaaS product that signs its own tokens. */
export interface IssuerKey {
  publicJwk: JWK
  privateKey: CryptoKey
  alg: string
  kid: string
}

export async function makeKey(kid: string, alg = 'ES256'): Promise<IssuerKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  return { publicJwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' }, privateKey, alg, kid }
}

export const AUDIENCE = 'https://parley.example'

let issuers = 0
/** A name that no other test has registered. */
export const newIssuerName = () => `https://product-${++issuers}.example`

export const REGISTER = `mutation ($input: RegisterTokenIssuerInput!) {
  registerTokenIssuer(input: $input) {
    tokenIssuer { id name issuer audience jwksUrl keys tenantClaim scopes createdAt updatedAt }
  }
}`

export const UPDATE = `mutation ($input: UpdateTokenIssuerInput!) {
  updateTokenIssuer(input: $input) {
    tokenIssuer { id name issuer audience jwksUrl keys tenantClaim scopes createdAt updatedAt }
  }
}`
export const DELETE = 'mutation ($id: ID!) { deleteTokenIssuer(input: { id: $id }) { deletedId } }'

export async function storedIssuers(server: TestServer) {
  const rows = await server.owner('SELECT to_jsonb(t)::text AS row FROM token_issuers t ORDER BY 1')
  return rows.map(({ row }) => row)
}

/** What is refused changes nothing. */
export async function expectRefused(
  server: TestServer,
  ask: Ask,
  document: string,
  input: object,
  code: string,
  inputPath: string,
  message?: string,
) {
  const before = await storedIssuers(server)
  const { data, errors } = await ask(document, { input })
  expect(data ?? null).toBeNull()
  expect(errors?.map(({ extensions }) => extensions)).toEqual([expect.objectContaining({ code, inputPath })])
  if (message !== undefined) expect(errors?.[0]?.message).toBe(`${inputPath}: ${message}`)
  expect(await storedIssuers(server)).toEqual(before)
}

/** Registers an issuer, by default for what a browser may do at most, and answers its id. */
export async function register(server: TestServer, input: Record<string, unknown>): Promise<string> {
  const { data, errors } = await server.admin(REGISTER, {
    input: { audience: AUDIENCE, scopes: ['ANALYTICS_READ', 'CONVERSATIONS_READ', 'INTERNALS_READ'], ...input },
  })
  if (errors) throw new Error(JSON.stringify(errors))
  return data.registerTokenIssuer.tokenIssuer.id
}

/** A token of ten minutes. A claim that is undefined is left out. */
export function sign(
  key: Pick<IssuerKey, 'privateKey' | 'alg' | 'kid'>,
  claims: Record<string, unknown>,
  header: Partial<JWTHeaderParameters> = {},
): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  return new SignJWT({ aud: AUDIENCE, iat: now, exp: now + 600, ...claims })
    .setProtectedHeader({ alg: key.alg, kid: key.kid, ...header })
    .sign(key.privateKey)
}

/** A server on this machine that answers with a key set, or as it is told. Closes by itself. */
export async function serveJwks(keys: JWK[]) {
  const jwks = {
    url: '',
    keys,
    /** How often it was asked. */
    requests: 0,
    /** Answers instead of the keys. */
    respond: null as ((request: IncomingMessage, response: ServerResponse) => void) | null,
  }
  const http = createServer((request, response) => {
    jwks.requests += 1
    if (jwks.respond) jwks.respond(request, response)
    else response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: jwks.keys }))
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  afterAll(() => {
    http.closeAllConnections()
    http.close()
  })
  jwks.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/jwks.json`
  return jwks
}

/** Who a token is taken for, or why it is not. */
export async function judge(server: TestServer, token: string) {
  const { status, data, errors } = await server.ask(
    { key: token },
    '{ viewer { kind credentialId name scopes tenant { id } } }',
  )
  if (data?.viewer) return data.viewer
  const [error] = errors ?? []
  return { status, code: error?.extensions.code, reason: error?.extensions['reason'], message: error?.message }
}

const refusal = (reason: string, message: string) => ({ status: 401, code: 'UNAUTHENTICATED', reason, message })
export const INVALID = refusal('INVALID', 'This token is not valid.')
export const EXPIRED = refusal('EXPIRED', 'This token has expired.')
export const REVOKED = refusal('REVOKED', 'This token was revoked.')
