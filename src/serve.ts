import type { AddressInfo } from 'node:net'
import type { Logger } from 'pino'
import { RefusedAttempts } from './audit/refused-attempts.ts'
import { signingKeysOf } from './auth/signing-keys.ts'
import type { Config } from './config.ts'
import type { Database } from './database/connect.ts'
import { answerRequests } from './http/answer-requests.ts'
import { prepareToClose } from './http/close-gracefully.ts'
import { refuseMalformedRequests } from './http/malformed-requests.ts'
import { createNodeServer, type SlowClientLimits } from './http/node-server.ts'
import { RequestLines } from './http/request-lines.ts'
import { IdleConversations } from './jobs/idle-conversations.ts'
import { SealedSecrets } from './jobs/sealed-secrets.ts'
import { TENANT_JOBS, TenantJobs } from './jobs/tenant-jobs.ts'
import { SubscriberRegistry } from './live/subscriber-registry.ts'
import { listen, type Service, urlOf } from './process/listen.ts'
import { createServer, type ServerOptions } from './server.ts'

/** For tests, which can't wait for the time-outs of slow clients. */
export interface ServeOptions extends Pick<ServerOptions, 'unread'> {
  slowClients?: Partial<SlowClientLimits>
}

/** Serves from this process. The caller closes the database. */
export async function serve(
  database: Database,
  config: Config,
  log: Logger,
  { slowClients, ...limits }: ServeOptions = {},
): Promise<Service> {
  const signingKeys = signingKeysOf(database, config)
  const refusals = new RefusedAttempts(database, (err, lost) => log.error({ err, lost }, 'audit events were lost'))
  const changes = new SubscriberRegistry(database, config.maxSubscriptionsPerTenant)
  let isDraining = false
  const lines = new RequestLines(log)
  const options = { database, signingKeys, changes, refusals, config, log, lines, isDraining: () => isDraining }
  const http = createNodeServer(answerRequests(createServer({ ...options, ...limits }), lines), config, slowClients)
  refuseMalformedRequests(http, lines)
  const closeGracefully = prepareToClose(http, config)
  await listen(http, config)
  const jobs = [new TenantJobs(database, TENANT_JOBS), new IdleConversations(database), new SealedSecrets(database)]
  for (const job of jobs) job.start()
  return {
    url: urlOf(config.host, (http.address() as AddressInfo).port),
    drain() {
      isDraining = true
    },
    async stop() {
      isDraining = true
      const streamsEnded = changes.close()
      await closeGracefully()
      await streamsEnded
      await refusals.close()
      await Promise.all(jobs.map((job) => job.close()))
    },
  }
}
