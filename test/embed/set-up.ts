import { afterAll } from 'vitest'
import { type Credential, startTestServer, type TestServer, type TestServerOptions } from '../support/server.ts'
import { type HostServer, listen } from './host-server.ts'
import { type KnownData, logKnownData } from './known-data.ts'

/** Parley over HTTP, and a product whose pages may read its answers. */
export interface Stage {
  host: HostServer
  server: TestServer
  /** Where Parley is. */
  parley: string
  /** A tenant with known data, whose tokens the product gives its pages at /token/<name>. */
  newCustomer(name: string, data?: Partial<KnownData>, token?: Partial<TokenInput>): Promise<Customer>
}

export interface Customer {
  name: string
  tenantId: string
  credential: Credential
  ask: TestServer['admin']
  tokens: Tokens
}

/** What happened to the tokens of one customer. */
export interface Tokens {
  given: string[]
  /** Of calls for a token. */
  calls: number
  atOnce: number
  mostAtOnce: number
  /** How often a call is still refused. */
  refuse: number
}

interface TokenInput {
  scopes: string[]
  documents: 'ANY' | 'COMPONENTS'
  expiresInSeconds: number
  timeZone: string
}

const CREATE_TOKEN = `mutation ($input: CreateEmbedTokenInput!) {
  createEmbedToken(input: $input) { token expiresInSeconds }
}`

/** A product's web server, until the test file ends. */
export async function startHostServer(): Promise<HostServer> {
  const { host, close } = await listen()
  afterAll(close)
  return host
}

/** Call it at the top of a test file. Everything ends with the file. */
export async function setUpStage(options: TestServerOptions = {}): Promise<Stage> {
  const host = await startHostServer()
  const server = await startTestServer({ corsOrigins: [host.origin], ...options })
  const parley = await server.listen()
  host.parley = parley
  const newCustomer: Stage['newCustomer'] = async (name, data = {}, { timeZone = 'UTC', ...token } = {}) => {
    const tenant = await server.newTenant({ timeZone })
    if (data.count !== 0) await logKnownData(tenant.ask, { count: 40, canary: name, ...data })
    const tokens: Tokens = { given: [], calls: 0, atOnce: 0, mostAtOnce: 0, refuse: 0 }
    const input = { documents: 'COMPONENTS', expiresInSeconds: 3_600, ...token }
    const create = async () => {
      if (tokens.refuse > 0) {
        tokens.refuse -= 1
        throw new Error('refused by the test')
      }
      const { data, errors } = await tenant.ask(CREATE_TOKEN, { input })
      if (errors) throw new Error(JSON.stringify(errors))
      tokens.given.push(data.createEmbedToken.token)
      return data.createEmbedToken
    }
    host.giveTokens(name, async () => {
      tokens.calls += 1
      tokens.atOnce += 1
      tokens.mostAtOnce = Math.max(tokens.mostAtOnce, tokens.atOnce)
      return create().finally(() => {
        tokens.atOnce -= 1
      })
    })
    return { name, tenantId: tenant.id, credential: { key: tenant.key }, ask: tenant.ask, tokens }
  }
  return { host, server, parley, newCustomer }
}
