import type { Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Logger } from 'pino'
import { signingKeysOf } from './auth/signing-keys.ts'
import type { Config } from './config.ts'
import type { Database } from './database/connect.ts'
import { LiveChanges } from './domain/live-changes.ts'
import { RefusedAttempts } from './domain/refused-attempts.ts'
import { createNodeServer } from './http/node-server.ts'
import { listen, type Service, urlOf } from './listen.ts'
import { createServer } from './server.ts'

/** Serves from this process, on a database that stays its caller's to close. */
export async function serve(database: Database, config: Config, log: Logger): Promise<Service> {
  const signingKeys = signingKeysOf(database, config)
  const refusals = new RefusedAttempts(database, (err, lost) => log.error({ err, lost }, 'audit events were lost'))
  const changes = new LiveChanges(database, config.maxSubscriptionsPerTenant)
  let isDraining = false
  const options = { database, signingKeys, changes, refusals, config, log, isDraining: () => isDraining }
  const http = createNodeServer(createServer(options))
  const unanswered = trackUnanswered(http)
  await listen(http, config)
  return {
    url: urlOf(config.host, (http.address() as AddressInfo).port),
    drain() {
      isDraining = true
    },
    async stop() {
      isDraining = true
      // Else a kept connection outlives its last answer: it delays the end and takes a request that is never answered.
      for (const response of unanswered) {
        if (!response.headersSent) response.setHeader('connection', 'close')
        else response.once('close', () => http.closeIdleConnections())
      }
      const streamsEnded = changes.close()
      await closeGracefully(http, config)
      await streamsEnded
      await refusals.close()
    },
  }
}

/** The responses to requests that came in and were not answered yet. */
function trackUnanswered(http: Server): ReadonlySet<ServerResponse> {
  const unanswered = new Set<ServerResponse>()
  http.prependListener('request', (_request, response) => {
    unanswered.add(response)
    response.once('close', () => unanswered.delete(response))
  })
  return unanswered
}

/** Stops listening, lets requests in flight finish, and cuts off what is left after the time-out. */
function closeGracefully(http: Server, config: Config): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => http.closeAllConnections(), config.shutdownTimeoutMs)
    http.close(() => {
      clearTimeout(timer)
      resolve()
    })
    http.closeIdleConnections()
  })
}
