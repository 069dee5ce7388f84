import { createServer as createHttpServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { keyIdOf } from './auth/api-key.ts'
import { type Config, ConfigError, readConfig } from './config.ts'
import { connect } from './database/connect.ts'
import { makeFirstKey } from './domain/first-key.ts'
import { announceFirstKey } from './first-call.ts'
import { createLog } from './log.ts'
import { createServer } from './server.ts'

/** The process: settings, database, listening, and a clean stop. */
async function main() {
  const config = readConfig(process.env)
  if (config.adminKey !== undefined && keyIdOf(config.adminKey) === null) {
    throw new ConfigError(['ADMIN_KEY: is not a well-formed key: its form or its checksum is wrong'])
  }
  const log = createLog(config.logLevel)
  const database = await connect(
    config.database,
    config.logLevel === 'debug' ? { onStatement: (sql) => log.debug({ sql }, 'statement') } : {},
  )
  const yoga = createServer({ database, config, log })
  const http = createHttpServer({ requestTimeout: 60_000, headersTimeout: 15_000 }, yoga)

  await new Promise<void>((resolve, reject) => {
    http.once('error', reject)
    http.listen(config.port, config.host, resolve)
  })
  const url = `http://${displayHost(config.host)}:${(http.address() as AddressInfo).port}/graphql`
  const where = database.kind === 'pglite' ? { dataDir: config.database.dataDir } : {}
  log.info({ url, database: database.kind, ...where }, `Parley serves at ${url}`)
  // Not before it listens: a start that fails must not use up the one time that the key is shown.
  const firstKey = await makeFirstKey(database, config.adminKey)
  if (firstKey !== null) announceFirstKey({ secret: firstKey, url, brought: config.adminKey !== undefined, log })

  const stop = once(async (signal: string) => {
    log.info({ signal }, 'stopping: requests in flight finish, new ones are refused')
    await closeGracefully(http, config)
    await database.close()
    log.info('stopped')
  })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal))
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
const displayHost = (host: string) => (['127.0.0.1', '0.0.0.0', '::', '::1'].includes(host) ? 'localhost' : host)

main().catch((error: unknown) => {
  // Before there is a log to write to, and for the person who started it: the message alone, which names the setting.
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
