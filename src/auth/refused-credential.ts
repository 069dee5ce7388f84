import { type ErrorCode, ParleyError } from '../errors.ts'
import type { Principal } from './principal.ts'
import type { TokenRefusal } from './refused-token.ts'

/** Who a known credential belongs to. Whoever sends it with a wrong secret may be someone else. */
export type Claimant = Pick<Principal, 'kind' | 'id' | 'name' | 'subject' | 'boundTenantId'>

/** A known credential that is refused. Its sender sees only the error; the audit log gets its owner. */
export class RefusedCredential extends ParleyError {
  readonly claimant: Claimant
  /** The reason, for the log. Only tokens have one. */
  readonly refusal: TokenRefusal | undefined

  constructor(
    { message, extensions: { code, ...extensions } }: ParleyError,
    claimant: Claimant,
    refusal?: TokenRefusal,
  ) {
    // ParleyError's constructor accepts only an ErrorCode.
    super(code as ErrorCode, message, extensions)
    this.claimant = claimant
    this.refusal = refusal
  }
}
