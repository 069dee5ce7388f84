import { type ErrorCode, ParleyError } from '../errors.ts'
import type { Principal } from './principal.ts'
import type { TokenRefusal } from './refused-issuer-token.ts'

/** Who a credential says it is of: true of one that is known, though not of whoever sends it with a wrong secret. */
export type Claimant = Pick<Principal, 'kind' | 'id' | 'name' | 'subject' | 'boundTenantId'>

/** A known credential that is not taken. Its sender sees the error alone; whose it is, is for the audit log. */
export class RefusedCredential extends ParleyError {
  readonly claimant: Claimant
  /** Why, for the log. Only tokens that an issuer signed have one. */
  readonly refusal: TokenRefusal | undefined

  constructor(
    { message, extensions: { code, ...extensions } }: ParleyError,
    claimant: Claimant,
    refusal?: TokenRefusal,
  ) {
    // Made by the constructor that gave it its code.
    super(code as ErrorCode, message, extensions)
    this.claimant = claimant
    this.refusal = refusal
  }
}
