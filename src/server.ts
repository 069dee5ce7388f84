import { type GraphQLSchema, NoSchemaIntrospectionCustomRule } from 'graphql'
import { createLRUCache, createYoga } from 'graphql-yoga'
import type { Logger } from 'pino'
import { useRefusalAudit } from './audit/audit-refusals.ts'
import type { RefusedAttempts } from './audit/refused-attempts.ts'
import { IssuerKeys } from './auth/issuer-keys.ts'
import type { SigningKeys } from './auth/signing-keys.ts'
import type { Config } from './config.ts'
import { restrictionOfClaims } from './credentials/row-restriction.ts'
import type { Database } from './database/connect.ts'
import { TrustedDocuments, useTrustedDocuments } from './documents/trusted-documents.ts'
import { useAnswerLimits } from './execution/answer-limits.ts'
import { useOperationTransaction } from './execution/execute-operation.ts'
import { Fallbacks } from './execution/fallbacks.ts'
import { useVariableErrors } from './execution/variable-errors.ts'
import { MainThread } from './fairness/main-thread.ts'
import { AllowedOrigins } from './http/allowed-origins.ts'
import type { ServerContext } from './http/client-address.ts'
import { CONSOLE_PATH, useConsole } from './http/console/serve-console.ts'
import { useCors } from './http/cors.ts'
import { EMBED_PATH, useEmbed } from './http/embed/serve-embed.ts'
import { useUnbufferedStreams } from './http/event-stream.ts'
import { useGraphiQL } from './http/graphiql/serve-graphiql.ts'
import { useIdentity } from './http/identity.ts'
import { useJsonBody } from './http/json-body.ts'
import { JWKS_PATH, useJwks } from './http/jwks.ts'
import { useDocumentLimits } from './http/limits/document-limits.ts'
import { useDocumentTime } from './http/limits/document-time.ts'
import { UnreadAnswers } from './http/limits/unread-answers.ts'
import { useRateLimitHeaders } from './http/rate-limit.ts'
import { RateLimiter } from './http/rate-limiter.ts'
import { useReadiness } from './http/readiness.ts'
import { RefusedOrigins } from './http/refused-origins.ts'
import { RefusedTokenLog } from './http/refused-token-log.ts'
import { RequestLines } from './http/request-lines.ts'
import { type RequestRecord, useRequestLog } from './http/request-log.ts'
import { RefusedCallers } from './http/unauthenticated-rate-limit.ts'
import { encodeId } from './input/ids.ts'
import { LiveAnswers } from './live/live-answer.ts'
import { type SubscriptionContext, useSubscriptions } from './live/run-subscription.ts'
import type { SubscriberRegistry } from './live/subscriber-registry.ts'
import { schema as parleySchema } from './schema/schema.ts'

export interface ServerOptions {
  database: Database
  signingKeys: SigningKeys
  /** The registry of open subscriptions. The caller closes it. */
  changes: SubscriberRegistry
  /** Records refused attempts. The caller closes it. */
  refusals: RefusedAttempts
  config: Pick<
    Config,
    | 'production'
    | 'allowIntrospection'
    | 'console'
    | 'corsOrigins'
    | 'maxAnswerBytes'
    | 'maxBodyBytes'
    | 'maxQueryCost'
    | 'rateLimits'
    | 'trustedProxies'
  >
  log: Logger
  /** Logs requests. Needed if other code logs there too. */
  lines?: RequestLines
  /** Whether /ready asks load balancers to send nothing more. */
  isDraining?: () => boolean
  /** Whether queries are compiled if they can be. Tests compare the two paths. */
  compilesReads?: boolean
  /** Counts what is not compiled. */
  fallbacks?: Fallbacks
  /** Tests pass a schema with a mistake in it. */
  schema?: GraphQLSchema | undefined
  /** The answers that clients have not read yet. Tests pass their own. */
  unread?: UnreadAnswers
  /** The clock. Tests pass their own. */
  now?: () => Date
}

/** What is served, besides the pages of GraphiQL and the demo. */
export const ROUTES = {
  graphql: '/graphql',
  health: '/health',
  ready: '/ready',
  jwks: JWKS_PATH,
  embed: EMBED_PATH,
  console: CONSOLE_PATH,
} as const

const KEPT_DOCUMENTS = 200

