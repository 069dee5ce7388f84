import { createHash } from 'node:crypto'
import type { Plugin } from 'graphql-yoga'
import type { Authenticated } from '../auth/principal.ts'
import type { Config } from '../config.ts'
import type { Budget, BudgetRequest, RateLimiter, RatePolicy } from '../domain/rate-limiter.ts'
import { ParleyError } from '../errors.ts'
import type { Requests } from './request-log.ts'

/** Takes one request from the budgets of whoever sent it. */
export function takeRequest(
  limiter: RateLimiter,
  limits: Config['rateLimits'],
  { principal, tenantId }: Authenticated,
  headers: Headers,
  now: Date,
) {
  // An account's key has a budget for each tenant that it acts for: what it does for one is not refused for another.
  // A token has its own, since a key makes many. It is known by what is signed: a signature can be written in several ways.
  const name = principal.kind.endsWith('_KEY') ? `${principal.id} ${tenantId}` : signedPart(headers)
  const budgets: BudgetRequest[] = []
  if (limits.perMinute > 0) budgets.push({ policy: 'CREDENTIAL', name: hashed(name), limit: limits.perMinute })
  if (limits.tenantPerMinute > 0 && tenantId !== null) {
    budgets.push({ policy: 'TENANT', name: hashed(`tenant ${tenantId}`), limit: limits.tenantPerMinute })
  }
  return limiter.take(budgets, now)
}

const signedPart = (headers: Headers) => (headers.get('authorization') ?? '').split('.').slice(0, 2).join('.')

export const hashed = (name: string) => createHash('sha256').update(name).digest('base64url')

const WHOSE: Record<RatePolicy, string> = { CREDENTIAL: 'this credential', TENANT: 'this tenant' }

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

/** What is left, in the fields of the IETF's draft (draft-ietf-httpapi-ratelimit-headers-11). */
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
