import type { Case } from './cases.ts'
import { issuerInput } from './planted-inputs.ts'

const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
const unsigned = (claims: object) => `${encoded({ alg: 'EdDSA' })}.${encoded(claims)}.c2lnbmF0dXJl`

/** An idempotency key as long as a secret needs it. */
const secretKey = (marker: string) => marker.padEnd(32, '0')

/** Tenants, keys, token issuers and the audit log: for the scope ADMIN alone, which no tenant's credential can have. */
export const accountCases: Record<string, Case> = {
  'Query.tenants': ({ cursors }) => [
    {},
    { first: 5, after: cursors['tenants'] },
    { last: 5, before: cursors['tenants'] },
  ],
  'Query.tenant': ({ tenantId }) => [{ id: tenantId }],
  'Query.apiKeys': ({ tenantId, cursors }) => [
    {},
    { filter: { tenantIds: [tenantId] } },
    { filter: { statuses: ['ACTIVE', 'EXPIRED'] }, first: 5, after: cursors['apiKeys'] },
    { last: 5, before: cursors['apiKeys'] },
  ],
  'Query.apiKey': ({ nodeIds }) => [{ id: nodeIds['ApiKey'] }],
  'Query.tokenIssuers': ({ cursors }) => [
    {},
    { first: 5, after: cursors['tokenIssuers'] },
    { last: 5, before: cursors['tokenIssuers'] },
  ],
  'Query.auditEvents': ({ tenantId, nodeIds, cursors }) => [
    {},
    { first: 5, after: cursors['auditEvents'] },
    { last: 5, before: cursors['auditEvents'] },
    { filter: { tenantIds: [tenantId] } },
    { filter: { actorIds: [nodeIds['ApiKey']] } },
    { filter: { actions: ['API_KEY_GENERATED'], outcomes: ['DONE'], occurredAt: { from: '2024-01-01T00:00:00Z' } } },
  ],

  'Mutation.createTenant': ({ tenantId, tenantName }) => [{ input: { id: tenantId, name: tenantName } }],
  'Mutation.updateTenant': ({ tenantId }) => [{ input: { id: tenantId, name: 'Taken over' } }],
  'Mutation.generateApiKey': ({ tenantId, marker }) => [
    { input: { name: 'Taken', scopes: ['CONVERSATIONS_READ'], tenantId } },
    { input: { name: 'Taken', scopes: ['CONVERSATIONS_READ'], idempotencyKey: secretKey(marker) } },
  ],
  'Mutation.updateApiKey': ({ nodeIds }) => [
    { input: { id: nodeIds['ApiKey'], name: 'Taken over', scopes: ['CONVERSATIONS_READ'] } },
  ],
  'Mutation.regenerateApiKey': ({ nodeIds, marker }) => [
    { input: { id: nodeIds['ApiKey'], overlapSeconds: 60 } },
    { input: { id: nodeIds['ApiKey'], idempotencyKey: secretKey(marker) } },
  ],
  'Mutation.revokeApiKey': ({ nodeIds }) => [{ input: { id: nodeIds['ApiKey'] } }],
  'Mutation.rotateSigningKey': () => [{}],
  'Mutation.registerTokenIssuer': ({ tenantId }) => [{ input: issuerInput(tenantId) }],
  'Mutation.updateTokenIssuer': ({ nodeIds }) => [{ input: { id: nodeIds['TokenIssuer'], audience: 'taken' } }],
  'Mutation.testToken': ({ tenantId }) => [
    { input: { token: unsigned({ iss: 'parley', tenant: tenantId }) } },
    { input: { token: unsigned({ iss: issuerInput(tenantId).issuer, aud: tenantId, tenant: tenantId }) } },
  ],
  'Mutation.deleteTokenIssuer': ({ nodeIds }) => [{ input: { id: nodeIds['TokenIssuer'] } }],
}
