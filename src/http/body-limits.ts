import { type Authenticated, MUTATION_SCOPES } from '../auth/principal.ts'
import type { Context } from '../context.ts'
import { BODIES_IN_FLIGHT, BODY_LIMITS } from '../domain/limits.ts'
import type { Share } from '../domain/shared-amounts.ts'

/** How much a sender may send in one request, within the limits of this deployment. */
export function bodyLimitsOf(authenticated: Authenticated | null, maxBytes: number) {
  return authenticated && mayWrite(authenticated)
    ? { maxBodyBytes: maxBytes, maxJsonValues: BODY_LIMITS.values }
    : { maxBodyBytes: Math.min(maxBytes, BODY_LIMITS.readOnlyBytes), maxJsonValues: BODY_LIMITS.readOnlyValues }
}

/** Whose bodies count together. */
export function bodySharesOf(session: Context | undefined): Share[] {
  const principal = session?.anyone
  if (!session || !principal) return [{ name: 'anonymous', limit: BODIES_IN_FLIGHT.anonymous }]
  const owner = session.anyTenantId ?? principal.id
  const shares = [{ name: `tenant ${owner}`, limit: BODIES_IN_FLIGHT.tenant }]
  return mayWrite({ principal }) ? shares : [...shares, { name: `readers ${owner}`, limit: BODIES_IN_FLIGHT.readers }]
}

const mayWrite = ({ principal }: Pick<Authenticated, 'principal'>) =>
  MUTATION_SCOPES.some((scope) => principal.scopes.has(scope))
