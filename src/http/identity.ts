import type { ServerResponse } from 'node:http'
import type { Plugin } from 'graphql-yoga'
import type { RefusedAttempts } from '../audit/refused-attempts.ts'
import { authenticate, authenticateAnyToken, type Verifiers } from '../auth/authenticate.ts'
import { RefusedCredential } from '../auth/refused-credential.ts'
import type { Config } from '../config.ts'
import { Context } from '../context.ts'
import { type ErrorCode, ParleyError } from '../errors.ts'
import { DatabaseBudget } from '../fairness/database-budget.ts'
import type { MainThread } from '../fairness/main-thread.ts'
import type { SubscriptionContext } from '../live/run-subscription.ts'
import { clientAddress, type ServerContext } from './client-address.ts'
import { bodyLimitsOf } from './limits/body-limits.ts'
import type { UnreadAnswers } from './limits/unread-answers.ts'
import { rateLimited, takeRequest } from './rate-limit.ts'
import type { RateLimiter } from './rate-limiter.ts'
import type { RefusedTokenLog } from './refused-token-log.ts'
import type { Requests } from './request-log.ts'
import type { RefusedCallers } from './unauthenticated-rate-limit.ts'

type Identity = Pick<SubscriptionContext, 'session' | 'renewSession'>

export interface IdentityOptions {
  verifiers: Verifiers
  requests: Requests
  unread: UnreadAnswers
  mainThread: MainThread
  rateLimiter: RateLimiter
  refusedCallers: RefusedCallers
  refusedTokens: RefusedTokenLog
  refusals: RefusedAttempts
  config: Pick<
    Config,
    'allowIntrospection' | 'maxAnswerBytes' | 'maxBodyBytes' | 'maxQueryCost' | 'rateLimits' | 'trustedProxies'
  >
  now: () => Date
}

/**
 * Finds out who sends a request from its headers, before a byte of its body is read, so that a refused request costs no
 * more than that. A request without a credential gets further only if introspection is allowed.
 */
export function useIdentity(options: IdentityOptions) {
  const { requests, config } = options
  const identities = new WeakMap<Request, Identity>()
  const plugin: Plugin<object, ServerContext> = {
    async onRequestParse({ request, serverContext }) {
      options.refusedCallers.check(request.headers, serverContext.req)
      // Called repeatedly for a subscription, which outlasts the session it began with.
      const renewSession = async () => (await sessionOf(options, request, serverContext)).session
      const { session, wasTaken } = await sessionOf(options, request, serverContext, { isRequest: true })
      const record = requests.get(request)
      if (record) record.session = session
      if (!wasTaken) throw rateLimited(session.budgets)
      if (!config.allowIntrospection) void session.principal
      identities.set(request, { session, renewSession })
    },
  }
  /** Who sends a request, once it is parsed. */
  const identityOf = (request: Request): Identity => {
    const identity = identities.get(request)
    if (!identity) throw new Error('a request was parsed before its sender was identified')
    return identity
  }
  return { plugin, identityOf }
}

async function sessionOf(
  options: IdentityOptions,
  request: Request,
  { req, res }: ServerContext,
  { isRequest = false } = {},
): Promise<{ session: Context; wasTaken: boolean }> {
  const { verifiers, config, now } = options
  const { maxQueryCost, maxAnswerBytes } = config
  const asked = {
    requestId: options.requests.get(request)?.id ?? '',
    clientAddress: clientAddress(req, request.headers, config.trustedProxies),
    now: now(),
  }
  const authenticated = await authenticate(verifiers, request.headers, asked).catch((error) => {
    if (hasCode(error, 'UNAUTHENTICATED')) options.refusedCallers.note(request.headers)
    if (isRequest && (hasCode(error, 'FORBIDDEN') || hasCode(error, 'NOT_FOUND'))) {
      options.refusedCallers.take(request.headers, asked.clientAddress)
    }
    options.refusedTokens.note(error, asked, request.headers)
    if (error instanceof RefusedCredential) options.refusals.recordCredential(asked, error, request.headers)
    throw error
  })
  const counted =
    authenticated && isRequest
      ? await takeRequest(options.rateLimiter, config.rateLimits, authenticated, asked.now)
      : null
  const session = new Context({
    signingKeys: verifiers.signingKeys,
    issuerKeys: verifiers.issuerTokens.issuerKeys,
    authenticateToken: (token) => authenticateAnyToken(verifiers, token, asked.now),
    limits: { maxQueryCost, maxAnswerBytes, ...bodyLimitsOf(authenticated, config.maxBodyBytes) },
    budgets: counted?.budgets ?? [],
    databaseBudget: isRequest ? new DatabaseBudget(verifiers.database.statementTimeoutMs) : null,
    whenClientLeaves: isRequest ? (listener) => listenForLeaving(res ?? request.signal, listener) : null,
    mainThread: options.mainThread,
    answerRoom: options.unread,
    ...asked,
    principal: authenticated?.principal ?? null,
    tenantId: authenticated?.tenantId ?? null,
    createsTenant: authenticated?.createsTenant ?? false,
  })
  return { session, wasTaken: counted?.taken !== false }
}

/**
 * Listens to the response, because a signal costs several times as much. Requests from within this process have only a
 * signal.
 */
function listenForLeaving(of: ServerResponse | AbortSignal, listener: () => void) {
  if (of instanceof AbortSignal) {
    if (of.aborted) listener()
    else of.addEventListener('abort', listener, { once: true })
  } else if (of.closed) listener()
  else of.once('close', () => of.writableFinished || listener())
}

const hasCode = (error: unknown, code: ErrorCode) => error instanceof ParleyError && error.extensions['code'] === code
