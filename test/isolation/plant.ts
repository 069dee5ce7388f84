import { randomBytes } from 'node:crypto'
import { typeid } from 'typeid-js'
import { encodeEndUserId } from '../../src/input/ids.ts'
import { type Ask, TENANT_SCOPES, type TestServer } from '../support/server.ts'
import { agentInput, closedInput, documentsOf, issuerInput, openInput, sharedInput } from './planted-inputs.ts'
import { send } from './send.ts'

/** Everything by which somebody else could try to get at a tenant's rows. Plain JSON, so that a ghost can be made of it. */
export interface Planted {
  /** Every text that was stored begins with it, so that it is recognised wherever it comes up. */
  marker: string
  tenantId: string
  tenantName: string
  keyName: string
  /** One id for each type that implements Node, by the type's name. */
  nodeIds: Record<string, string>
  /** A chat message beside the one in `nodeIds`, of the same conversation. */
  userMessageId: string
  agentId: string
  /** Finished, and filled in every column. */
  closedId: string
  /** Still taking messages. */
  openId: string
  sharedId: string
  /** A place in the middle of each list: entries before it and behind it. */
  cursors: Record<string, string>
}

/** As much of a server as it takes to plant: one of this process, or another process. */
export type PlantingServer = Pick<TestServer, 'admin' | 'as' | 'fetch' | 'newKey'>

export interface Tenant extends Planted {
  secret: string
  ask: Ask
}

/** A planted text: `mark(planted, 'content')`. Two columns never hold the same. */
export const mark = (planted: { marker: string }, name: string) => `${planted.marker}-${name}`

const nonce = () => randomBytes(4).toString('hex')

/** The victim: a tenant that holds a canary in every column that can hold one. */
export const plantVictim = (server: PlantingServer) =>
  plant(server, {
    marker: `canary-data-${nonce()}`,
    account: `canary-account-${nonce()}`,
    days: ['2024-03-01', '2024-03-02', '2024-03-03'],
  })

/** The attacker: a tenant with data of its own around the victim's, and one external id in common with it. */
export const plantAttacker = (server: PlantingServer) =>
  plant(server, { marker: 'own', account: 'own-account', days: ['2024-02-01', '2024-03-15', '2024-04-01'] })

interface Plan {
  marker: string
  account: string
  days: readonly [string, string, string]
}

async function plant(server: PlantingServer, plan: Plan): Promise<Tenant> {
  const tenant = {
    tenantId: `tenant-${nonce()}`,
    tenantName: `${plan.account}-tenant-name`,
    keyName: `${plan.account}-key-name`,
  }
  await must(server.admin, 'mutation ($input: CreateTenantInput!) { createTenant(input: $input) { created } }', {
    input: { id: tenant.tenantId, name: tenant.tenantName, abandonAfterMinutes: 525_600 },
  })
  const key = await server.newKey({ scopes: TENANT_SCOPES, tenantId: tenant.tenantId, name: tenant.keyName })
  const ISSUER =
    'mutation ($input: RegisterTokenIssuerInput!) { registerTokenIssuer(input: $input) { tokenIssuer { id } } }'
  const issuer = await must(server.admin, ISSUER, { input: issuerInput(tenant.tenantId) })
  const ask = server.as({ key: key.secret })
  const agent = await must(
    ask,
    'mutation ($input: CreateAgentInput!) { createAgent(input: $input) { agent { id } } }',
    {
      input: agentInput(plan),
    },
  )
  const agentId: string = agent.createAgent.agent.id
  await must(ask, 'mutation ($input: RegisterDocumentsInput!) { registerDocuments(input: $input) { createdCount } }', {
    input: { documents: documentsOf(plan) },
  })
  const changes = await currentToken(server, key.secret)
  const [first, second, third] = plan.days
  const sharedId = await log(ask, sharedInput(plan, first))
  const closedId = await log(ask, closedInput(plan, second, agentId))
  const openId = await log(ask, openInput(plan, third))
  const messages = await messagesOf(ask, closedId)
  const firstOfEach = Object.fromEntries(messages.toReversed().map(({ __typename, id }) => [__typename, id]))
  const account = await readAccount(server, tenant.tenantId)
  return {
    ...tenant,
    marker: plan.marker,
    nodeIds: {
      EndUser: encodeEndUserId(mark(plan, 'end-user')),
      ...{ ApiKey: key.id, TokenIssuer: issuer.registerTokenIssuer.tokenIssuer.id, AuditEvent: account.auditEventId },
      ...{ Agent: agentId, Conversation: closedId, Tenant: tenant.tenantId, ...firstOfEach },
    },
    userMessageId: messages.find(({ role }) => role === 'USER')?.id ?? '',
    ...{ agentId, closedId, openId, sharedId },
    cursors: { changes, ...(await tenantCursors(ask, closedId)), ...account.cursors },
    ...{ secret: key.secret, ask },
  }
}

/** The resume token after which everything that is planted is still to come. */
export const currentToken = (server: Pick<PlantingServer, 'fetch'>, key: string) => tokenAfter(server, key, null)

