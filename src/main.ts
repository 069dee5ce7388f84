import type { Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { keyIdOf } from './auth/api-key.ts'
import { generatedSecret } from './auth/generated-secret.ts'
import { SigningKeys } from './auth/signing-keys.ts'
import { type Config, readConfig } from './config.ts'
import { connect } from './database/connect.ts'
import { makeFirstKey, makeFirstSigningKey } from './domain/first-key.ts'
import { LiveChanges } from './domain/live-changes.ts'
import { RefusedAttempts } from './domain/refused-attempts.ts'
import { announceFirstKey } from './first-call.ts'
import { createNodeServer } from './http/node-server.ts'
import { createLog, reportFailure } from './log.ts'
import { createServer } from './server.ts'

/** The process: settings, database, listening, and a clean stop. */
async function main() {
  const config = readConfig(process.env, (key) => keyIdOf(key) !== null)
  const log = createLog(config.logLevel)
  const database = await connect(
    config.database,
    config.logLevel === 'debug' ? { onStatement: (sql) => log.debug({ sql }, 'statement') } : {},
  )
  const signingKeys = new SigningKeys(database, config.signingKeySecret ?? embeddedSecret(config))
  const refusals = new RefusedAttempts(database, (err, lost) => log.error({ err, lost }, 'audit events were lost'))
  const changes = new LiveChanges(database, config.maxSubscriptionsPerTenant)
  const yoga = createServer({ database, signingKeys, changes, refusals, config, log })
  const http = createNodeServer(yoga)
  const unanswered = trackUnanswered(http)
  try {
    await makeFirstSigningKey(database, signingKeys)
    await listen(http, config)
    const url = `http://${displayHost(config.host)}:${(http.address() as AddressInfo).port}/graphql`
    const where = database.kind === 'pglite' ? { dataDir: config.database.dataDir } : {}
    log.info({ url, database: database.kind, ...where }, `Parley serves at ${url}`)
    // Not before it listens: a start that fails must not use up the one time that the key is shown.
    const firstKey = await makeFirstKey(database, config.adminKey)
    if (firstKey !== null) announceFirstKey({ secret: firstKey, url, brought: config.adminKey !== undefined, log })
  } catch (error) {
    // What is open would keep the process alive, half started.
    await closeGracefully(http, config)
    await database.close()
    throw error
  }

  const stop = once(async (signal: string) => {
    log.info({ signal }, 'stopping: requests in flight finish, new ones are refused')
    // Else a kept connection outlives its last answer: it delays the end and takes a request that is never answered.
    for (const response of unanswered) {
      if (!response.headersSent) response.setHeader('connection', 'close')
      else response.once('close', () => http.closeIdleConnections())
    }
    const streamsEnded = changes.close()
    await closeGracefully(http, config)
    await streamsEnded
    await refusals.close()
    await database.close()
    log.info('stopped')
  })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal))
}

/** PGlite comes with a secret of its own; a PostgreSQL, which processes share, is given one by all of them. */
const embeddedSecret = ({ database }: Config) =>
  database.url === undefined ? generatedSecret(database.dataDir) : undefined

function listen(http: Server, { host, port }: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', (error) => reject(new Error(`HOST, PORT: can't listen there: ${error.message}`)))
    http.listen(port, host, resolve)
  })
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

function once<Argument>(work: (argument: Argument) => Promise<void>): (argument: Argument) => Promise<void> {
  let running: Promise<void> | undefined
  return (argument) => (running ??= work(argument))
}

/** A listening address as people type it. */
function displayHost(host: string): string {
  if (['127.0.0.1', '0.0.0.0', '::', '::1'].includes(host)) return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}

main().catch(reportFailure)
