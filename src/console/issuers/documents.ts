import type { TestTokenPayload, TokenIssuer } from '../../client/generated/schema-types.ts'

const ISSUER_FIELDS = `
  id name issuer audience jwksUrl keys tenantClaim scopes documents
  createdAt lastUsedAt lastUsedAddress lastUsedUserAgent`

/** An issuer as the console reads it. */
export type Issuer = Omit<TokenIssuer, 'updatedAt'>

export const ISSUERS = `query ConsoleIssuers($first: Int!, $after: String) {
  tokenIssuers(first: $first, after: $after) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes {${ISSUER_FIELDS} }
  }
}`

/** When and by what a token of the issuer was last used. */
export const ISSUER_USE = `query ConsoleIssuerUse($id: ID!) {
  node(id: $id) { ... on TokenIssuer { id lastUsedAt lastUsedAddress lastUsedUserAgent } }
}`

export const REGISTER_ISSUER = `mutation ConsoleRegisterIssuer($input: RegisterTokenIssuerInput!) {
  registerTokenIssuer(input: $input) { tokenIssuer {${ISSUER_FIELDS} } }
}`

export const UPDATE_ISSUER = `mutation ConsoleUpdateIssuer($input: UpdateTokenIssuerInput!) {
  updateTokenIssuer(input: $input) { tokenIssuer { id } }
}`

export const DELETE_ISSUER = `mutation ConsoleDeleteIssuer($input: DeleteTokenIssuerInput!) {
  deleteTokenIssuer(input: $input) { deletedId }
}`

/** The result of a token test, as the console reads it. */
export type TokenOutcome = Omit<TestTokenPayload, 'message' | 'tokenIssuer' | 'tenant'> & {
  tokenIssuer?: Pick<TokenIssuer, 'id' | 'name' | 'issuer' | 'audience' | 'jwksUrl' | 'keys' | 'tenantClaim'> | null
  tenant?: { id: string; name: string } | null
}

export const TEST_TOKEN = `mutation ConsoleTestToken($input: TestTokenInput!) {
  testToken(input: $input) {
    accepted reason claim scopes subject expiresAt restrictedBy
    tenant { id name }
    tokenIssuer { id name issuer audience jwksUrl keys tenantClaim }
  }
}`

export const ROTATE_SIGNING_KEY = 'mutation ConsoleRotateSigningKey { rotateSigningKey { keyId } }'
