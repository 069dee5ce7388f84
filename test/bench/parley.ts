import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** A Parley of its own process on a PostgreSQL, as it is run in production, with an ADMIN key. */
export interface Parley {
  /** Asks in the name of a tenant; the answer's text, and throws on errors. */
  ask(tenantId: string, query: string, variables?: Record<string, unknown>): Promise<string>
  process: ChildProcess
  url: string
  key: string
  stop(): Promise<void>
}

/** `ownerUrl` is the database as the owner of its tables; the role that serves is made beside it. */
export async function startParley(ownerUrl: string): Promise<Parley> {
  const serving = new URL(ownerUrl)
  serving.username = 'parley_bench_server'
  serving.password = 'parley_bench_server'
  const env = {
    ...process.env,
    ...{ DATABASE_URL: serving.href, DATABASE_OWNER_URL: ownerUrl, PORT: '0', NODE_ENV: 'production' },
    ...{ SIGNING_KEY_SECRET: 'for measuring alone, 32 characters', LOG_LEVEL: 'info' },
    ...{ RATE_LIMIT_PER_MINUTE: '0', RATE_LIMIT_TENANT_PER_MINUTE: '0' },
  }
  const server = spawn(process.execPath, ['src/main.ts'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const url = await new Promise<string>((resolve, reject) => {
    server.once('exit', (code) => reject(new Error(`Parley ended with ${code}`)))
    createInterface(server.stdout).on('line', (line) => {
      const { url } = JSON.parse(line) as { url?: string }
      if (url) resolve(url)
    })
  })
  const key = execFileSync(process.execPath, ['src/cli/admin-key.ts', 'bench'], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
    .toString()
    .trim()
  const ask: Parley['ask'] = async (tenantId, query, variables) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, 'x-tenant-id': tenantId },
      body: JSON.stringify({ query, variables }),
    })
    const text = await response.text()
    if (text.includes('"errors"')) throw new Error(text)
    return text
  }
  const stop = async () => {
    server.kill('SIGTERM')
    await new Promise((resolve) => server.once('exit', resolve))
  }
  return { ask, process: server, url, key, stop }
}
