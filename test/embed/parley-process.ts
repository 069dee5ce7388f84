import { startParley } from '../../src/demo/start-parley.ts'
import type { Answer } from '../support/server.ts'

/** Parley as anybody runs it, with a database that is deleted at the end. For commands; tests have `setUpStage`. */
export interface ParleyProcess {
  origin: string
  adminKey: string
  ask(key: string, document: string, variables?: object): Promise<Answer>
  /** Returns a key of the tenant's. */
  newTenant(id: string, name: string, timeZone?: string): Promise<string>
  stop(): Promise<void>
}

const SCOPES = ['ANALYTICS_READ', 'CONVERSATIONS_READ', 'CONVERSATIONS_WRITE', 'EMBED_TOKENS_CREATE']

export async function runParley(allowedOrigin: string): Promise<ParleyProcess> {
  const { firstStart, stop } = startParley(allowedOrigin, ['--import', './src/process/startup-flags.js'])
  const { url, adminKey } = await firstStart
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
  return { origin: new URL(url).origin, adminKey, ask, newTenant, stop }
}
