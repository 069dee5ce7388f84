import type { Authenticated, Principal } from '../auth/principal.ts'
import { type Claimant, RefusedCredential } from '../auth/refused-credential.ts'
import { RefusedToken, TOKEN_REFUSALS, type TokenRefusal } from '../auth/refused-token.ts'
import { fromPointer } from '../metadata/metadata-entries.ts'

/** What would become of a request with a token. */
export interface TokenTest {
  /** Null if it is accepted. */
  refusal: TokenRefusal | null
  /** Null if it is refused. */
  principal: Principal | null
  /** Whose it is, if its signature verified. */
  claimant: Claimant | null
}

/** Tests a token by authenticating it. Throws what says nothing about the token, such as OVERLOADED. */
export async function testToken(authenticate: () => Promise<Authenticated>): Promise<TokenTest> {
  try {
    const { principal } = await authenticate()
    return { refusal: null, principal, claimant: principal }
  } catch (error) {
    if (error instanceof RefusedToken) return { refusal: error.refusal, principal: null, claimant: null }
    if (!(error instanceof RefusedCredential) || !error.refusal) throw error
    return { refusal: error.refusal, principal: null, claimant: error.claimant }
  }
}

/** The reason as a sentence. */
export function describeRefusal(reason: TokenRefusal['reason']): string {
  const text = TOKEN_REFUSALS[reason]
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

/** What restricts a token, without the values. */
export const restrictedBy = ({ rowRestriction: restriction, documents }: Principal): string[] => [
  ...(restriction?.agents ? ['agents'] : []),
  ...(restriction?.endUserIds ? ['endUserIds'] : []),
  ...(restriction?.metadata ?? []).map(({ path }) => `metadata.${fromPointer(path).join('.')}`),
  ...(documents === 'ANY' ? [] : ['documents']),
]
