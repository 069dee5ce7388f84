import type { Database } from '../database/connect.ts'
import { forbidden, notFound, unauthenticated } from '../errors.ts'
import { liesWithin } from '../input/networks.ts'
import { AcceptedCredentials } from './accepted-credentials.ts'
import { hashSecret, isHashOf, type KeySecrets, keyIdOf } from './api-key.ts'
import { lookUp } from './credential-lookup.ts'
import { recordsLastUse } from './last-use.ts'
import type { Authenticated, Caller, Principal, Scope } from './principal.ts'
import { RefusedCredential } from './refused-credential.ts'

interface KeyRow {
  tenant_id: string | null
  name: string
  scopes: Scope[]
  auto_create_tenants: boolean
  secret_hash: Uint8Array
  previous_secret_hash: Uint8Array | null
  previous_secret_expires_at: Date | null
  expires_at: Date | null
  revoked_at: Date | null
  requests_per_minute: number | null
  allowed_networks: string[]
  tenant_exists: boolean
}

const findKey = lookUp<KeyRow>('authenticate_api_key', ['uuid', 'text'])

const accepted = new AcceptedCredentials()

const recordUse = recordsLastUse('touch_api_key', (database, error) =>
  database.backgroundFailure('record the last use of API keys', error),
)

/** The principal of an API key, and the tenant of the request. */
export async function authenticateKey(database: Database, secret: string, caller: Caller): Promise<Authenticated> {
  const { tenantHeader: header, clientAddress, now } = caller
  const keyId = keyIdOf(secret)
  if (keyId === null) throw unauthenticated('This API key is malformed. Was it copied completely?', 'INVALID')
  const secretHash = hashSecret(secret)
  const name = Buffer.from(secretHash).toString('base64')
  const key = await findKey(database, [keyId, header], { wasAccepted: accepted.has(name) })
  if (!key) throw unauthenticated('This API key is not valid.', 'INVALID')
  const principal: Principal = {
    kind: key.tenant_id === null ? 'ACCOUNT_KEY' : 'TENANT_KEY',
    id: keyId,
    name: key.name,
    scopes: new Set(key.scopes),
    boundTenantId: key.tenant_id,
    autoCreateTenants: key.auto_create_tenants,
    rowRestriction: null,
    documents: 'ANY',
    subject: null,
    secretHash,
    expiresAt: key.expires_at,
    requestsPerMinute: key.requests_per_minute,
    allowedNetworks: key.allowed_networks,
  }
  const refusal = refusalOf(key, secretHash, now) ?? refusalOfAddress(key, clientAddress)
  if (refusal) throw new RefusedCredential(refusal, principal)
  accepted.add(name)
  recordUse(database, keyId, caller)
  if (key.tenant_id !== null) return { principal, tenantId: key.tenant_id, createsTenant: false }
  const createsTenant = header !== null && !key.tenant_exists
  if (createsTenant && !principal.autoCreateTenants) throw notFound('tenant', ['X-Tenant-Id'])
  return { principal, tenantId: header, createsTenant: createsTenant }
}

function refusalOf(key: KeyRow, secretHash: Uint8Array, now: Date) {
  if (!isHashOf(secretsOf(key), secretHash, now)) return unauthenticated('This API key is not valid.', 'INVALID')
  if (key.revoked_at) return unauthenticated('This API key was revoked.', 'REVOKED')
  if (key.expires_at && key.expires_at <= now) return unauthenticated('This API key has expired.', 'EXPIRED')
  return null
}

/** Whoever sends this has the secret, but must not learn from where it would be accepted. */
function refusalOfAddress({ allowed_networks: networks }: KeyRow, address: string | null) {
  if (networks.length === 0 || (address !== null && liesWithin(networks, address))) return null
  return forbidden('This API key is not accepted from the address of this request.', { reason: 'ADDRESS' })
}

const secretsOf = (key: KeyRow): KeySecrets => ({
  secretHash: key.secret_hash,
  previousSecretHash: key.previous_secret_hash,
  previousSecretExpiresAt: key.previous_secret_expires_at,
})
