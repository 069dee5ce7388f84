/** Whom something is counted for: a credential, within a tenant. */
export interface Holder {
  /** Empty for requests without a tenant. */
  tenantId: string
  /** Names the credential. Empty without one, and for what several share. */
  credential: string
  /** Whether it is a back end's key. Tokens are public: anyone can hold one. */
  isKey: boolean
}

/** How much of a tenant's limit one credential may use. */
export const CREDENTIAL_OF_TENANT = 1 / 2

/** How much of it all tokens of the tenant together may use: a flood of them must not shut out its back end. */
export const TOKENS_OF_TENANT = 3 / 4

/** The holder of a request without a credential. */
export const NOBODY: Holder = { tenantId: '', credential: '', isKey: false }
