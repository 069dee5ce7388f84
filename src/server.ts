import { NoSchemaIntrospectionCustomRule } from 'graphql'
import { createYoga, useReadinessCheck } from 'graphql-yoga'
import type { Logger } from 'pino'
import { authenticate } from './auth/authenticate.ts'
import type { SigningKeys } from './auth/signing-keys.ts'
import type { Config } from './config.ts'
import { Context } from './context.ts'
import type { Database } from './database/connect.ts'
import { useOperationTransaction } from './graphql/operation.ts'
import { schema } from './graphql/schema.ts'
import { firstQuery } from './http/graphiql.ts'
import { useJsonBody } from './http/json-body.ts'
import { useJwks } from './http/jwks.ts'
import { type RequestRecord, useRequestLog } from './http/request-log.ts'
import { useTokenLimit } from './http/token-limit.ts'

export interface ServerOptions {
  database: Database
  signingKeys: SigningKeys
  config: Pick<Config, 'production' | 'maxBodyBytes'>
  log: Logger
  /** What time it is. Tests pass their own. */
  now?: () => Date
}

/** The server as a request handler: what it answers, not where it listens. */
export function createServer({ database, signingKeys, config, log, now = () => new Date() }: ServerOptions) {
  const requests = new WeakMap<Request, RequestRecord>()
  return createYoga<object, { session: Context }>({
    schema,
    graphqlEndpoint: '/graphql',
    healthCheckEndpoint: '/health',
    landingPage: false,
    graphiql: config.production ? false : { title: 'Parley', defaultQuery: firstQuery },
    // Ours says the same and gives each its code; see useRequestLog.
    maskedErrors: false,
    multipart: false,
    batching: false,
    cors: false,
    logging: false,
    plugins: [
      useRequestLog(log, requests, config),
      useReadinessCheck({
        endpoint: '/ready',
        check: () =>
          database.ready().then(
            () => true,
            () => false,
          ),
      }),
      useJwks(signingKeys),
      useJsonBody(config.maxBodyBytes),
      useTokenLimit(),
      ...(config.production ? [noIntrospection] : []),
      useOperationTransaction(database),
    ],
    context: async ({ request }) => {
      const record = requests.get(request)
      const authenticated = await authenticate({ database, signingKeys }, request.headers, now())
      const session = new Context({
        signingKeys,
        requestId: record?.id ?? '',
        now: now(),
        principal: authenticated?.principal ?? null,
        tenantId: authenticated?.tenantId ?? null,
        tenantIsNew: authenticated?.tenantIsNew ?? false,
      })
      if (record) record.session = session
      return { session }
    },
  })
}

const noIntrospection = {
  onValidate({ addValidationRule }: { addValidationRule: (rule: typeof NoSchemaIntrospectionCustomRule) => void }) {
    addValidationRule(NoSchemaIntrospectionCustomRule)
  },
}
