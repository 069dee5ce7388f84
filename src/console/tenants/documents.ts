import type { Tenant } from '../../client/generated/schema-types.ts'

const SUMMARY_FIELDS = 'id name timeZone allowedOrigins createdAt'
const SETTINGS_FIELDS = `${SUMMARY_FIELDS}
  enrichment { sentiment language tokenCount cost }
  redactsPersonalData redactsPhoneNumbers phoneRegion redactsIbans abandonAfterMinutes`

/** A tenant as a list has it. */
export type TenantSummary = Pick<Tenant, 'id' | 'name' | 'timeZone' | 'allowedOrigins' | 'createdAt'>

/** A tenant with its settings. Its own patterns are there only for an administrator. */
export type TenantDetails = Omit<Tenant, 'liveTokenCount' | 'redactionPatterns' | '__typename'> &
  Partial<Pick<Tenant, 'redactionPatterns'>>

export const TENANTS = `query ConsoleTenants($first: Int!, $after: String) {
  tenants(first: $first, after: $after) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes { ${SUMMARY_FIELDS} }
  }
}`

/** Of any key that may act for the tenant. */
export const TENANT = `query ConsoleTenant($isAdmin: Boolean!) {
  viewer { tenant { ${SETTINGS_FIELDS} redactionPatterns @include(if: $isAdmin) { name pattern replacement } } }
}`

export const LIVE_TOKENS = 'query ConsoleLiveTokens { viewer { tenant { liveTokenCount } } }'

export const CREATE_TENANT = `mutation ConsoleCreateTenant($input: CreateTenantInput!) {
  createTenant(input: $input) { created tenant { id name createdAt } }
}`

export const UPDATE_TENANT = `mutation ConsoleUpdateTenant($input: UpdateTenantInput!) {
  updateTenant(input: $input) { tenant { id name } }
}`

export const REVOKE_TOKENS = `mutation ConsoleRevokeTokens {
  revokeEmbedTokens { tenant { id } }
}`

export const PREVIEW_TOKEN = `mutation ConsolePreviewToken($input: CreateEmbedTokenInput!) {
  createEmbedToken(input: $input) { token expiresInSeconds }
}`
