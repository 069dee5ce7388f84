import type { ApiKey } from '../../client/generated/schema-types.ts'

const KEY_FIELDS = `
  id name note tenantId scopes autoCreateTenants requestsPerMinute allowedNetworks status hint
  createdAt regeneratedAt previousSecretExpiresAt lastUsedAt lastUsedAddress expiresAt revokedAt`

/** A key as the console reads it. */
export type Key = Omit<ApiKey, 'liveTokenCount' | 'previousSecretLiveTokenCount' | 'lastUsedUserAgent'>

export const KEYS = `query ConsoleKeys($first: Int!, $after: String, $filter: ApiKeyFilter) {
  apiKeys(first: $first, after: $after, filter: $filter) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes {${KEY_FIELDS} }
  }
}`

export const KEY = `query ConsoleKey($id: ID!) { apiKey(id: $id) {${KEY_FIELDS} } }`

/** Who is affected by a change to the key. */
export const KEY_USE = `query ConsoleKeyUse($id: ID!) {
  apiKey(id: $id) {
    lastUsedAt lastUsedAddress lastUsedUserAgent liveTokenCount previousSecretLiveTokenCount
    hint regeneratedAt previousSecretExpiresAt
  }
}`

export const GENERATE_KEY = `mutation ConsoleGenerateKey($input: GenerateApiKeyInput!) {
  generateApiKey(input: $input) { secret apiKey {${KEY_FIELDS} } }
}`

export const UPDATE_KEY = `mutation ConsoleUpdateKey($input: UpdateApiKeyInput!) {
  updateApiKey(input: $input) { apiKey {${KEY_FIELDS} } }
}`

export const REGENERATE_KEY = `mutation ConsoleRegenerateKey($input: RegenerateApiKeyInput!) {
  regenerateApiKey(input: $input) { secret apiKey {${KEY_FIELDS} } }
}`

export const REVOKE_KEY = `mutation ConsoleRevokeKey($input: RevokeApiKeyInput!) {
  revokeApiKey(input: $input) { apiKey {${KEY_FIELDS} } }
}`

/** Tenant ids to suggest. */
export const TENANT_IDS = 'query ConsoleTenantIds { tenants(first: 100) { nodes { id name } } }'