/** The resume token after the changes that are told first of those after another one. */
export async function tokenAfter(
  server: Pick<PlantingServer, 'fetch'>,
  key: string,
  after: string | null,
): Promise<string> {
  const query = 'subscription ($after: String) { conversationsChanged(after: $after) { resumeToken } }'
  const { text } = await send(server, { key }, { query, variables: { after } })
  const [, resumeToken] = /"resumeToken":"([\w-]+)"/.exec(text) ?? []
  if (resumeToken === undefined) throw new Error(text)
  return resumeToken
}

async function log(ask: Ask, input: object): Promise<string> {
  const LOG = 'mutation ($input: LogConversationInput!) { logConversation(input: $input) { conversation { id } } }'
  return (await must(ask, LOG, { input })).logConversation.conversation.id
}

async function messagesOf(ask: Ask, id: string): Promise<{ __typename: string; id: string; role?: string }[]> {
  const READ =
    'query ($id: ID!) { conversation(by: { id: $id }) { messages { nodes { __typename id ... on ChatMessage { role } } } } }'
  return (await must(ask, READ, { id })).conversation.messages.nodes
}

async function tenantCursors(ask: Ask, conversationId: string): Promise<Record<string, string>> {
  const orders = ['STARTED_AT', 'CREATED_AT', 'UPDATED_AT', 'MESSAGE_COUNT']
  const lists = orders.map((field) => `${field}: conversations(orderBy: { field: ${field} }) { edges { cursor } }`)
  const userOrders = ['LAST_SEEN', 'FIRST_SEEN']
  const users = userOrders.map(
    (field) => `${field}: endUsers(includeTests: true, orderBy: { field: ${field} }) { edges { cursor } }`,
  )
  const data = await must(
    ask,
    `query ($id: ID!) { ${lists.join(' ')} ${users.join(' ')} agents { edges { cursor } } trustedDocuments { edges { cursor } } conversation(by: { id: $id }) { messages { edges { cursor } } } }`,
    { id: conversationId },
  )
  const middle = ({ edges }: { edges: { cursor: string }[] }) => edges[Math.floor(edges.length / 2)]?.cursor ?? ''
  const conversations = orders.map((field) => [field, middle(data[field])])
  const endUsers = userOrders.map((field) => [`END_USERS_${field}`, middle(data[field])])
  const others = {
    ...{ agents: middle(data.agents), messages: middle(data.conversation.messages) },
    trustedDocuments: middle(data.trustedDocuments),
  }
  return { ...Object.fromEntries([...conversations, ...endUsers]), endUsers: middle(data.LAST_SEEN), ...others }
}

/** What the account's own lists have of a tenant. */
async function readAccount(server: PlantingServer, tenantId: string) {
  const data = await must(
    server.admin,
    `query ($tenantId: ID!) {
      tenants(first: 100) { edges { cursor node { id } } }
      apiKeys(filter: { tenantIds: [$tenantId] }) { edges { cursor } }
      tokenIssuers(first: 1) { edges { cursor } }
      auditEvents(first: 1, filter: { tenantIds: [$tenantId] }) { edges { cursor node { id } } }
    }`,
    { tenantId },
  )
  const tenants: { cursor: string; node: { id: string } }[] = data.tenants.edges
  const [auditEvent] = data.auditEvents.edges
  return {
    auditEventId: String(auditEvent.node.id),
    cursors: {
      tenants: tenants.find(({ node }) => node.id === tenantId)?.cursor ?? '',
      apiKeys: data.apiKeys.edges[0].cursor,
      tokenIssuers: data.tokenIssuers.edges[0].cursor,
      auditEvents: auditEvent.cursor,
    },
  }
}

export async function must(ask: Ask, document: string, variables: Record<string, unknown>) {
  const { data, errors } = await ask(document, variables)
  if (errors) throw new Error(JSON.stringify(errors))
  return data
}

const TYPE_ID = /\b([a-z]+)_[0-9a-hjkmnp-tv-z]{26}\b/g

/** The same shape for a tenant that never existed: other well-formed ids, other texts, the same places in lists. */
export function ghostOf({ secret: _secret, ask: _ask, ...victim }: Tenant): Planted {
  const ids = new Map<string, string>()
  const renamed = (text: string) =>
    text
      .replaceAll(victim.marker, ghostMarker)
      .replaceAll(victim.tenantId, ghostTenant)
      .replace(TYPE_ID, (id, prefix: string) => remember(ids, id, () => typeid(prefix).toString()))
  const ghostMarker = `canary-data-${nonce()}`
  const ghostTenant = `tenant-${nonce()}`
  const ghost = JSON.parse(renamed(JSON.stringify(victim))) as Planted
  const cursors = Object.entries(victim.cursors).map(([list, cursor]) => {
    // A moment of the database, which was also one before a tenant that never existed.
    if (list === 'changes') return [list, cursor]
    const [order, value, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as [string, number, string]
    const place = /^[0-9a-f-]{36}$/.test(id) ? typeid().toUUID() : renamed(id)
    return [list, Buffer.from(JSON.stringify([order, value, place])).toString('base64url')]
  })
  return { ...ghost, cursors: Object.fromEntries(cursors) }
}

function remember<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const value = map.get(key) ?? make()
  map.set(key, value)
  return value
}
