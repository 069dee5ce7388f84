import { nestedCases } from '../../isolation/cases.ts'
import { accountCases } from '../../isolation/cases-account.ts'
import { readCases } from '../../isolation/cases-read.ts'
import {
  must,
  type Planted,
  type PlantingServer,
  plantAttacker,
  plantVictim,
  type Tenant,
} from '../../isolation/plant.ts'
import { selectEverything } from '../../isolation/select-everything.ts'
import { send } from '../../isolation/send.ts'
import type { ServerProcess, Settings } from '../../support/process.ts'
import type { Ask, Credential } from '../../support/server.ts'

/** What the original database was filled with, to ask a restored one for it. */
export interface Filled {
  adminKey: string
  tenants: [Tenant, Tenant]
  embedToken: string
}

/** Settings of a server that is asked much. */
export const PATIENT: Settings = { RATE_LIMIT_PER_MINUTE: '0', RATE_LIMIT_TENANT_PER_MINUTE: '0', LOG_LEVEL: 'info' }

/** Two tenants with something in every column. */
export async function fill(server: ServerProcess): Promise<Filled> {
  const adminKey = await server.adminKey()
  const planting = plantingServer(server, adminKey)
  const tenants: [Tenant, Tenant] = [await plantVictim(planting), await plantAttacker(planting)]
  return { adminKey, tenants, embedToken: await createEmbedToken(server, tenants[0]) }
}

/** Signed with a key that is in the database, encrypted with a secret that is not. */
export async function createEmbedToken(server: ServerProcess, { secret }: Tenant): Promise<string> {
  const CREATE = 'mutation { createEmbedToken(input: { scopes: [CONVERSATIONS_READ] }) { token } }'
  const { body } = await server.ask(secret, CREATE)
  if (body.errors) throw new Error(JSON.stringify(body.errors))
  return body.data.createEmbedToken.token
}

function plantingServer(server: ServerProcess, adminKey: string): PlantingServer {
  const as =
    ({ key = '', tenantId }: Credential): Ask =>
    async (document, variables) => {
      const { status, headers, body } = await server.ask(key, document, {
        ...(tenantId ? { tenantId } : {}),
        variables,
      })
      return { status, headers, ...body }
    }
  const admin = as({ key: adminKey })
  return {
    fetch: (path, init) => server.fetch(path, init),
    as,
    admin,
    async newKey(input) {
      const { generateApiKey } = await must(
        admin,
        'mutation ($input: GenerateApiKeyInput!) { generateApiKey(input: $input) { secret apiKey { id } } }',
        { input },
      )
      return { id: generateApiKey.apiKey.id, secret: generateApiKey.secret }
    },
  }
}

interface Question {
  credential: Credential
  coordinate: string
  args: Record<string, unknown>
}

/** What it answers changes from one request to the next. */
const VOLATILE = ['Query.limits']

/** Of each field, the question with the fewest arguments and one with all filters. */
const ends = <Entry>(list: readonly Entry[]): Entry[] =>
  list.length > 1 ? ([list[0], list.at(-1)] as Entry[]) : [...list]

function* questionsOf({ adminKey, tenants, embedToken }: Filled): Generator<Question> {
  for (const tenant of tenants) {
    for (const [coordinate, argumentsOf] of Object.entries(readCases)) {
      if (!coordinate.startsWith('Query.') || VOLATILE.includes(coordinate)) continue
      const permitted = argumentsOf(tenant, tenant).filter((args) => !namesAccount(args, tenant))
      for (const args of ends(permitted)) yield { credential: { key: tenant.secret }, coordinate, args }
    }
    for (const [coordinate, argumentsOf] of Object.entries(accountCases)) {
      if (!coordinate.startsWith('Query.')) continue
      for (const args of ends(argumentsOf(tenant, tenant))) yield { credential: { key: adminKey }, coordinate, args }
    }
  }
  yield { credential: { key: embedToken }, coordinate: 'Query.conversations', args: {} }
}

/** A tenant's key may not ask for what is the account's, and the refusal would be recorded. */
const namesAccount = (args: object, { nodeIds }: Planted) =>
  ['ApiKey', 'TokenIssuer', 'AuditEvent'].some((type) => JSON.stringify(args).includes(String(nodeIds[type])))

/** What a tenant is hidden of itself, and the refusal would be recorded as well. */
const ONLY_FOR_ADMINISTRATORS = /\bredactionPatterns \{[^}]*\}/g

/** Every answer of a server to every question of these, as text. More than fifty. */
export async function answersOf(server: ServerProcess, filled: Filled): Promise<Map<string, string>> {
  const answers = new Map<string, string>()
  const [one] = filled.tenants
  for (const { credential, coordinate, args } of questionsOf(filled)) {
    const nested = Object.entries(nestedCases)
      .filter(([, { rootField }]) => rootField === coordinate)
      .map(([field, nestedCase]) => [field, nestedCase.arguments(one, one)] as const)
    const everything = selectEverything(coordinate, args, Object.fromEntries(nested))
    const isAdmin = credential.key === filled.adminKey
    const query = isAdmin ? everything.query : everything.query.replaceAll(ONLY_FOR_ADMINISTRATORS, '')
    const { text } = await send(server, credential, { ...everything, query })
    // Every use of a key is noted in the key, that for these questions as well.
    answers.set(
      JSON.stringify({ credential, coordinate, args }),
      text.replaceAll(/"(lastUsed(?:At|Address|UserAgent))":(?:null|"[^"]+")/g, '"$1":…'),
    )
  }
  return answers
}