/** The server as a request handler, without a socket to listen on. */
export function createServer(options: ServerOptions) {
  const { database, signingKeys, changes, refusals, config, log, isDraining, now = () => new Date() } = options
  const { fallbacks = new Fallbacks(log), lines = new RequestLines(log), unread = new UnreadAnswers() } = options
  const { schema = parleySchema } = options
  const noFiles = (message: string) => (err: unknown, requestId: string) => log.error({ err, requestId }, message)
  const failureOf = (work: string) => (error: unknown) => database.backgroundFailure(work, error)
  const requests = new WeakMap<Request, RequestRecord>()
  const documents = new TrustedDocuments(database)
  const mainThread = new MainThread({ timeoutMs: database.connectTimeoutMs })
  const issuerKeys = new IssuerKeys({
    allowLoopback: !config.production,
    onFailure: (issuerId, err) =>
      log.warn({ issuer: encodeId('TokenIssuer', issuerId), err }, 'the keys of a token issuer could not be read'),
  })
  const origins = new AllowedOrigins(config.corsOrigins, database, now)
  // PGlite serves only one process: there is nobody to share counts with.
  const rateLimiter = new RateLimiter(
    database.kind === 'pglite' ? null : database,
    failureOf('share rate-limit counts'),
  )
  const identity = useIdentity({
    verifiers: { database, signingKeys, issuerTokens: { issuerKeys, restrictionOfClaims } },
    ...{ requests, unread, mainThread, rateLimiter, refusals, config, now },
    refusedCallers: new RefusedCallers(config, now),
    refusedTokens: new RefusedTokenLog(log),
  })
  return createYoga<ServerContext, Pick<SubscriptionContext, 'session' | 'renewSession'>>({
    schema,
    graphqlEndpoint: ROUTES.graphql,
    healthCheckEndpoint: ROUTES.health,
    landingPage: false,
    // Yoga's own page loads from another host.
    graphiql: false,
    // useRequestLog masks errors instead, and gives each one a code.
    maskedErrors: false,
    multipart: false,
    batching: false,
    // Apollo's whole operation, as it is spread into graphql-sse.
    extraParamNames: ['operationType'],
    // useJsonBody counts what it reads; Yoga would pipe every body through two more streams to count it.
    maxRequestBodySize: false,
    cors: false,
    logging: false,
    // A client that keeps sending new documents must not fill the memory.
    parserAndValidationCache: { documentCache: createLRUCache({ max: KEPT_DOCUMENTS }) },
    plugins: [
      useRequestLog(log, { requests, lines, suggestions: config.allowIntrospection }),
      useAnswerLimits({ requests, unread, maxAnswerBytes: config.maxAnswerBytes, mainThread }),
      useRateLimitHeaders(requests),
      useUnbufferedStreams(),
      useCors({
        ...{ origins, refusedOrigins: new RefusedOrigins(log), requests, endpoint: ROUTES.graphql },
        onFailure: failureOf('look up allowed origins'),
      }),
      useReadiness({
        endpoint: ROUTES.ready,
        check: () => database.ready(),
        isDraining: () => isDraining?.() === true,
        onFailure: failureOf('check readiness'),
        now,
      }),
      useJwks(signingKeys, requests),
      useEmbed({ requests, onFailure: noFiles('the web components could not be read') }),
      ...(config.console ? [useConsole({ requests, onFailure: noFiles('the console could not be read') })] : []),
      ...(config.production
        ? []
        : [
            useGraphiQL({
              endpoint: ROUTES.graphql,
              requests,
              onFailure: noFiles('the files of GraphiQL could not be read'),
            }),
          ]),
      identity.plugin,
      useJsonBody({ requests, maxBodyBytes: config.maxBodyBytes, mainThread }),
      useTrustedDocuments(documents, requests),
      useDocumentTime({ mainThread, requests }),
      useDocumentLimits({ ...config, requests }),
      ...(config.allowIntrospection ? [] : [noIntrospection]),
      useOperationTransaction(database, changes, { compilesReads: options.compilesReads, fallbacks }),
      useSubscriptions({
        ...{ database, subscribers: changes, now },
        compiled: options.compilesReads === false ? null : new LiveAnswers(fallbacks),
      }),
      useRefusalAudit(refusals),
      useVariableErrors(),
    ],
    context({ request, params }) {
      const { session, renewSession } = identity.identityOf(request)
      session.checkRoomForAnswer()
      return {
        session,
        async renewSession() {
          const renewed = await renewSession()
          await documents.check(renewed, params.query)
          return renewed
        },
      }
    },
  })
}

const noIntrospection = {
  onValidate({ addValidationRule }: { addValidationRule: (rule: typeof NoSchemaIntrospectionCustomRule) => void }) {
    addValidationRule(NoSchemaIntrospectionCustomRule)
  },
}
