import { createHash } from 'node:crypto'
import type { Plugin } from 'graphql-yoga'
import type { Authenticated } from '../auth/principal.ts'
import type { Config } from '../config.ts'
import { credentialOf } from '../context.ts'
import { ParleyError } from '../errors.ts'
import { CREDENTIAL_OF_TENANT, TOKENS_OF_TENANT } from '../fairness/holder.ts'
import type { Budget, RatePolicy } from '../input/limits.ts'
import type { BudgetRequest, RateLimiter } from './rate-limiter.ts'
import type { Requests } from './request-log.ts'

/** Takes one request from the budgets of whoever sent it. */
export function takeRequest(
  limiter: RateLimiter,
  limits: Config['rateLimits'],
  authenticated: Authenticated,
  now: Date,
) {
  return limiter.take(budgetsOf(authenticated, limits), now)
}

/** Keyed by ids that the server knows: a credential can be written in several ways, and a key makes many tokens. */
function budgetsOf({ principal, tenantId }: Authenticated, { perMinute, tenantPerMinute }: Config['rateLimits']) {
  const budgets: BudgetRequest[] = []
  const add = (policy: RatePolicy, parts: readonly unknown[], limit: number) =>
    budgets.push({ policy, name: hashed(JSON.stringify([policy, ...parts])), limit })
  const isLimited = tenantPerMinute > 0 && tenantId !== null
  const part = (share: number) => (isLimited ? Math.max(1, Math.floor(tenantPerMinute * share)) : Infinity)
  const ofCredential = Math.min(perMinute > 0 ? perMinute : Infinity, part(CREDENTIAL_OF_TENANT))
  // An account key has a budget for each tenant that it acts for: its use for one tenant does not count against
  // another.
  if (ofCredential < Infinity) add('CREDENTIAL', [credentialOf(principal), tenantId], ofCredential)
  // For all tenants together.
  if (principal.requestsPerMinute != null) add('KEY', [principal.id], principal.requestsPerMinute)
  if (isLimited && !principal.kind.endsWith('_KEY')) add('TENANT_TOKENS', [tenantId], part(TOKENS_OF_TENANT))
  if (isLimited) add('TENANT', [tenantId], tenantPerMinute)
  return budgets
}

export const hashed = (name: string) => createHash('sha256').update(name).digest('base64url')

const WHOSE: Record<RatePolicy, string> = {
  CREDENTIAL: 'this credential',
  KEY: 'this API key',
  TENANT_TOKENS: 'the tokens of this tenant',
  TENANT: 'this tenant',
}

export function rateLimited(budgets: readonly Budget[]): ParleyError {
  const usedUp = budgets.find(({ remaining }) => remaining === 0)
  const { policy, limit, resetsInSeconds } = usedUp ?? { policy: 'CREDENTIAL', limit: 0, resetsInSeconds: 1 }
  return tooManyRequests(WHOSE[policy], limit, resetsInSeconds)
}

export function tooManyRequests(whose: string, limit: number, retryAfterSeconds: number): ParleyError {
  return new ParleyError(
    'RATE_LIMITED',
    `More than ${limit} requests in a minute for ${whose}. Try again in ${retryAfterSeconds} s.`,
    { limit, retryAfterSeconds, http: { status: 429, headers: { 'retry-after': String(retryAfterSeconds) } } },
  )
}

/** What is left, in the header fields of the IETF draft (draft-ietf-httpapi-ratelimit-headers-11). */
export function useRateLimitHeaders(requests: Requests): Plugin {
  return {
    onResponse({ request, response }) {
      const budgets = requests.get(request)?.session?.budgets ?? []
      if (budgets.length === 0) return
      const list = (describe: (budget: Budget) => string) =>
        budgets.map((budget) => `"${budget.policy.toLowerCase()}";${describe(budget)}`).join(', ')
      response.headers.set(
        'ratelimit-policy',
        list(({ limit }) => `q=${limit};w=60`),
      )
      response.headers.set(
        'ratelimit',
        list(({ remaining, resetsInSeconds }) => `r=${remaining};t=${resetsInSeconds}`),
      )
    },
  }
}
