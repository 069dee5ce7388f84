/** Whose something is: a credential, within a tenant. */
export interface Holder {
  /** Empty for requests without a tenant. */
  tenantId: string
  /** Names the credential. Empty without one, and for what several share. */
  credential: string
  /** A back end's. Tokens are public: anyone can be one of their holders. */
  isKey: boolean
}

/** What one credential may have of what its tenant may. */
export const CREDENTIAL_OF_TENANT = 1 / 2

/** What all tokens of a tenant may have of it together: a flood of them must not shut out its back end. */
export const TOKENS_OF_TENANT = 3 / 4

/** Of a request without a credential. */
export const NOBODY: Holder = { tenantId: '', credential: '', isKey: false }
