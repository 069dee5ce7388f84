import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Answer } from '../support/server.ts'

/** Parley as anybody runs it, with a database that is deleted at the end. For commands; tests have `setUpStage`. */
export interface ParleyProcess {
  origin: string
  ask(key: string, document: string, variables?: object): Promise<Answer>
  /** Returns a key of the tenant's. */
  newTenant(id: string, name: string, timeZone?: string): Promise<string>
  stop(): Promise<void>
}

const SCOPES = ['ANALYTICS_READ', 'CONVERSATIONS_READ', 'CONVERSATIONS_WRITE', 'EMBED_TOKENS_CREATE']

export async function startParley(allowedOrigin: string): Promise<ParleyProcess> {
  const dataDir = mkdtempSync(join(tmpdir(), 'parley-pages-'))
  const child = spawn(process.execPath, ['--import', './src/process/startup-flags.js', 'src/main.ts'], {
    env: {
      PATH: process.env['PATH'],
      PORT: '0',
      DATA_DIR: dataDir,
      EMBEDDED_FSYNC: 'false',
      CORS_ORIGINS: allowedOrigin,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const stop = async () => {
    if (child.exitCode === null && child.kill()) await once(child, 'exit')
    rmSync(dataDir, { recursive: true, force: true })
  }
  const { url, adminKey } = await firstStart(child.stdout)
  const ask: ParleyProcess['ask'] = async (key, query, variables) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
    const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) })
    return {
      status: answer.status,
      headers: answer.headers,
      ...((await answer.json()) as Pick<Answer, 'data' | 'errors'>),
    }
  }
  const newTenant: ParleyProcess['newTenant'] = async (id, name, timeZone = 'UTC') => {
    await ask(adminKey, 'mutation ($input: CreateTenantInput!) { createTenant(input: $input) { created } }', {
      input: { id, name, timeZone },
    })
    const { data } = await ask(
      adminKey,
      'mutation ($input: GenerateApiKeyInput!) { generateApiKey(input: $input) { secret } }',
      {
        input: { name: 'back end', tenantId: id, scopes: SCOPES },
      },
    )
    return data.generateApiKey.secret
  }
  return { origin: new URL(url).origin, ask, newTenant, stop }
}

/** The address, and the key that is shown only once. */
async function firstStart(stdout: NodeJS.ReadableStream): Promise<{ url: string; adminKey: string }> {
  const told: { url?: string; adminKey?: string } = {}
  for await (const line of createInterface(stdout)) {
    const { url, adminKey } = JSON.parse(line) as typeof told
    Object.assign(told, url && { url }, adminKey && { adminKey })
    if (told.url && told.adminKey) {
      stdout.resume()
      return { url: told.url, adminKey: told.adminKey }
    }
  }
  throw new Error('Parley exited before it served.')
}
