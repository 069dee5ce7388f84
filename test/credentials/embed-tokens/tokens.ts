import { importJWK, SignJWT } from 'jose'
import { SigningKeys } from '../../../src/auth/signing-keys.ts'
import { type Ask, SIGNING_KEY_SECRET, type TestServer } from '../../support/server.ts'

export const CREATE =
  'mutation ($input: CreateEmbedTokenInput!) { createEmbedToken(input: $input) { token expiresAt } }'

/** A token of a tenant, made with the key that asks. */
export async function newToken(ask: Ask, input: object = {}): Promise<string> {
  const { data, errors } = await ask(CREATE, { input })
  if (errors) throw new Error(JSON.stringify(errors))
  return data.createEmbedToken.token
}

export const partOf = (token: string, part: 0 | 1): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[part] ?? '', 'base64url').toString())

export const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Signs as the server does, whatever is claimed: for tokens that only somebody with its key could make. */
export async function signAsServer(server: TestServer, claims: object, header: object = {}): Promise<string> {
  const key = await new SigningKeys(server.database, SIGNING_KEY_SECRET).signingKey(server.database.prisma)
  if (!key) throw new Error('there is no signing key')
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'parley-embed+jwt', kid: key.id, ...header })
    .sign(await importJWK(key.privateJwk, 'EdDSA'))
}
