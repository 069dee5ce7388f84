import { type Authenticated, MUTATION_SCOPES } from '../../auth/principal.ts'
import type { Context } from '../../context.ts'
import { BODIES_IN_FLIGHT, BODY_LIMITS } from '../../input/limits.ts'
import type { BodyShares } from './body-budget.ts'

/** How much a sender may send in one request, within the limits of this deployment. */
export function bodyLimitsOf(authenticated: Authenticated | null, maxBytes: number) {
  return authenticated && mayWrite(authenticated)
    ? { maxBodyBytes: maxBytes, maxJsonValues: BODY_LIMITS.values }
    : { maxBodyBytes: Math.min(maxBytes, BODY_LIMITS.readOnlyBytes), maxJsonValues: BODY_LIMITS.readOnlyValues }
}

/** A token is public: a flood of them must shut out neither its tenant's back end nor other tenants. */
export function bodySharesOf(session: Context | undefined): BodyShares {
  const principal = session?.principalOrNull
  if (!session || !principal) return { ordinary: [{ name: 'anonymous', limit: BODIES_IN_FLIGHT.anonymous }], large: [] }
  const owner = session.tenantIdOrNull ?? principal.id
  if (mayWrite({ principal }))
    return { ordinary: [], large: [{ name: `large of ${owner}`, limit: BODIES_IN_FLIGHT.largeOfTenant }] }
  const kind = principal.kind.endsWith('_KEY') ? 'reading keys' : 'tokens'
  const ordinary = [
    { name: `${kind} of ${owner}`, limit: BODIES_IN_FLIGHT.readers },
    { name: kind, limit: BODIES_IN_FLIGHT.allReaders },
  ]
  return { ordinary, large: [] }
}

const mayWrite = ({ principal }: Pick<Authenticated, 'principal'>) =>
  MUTATION_SCOPES.some((scope) => principal.scopes.has(scope))
