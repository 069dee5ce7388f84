import { requestsOf } from '../isolation/attack.ts'
import { must, type Planted, plantVictim } from '../isolation/plant.ts'
import { type Credential, serveTestDatabase, startTestServer } from '../support/server.ts'

export interface Question {
  name: string
  query: string
  variables: object
}

/** A planted tenant behind two servers on one database: the second answers every query the way of graphql-js. Both have this clock. */
export async function startBothWays(now: Date | null = null) {
  const server = await startTestServer()
  const resolved = serveTestDatabase(server, server.adminKey, { compilesReads: false })
  server.clock.now = resolved.clock.now = now
  const tenant = await plantVictim(server)

  const keyWith = async (...scopes: string[]): Promise<Credential> => ({
    key: (await server.newKey({ scopes, tenantId: tenant.tenantId })).secret,
  })
  const token = async (input: object): Promise<Credential> => {
    const CREATE = 'mutation ($input: CreateEmbedTokenInput!) { createEmbedToken(input: $input) { token } }'
    return { key: (await must(tenant.ask, CREATE, { input })).createEmbedToken.token }
  }
  /** The questions that are not answered the same to the byte. */
  async function differing(credential: Credential, questions: readonly Question[]) {
    const found = []
    for (const { name, query, variables } of questions) {
      const short = comparable(await server.ask(credential, query, { ...variables }))
      const long = comparable(await resolved.ask(credential, query, { ...variables }))
      if (short !== long) found.push({ name, short, long })
    }
    return found
  }
  return { server, tenant, keyWith, token, differing }
}

/** What two requests never have in common. */
const comparable = (answer: object) => JSON.stringify({ ...answer, headers: null })

/**
 * All that the isolation suite asks of these root fields. What it asks for once with more than rows and once for the rows
 * alone is asked for the rows alone, but for one of each: the other goes the way of graphql-js on both servers.
 */
export const asIsolationAsks = (tenant: Planted, fields: readonly string[]): Question[] =>
  requestsOf({ other: tenant, own: tenant })
    .filter(({ field }) => fields.includes(field))
    .filter(({ name, isFirst }, _, all) => isFirst || !all.some((other) => other.name === `${name} (rows)`))
    .map(({ name, document: { query, variables } }) => ({ name, query, variables }))

export const withoutVariables = (queries: Record<string, string>): Question[] =>
  Object.entries(queries).map(([name, query]) => ({ name, query, variables: {} }))
