import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import { refuseSecrets } from '../cli/secret-arguments.ts'
import { type LoggingError, type Mutation, Parley } from '../client/index.ts'
import { createBackEnd } from './back-end.ts'
import { talk } from './live-conversation.ts'
import { startParley } from './start-parley.ts'

/**
 * `npm run demo [-- FILE]`: a SaaS product that shows a customer its own conversations. It consists of Parley on an
 * embedded database that is deleted at the end, Taskmaster conversations in it, a back end that holds the key, and a
 * page. The page is at PORT, 4001 by default.
 */
const SAMPLE = 'test/data/taskmaster-sample.jsonl'
const CUSTOMER = 'acme'

async function main() {
  refuseSecrets(process.argv.slice(2))
  const file = resolve(process.argv[2] ?? SAMPLE)
  process.chdir(join(import.meta.dirname, '../..'))
  const stopping = new AbortController()
  // It listens before there is anything to show, because Parley is told the origin of the page.
  const backEnd = createServer((_request, response) => response.writeHead(503).end('The demo is still importing.'))
  backEnd.listen(Number(process.env['PORT'] ?? 4001), '127.0.0.1')
  await once(backEnd, 'listening')
  const pageOrigin = `http://localhost:${(backEnd.address() as AddressInfo).port}`

  const server = startParley(pageOrigin)
  let parley: Parley | null = null
  const stop = async () => {
    stopping.abort()
    backEnd.close()
    backEnd.closeAllConnections()
    // What it has logged is stored while there is somewhere to store it.
    await parley?.close({ timeoutMs: 2_000 })
    await server.stop()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void stop())

  try {
    const { url, adminKey } = await server.firstStart
    const key = await makeTenant(url, adminKey)
    process.stdout.write(`Importing ${file}\n`)
    await importFile(file, url, adminKey, stopping.signal)
    backEnd.removeAllListeners('request').on('request', createBackEnd(url, key))
    process.stdout.write(`The page is at ${pageOrigin}, Parley at ${url}. Ctrl-C stops both and deletes all data.\n`)
    // With Ctrl-C, Parley stops at the same time.
    const onError = ({ message }: LoggingError) => void (stopping.signal.aborted || console.warn(message))
    parley = new Parley({ url, apiKey: key, onError })
    await talk(parley, stopping.signal)
  } catch (error) {
    if (!stopping.signal.aborted) throw error
  } finally {
    await stop()
  }
}

/** Creates a tenant for a customer, and returns a key with which the back end acts for it. */
async function makeTenant(url: string, apiKey: string): Promise<string> {
  const administrator = new Parley({ url, apiKey, timeoutMs: 60_000 })
  await administrator.query('mutation ($input: CreateTenantInput!) { createTenant(input: $input) { created } }', {
    input: { id: CUSTOMER, name: 'Acme' },
  })
  const scopes = ['ANALYTICS_READ', 'CONVERSATIONS_READ', 'CONVERSATIONS_WRITE', 'EMBED_TOKENS_CREATE']
  const { generateApiKey } = await administrator.query<Pick<Mutation, 'generateApiKey'>>(
    'mutation ($input: GenerateApiKeyInput!) { generateApiKey(input: $input) { secret } }',
    { input: { name: 'The product’s back end', tenantId: CUSTOMER, scopes } },
  )
  return generateApiKey.secret
}

async function importFile(file: string, url: string, key: string, signal: AbortSignal) {
  const [from, to] = [new Date(Date.now() - 14 * 86_400_000), new Date(Date.now() - 3_600_000)]
  const range = ['--from', from.toISOString(), '--to', to.toISOString()]
  const args = ['src/cli/import.ts', file, '--format', 'taskmaster', '--url', url, '--tenant', CUSTOMER, ...range]
  // Not as an argument, which other users of the machine can read.
  const env = { ...process.env, PARLEY_KEY: key }
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'], signal })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`${file} could not be imported.`)
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
