import cluster from 'node:cluster'
import type { Logger } from 'pino'
import { keyIdOf } from './auth/api-key.ts'
import { signingKeysOf } from './auth/signing-keys.ts'
import { type Config, parseConfig } from './config.ts'
import { makeFirstKey, makeFirstSigningKey } from './credentials/bootstrap-keys.ts'
import { connect, type Database } from './database/connect.ts'
import { FailureLog } from './failure-log.ts'
import { ExpiringKeys } from './jobs/expiring-keys.ts'
import { createLog, reportFailure } from './log.ts'
import { announceFirstKey } from './process/announce-first-key.ts'
import { consoleUrlOf, type Service } from './process/listen.ts'
import { leave, Shutdown } from './process/shutdown.ts'
import { startWorkers } from './process/workers.ts'
import type { serve } from './serve.ts'

/** How often a background job that keeps failing is logged. */
const HOUR_MS = 3_600_000

/** Runs for `npm start`, and in each process that it starts if PROCESSES is more than 1. */
async function main() {
  const config = parseConfig(process.env, (key) => keyIdOf(key) !== null)
  // Several processes share one log: each line carries its pid.
  const log = createLog(config.logLevel).child(config.processes > 1 ? { pid: process.pid } : {})
  const shutdown = new Shutdown(config, log)
  const failures = new FailureLog(log, HOUR_MS)
  process.once('exit', () => failures.close())
  const database = await connect(config.database, {
    onWarning: (message) => log.warn(message),
    onBackgroundFailure: (work, error) => failures.note(work, error),
    ...(config.logLevel === 'debug' ? { onStatement: (sql) => log.debug({ sql }, 'statement') } : {}),
  })
  try {
    if (!cluster.isWorker) await makeFirstSigningKey(database, signingKeysOf(database, config))
    const isPrimary = !cluster.isWorker && config.processes > 1
    const service = await (isPrimary ? startWorkers(config, log) : serveHere(database, config, log))
    shutdown.listening()
    const expiringKeys = new ExpiringKeys(database, log)
    if (!cluster.isWorker) {
      await announce(service, database, config, log)
      expiringKeys.start()
    }
    const stop = async () => {
      await service.stop()
      await expiringKeys.close()
    }
    shutdown.started({ service: { ...service, stop }, database })
  } catch (error) {
    // An open database would keep the half-started process alive.
    await database.close()
    throw error
  }
}

const NO_SIGNING_KEY_SECRET =
  'SIGNING_KEY_SECRET is not set: createEmbedToken and rotateSigningKey fail with NOT_CONFIGURED. Set it to 32 or more random characters, the same for all processes, to create tokens for browsers'

const NO_FSYNC =
  'EMBEDDED_FSYNC is false: a power failure loses the writes of the last seconds, and may damage the database'

/** Late enough not to delay the first requests. */
const LOAD_DERIVATION_AFTER_MS = 2_000

/** Loaded only in a process that serves: a primary answers nothing, and can do without the 60 MB and the time that this takes. */
const serveHere: typeof serve = async (...args) => {
  const [{ serve }, { loadDerivation }] = await Promise.all([
    import('./serve.ts'),
    import('./messages/enrichment/load.ts'),
  ])
  const service = await serve(...args)
  // If it fails, the write that needs it fails with the error.
  setTimeout(() => loadDerivation().catch(() => {}), LOAD_DERIVATION_AFTER_MS).unref()
  return service
}

/** Runs once per start, however many processes serve: logs the address, then creates the first key and shows it. */
async function announce(service: Service, database: Database, config: Config, log: Logger) {
  const { url } = service
  try {
    const { dataDir, fsync } = config.database
    const isEmbedded = database.kind === 'pglite'
    const where = isEmbedded ? ` and stores its data in ${dataDir}` : ''
    log.info({ url, database: database.kind, ...(isEmbedded && { dataDir }) }, `Parley listens at ${url}${where}`)
    const consoleUrl = config.console ? consoleUrlOf(url) : null
    if (consoleUrl) log.info({ console: consoleUrl }, `the console is at ${consoleUrl}: sign in with an ADMIN key`)
    if (isEmbedded && !fsync) log.warn(NO_FSYNC)
    if (database.kind === 'postgresql' && config.signingKeySecret === undefined) log.warn(NO_SIGNING_KEY_SECRET)
    // Only after it listens: the key is shown once, and a failed start must not use that up.
    const firstKey = await makeFirstKey(database, config.adminKey)
    const brought = config.adminKey !== undefined
    if (firstKey !== null) announceFirstKey({ secret: firstKey, url, consoleUrl, brought, log })
  } catch (error) {
    await service.stop()
    throw error
  }
}

main().catch((error: unknown) => {
  reportFailure(error)
  leave()
})
