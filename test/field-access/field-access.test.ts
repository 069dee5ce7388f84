import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { rowResolver } from '../../src/execution/query-plan.ts'
import { cases } from '../isolation/cases.ts'
import { mark, plantVictim, type Tenant } from '../isolation/plant.ts'
import { issuerInput } from '../isolation/planted-inputs.ts'
import { send } from '../isolation/send.ts'
import { type Credential, type GraphQLErrorShape, startTestServer, TENANT_SCOPES } from '../support/server.ts'
import { ACCESS, NODE_SCOPES, NULL_WITHOUT, SCOPES } from './table.ts'
import { coordinateOf, documentFor, fieldsBelow, objectTypes, type Reached, roots } from './walk.ts'

/** What a credential sees depends on the fields it asks for: on every path, and as the table says. */

const server = await startTestServer()

type Args = Record<string, unknown>

/** Fields per document: the more there are, the fewer requests are sent. */
const MAX_FIELDS = 60

const rootFields: Reached[] = roots.flatMap((type) =>
  Object.values(type.getFields()).map((field) => ({ type, field, path: [] })),
)

const answers = (reached: Reached, scope: string) => ACCESS.get(coordinateOf(reached))?.includes(scope) ?? false

test('every field has an entry in the table, and every entry is of a field', () => {
  const all = objectTypes.flatMap((type) =>
    Object.values(type.getFields()).map((field) => coordinateOf({ type, field })),
  )
  expect([...ACCESS.keys()].sort()).toEqual(all.sort())
})

test('a writer sees of conversations, messages and agents which one it wrote, and no more', () => {
  const seen = [...ACCESS].filter(([, scopes]) => scopes.includes('CONVERSATIONS_WRITE')).map(([field]) => field)
  const ofRows = seen.filter((field) => /^(Conversation|ChatMessage|ToolCall|ConversationEvent|Agent)\./.test(field))
  expect(ofRows).toEqual([
    ...['Agent.id', 'Agent.externalId', 'Agent.status'],
    ...['ChatMessage', 'ToolCall', 'ConversationEvent'].flatMap((type) => [
      `${type}.id`,
      `${type}.externalId`,
      `${type}.sequence`,
    ]),
    ...['id', 'externalId', 'status', 'createdAt', 'updatedAt'].map((field) => `Conversation.${field}`),
  ])
})

/** Arguments that succeed each time, and with a single scope. */
function knownArgs(coordinate: string, tenant: Tenant): Args | undefined {
  const messages = [
    { chat: { role: 'USER', content: 'Hello', agent: { id: tenant.agentId } } },
    { tool: { name: 'look' } },
    { event: { name: 'seen', visibility: 'PUBLIC' } },
  ]
  const input: Record<string, object> = {
    createAgent: { name: 'New' },
    upsertAgent: { externalId: mark(tenant, 'agent') },
    updateAgent: { by: { id: tenant.agentId }, status: 'ACTIVE' },
    archiveAgent: { by: { id: tenant.agentId } },
    logConversation: { agents: [{ id: tenant.agentId }], messages },
    appendMessages: { by: { id: tenant.openId }, messages },
    completeConversation: { by: { id: tenant.closedId }, status: 'COMPLETED' },
    reopenConversation: { by: { id: tenant.openId } },
    updateConversation: { by: { id: tenant.openId }, campaign: 'spring' },
    updateMessages: { by: { id: tenant.closedId }, messages: [{ by: { id: tenant.userMessageId }, rating: 1 }] },
    deleteConversation: { by: { id: tenant.sharedId } },
    createEmbedToken: {},
    generateApiKey: { name: 'Another', scopes: ['ADMIN'] },
    registerTokenIssuer: {
      ...issuerInput(tenant.tenantId),
      // A new one each time that it is sent.
      get issuer() {
        return `https://${randomUUID()}.example`
      },
    },
  }
  const [type, name = ''] = coordinate.split('.')
  if (name === 'conversationSeries') return { measures: ['CONVERSATIONS'], groupBy: { dimension: 'AGENT' } }
  if (name === 'logConversations') return { input: { conversations: [input['logConversation']] } }
  return type === 'Mutation' && input[name] ? { input: input[name] } : undefined
}

const argsOf = (coordinate: string, tenant: Tenant): Args =>
  knownArgs(coordinate, tenant) ?? cases[coordinate]?.(tenant, tenant)[0] ?? {}

/**
 * The same request plainly, and in a fragment: such a query is not compiled, and such a write shares no transaction.
 */
const ways: Record<string, (document: string) => string> = {
  plain: (document) => document,
  'in a fragment': (document) =>
    document.replace(
      /^(\w)(\w*) ([^{]*)\{(.*)\}$/s,
      (_, first: string, rest: string, declared: string, fields: string) =>
        `${first}${rest} ${declared}{ ... on ${first.toUpperCase()}${rest} {${fields}} }`,
    ),
}

async function errorsOf(credential: Credential, query: string, variables: Args): Promise<GraphQLErrorShape[]> {
  if (!query.startsWith('subscription')) return (await server.ask(credential, query, variables)).errors ?? []
  const { text } = await send(server, credential, { query, variables })
  return JSON.parse(text).errors ?? []
}

const isNull = (reached: Reached, scope: string) => (NULL_WITHOUT[coordinateOf(reached)] ?? scope) !== scope

/** One path to each field is enough, both for those that are answered and for those that are refused. */
function reachedBelow(root: Reached, scope: string): { answered: Reached[]; refused: Reached[] } {
  const reached = fieldsBelow(root, (field) => answers(field, scope) && !isNull(field, scope)).filter(
    (field) => !isNeverThere(root, field),
  )
  const first = [...Map.groupBy(reached, coordinateOf).values()].map((same) => same[0] as Reached)
  return {
    answered: first.filter((field) => answers(field, scope)),
    refused: first.filter((field) => !answers(field, scope)),
  }
}

const isFromRows = ({ path, field }: Reached) =>
  field.name !== 'totalCount' && [...path.slice(1).map((step) => step.field), field].every(rowResolver)

function chunksOf(fields: readonly Reached[]): Reached[][] {
  const groups = [fields.filter(isFromRows), fields.filter((field) => !isFromRows(field))]
  return groups.flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / MAX_FIELDS) }, (_, i) =>
      group.slice(i * MAX_FIELDS, (i + 1) * MAX_FIELDS),
    ),
  )
}

/** Whatever differs from the table. */
async function differences(credential: Credential, scope: string, root: Reached, args: Args): Promise<string[]> {
  const found: string[] = []
  const check = async (fields: readonly Reached[], isAnswered: boolean) => {
    for (const [way, write] of Object.entries(ways)) {
      const errors = await errorsOf(credential, write(documentFor(root, args, fields)), args)
      const isAsSaid = isAnswered
        ? errors.length === 0
        : errors.length > 0 && errors.every(({ extensions }) => extensions.code === 'FORBIDDEN')
      if (isAsSaid) continue
      const asked = fields.map(coordinateOf).join(' ')
      found.push(
        `${coordinateOf(root)} ${asked} ${way}: ${errors.map(({ message }) => message).join(' ') || 'answered'}`,
      )
    }
  }
  if (!answers(root, scope)) {
    await check([], false)
    return found
  }
  const { answered, refused } = reachedBelow(root, scope)
  for (const chunk of chunksOf(answered)) await check(chunk, true)
  for (const field of refused) await check([field], false)
  return found
}

/** Mutations whose errors depend on more than scopes: a deleted issuer can't be deleted again. */
const ONCE = new Set(['Mutation.deleteConversation', 'Mutation.deleteTokenIssuer', 'Mutation.revokeApiKey'])

/** Mutations that give others scopes, which the caller must have too. */
const GIVES = new Set(
  ['createEmbedToken', 'updateApiKey', 'regenerateApiKey', 'registerTokenIssuer', 'updateTokenIssuer'].map(
    (name) => `Mutation.${name}`,
  ),
)

/** Only chat messages can be updated. */
const isNeverThere = (root: Reached, { type, path }: Reached) =>
  root.field.name === 'updateMessages' &&
  [type, ...path.map((step) => step.type)].some(({ name }) => name === 'ToolCall' || name === 'ConversationEvent')

const isNode = ({ field }: Reached) => field.name === 'node' || field.name === 'nodes'

test.each(SCOPES)(
  'with only %s, each field is answered or refused as the table says',
  { timeout: 300_000 },
  async (scope) => {
    const tenant = await plantVictim(server)
    const keyWith = async (scopes: string[]): Promise<Credential> => {
      const { tenantId } = tenant
      if (scope === 'ADMIN') return { key: (await server.newKey({ scopes })).secret, tenantId }
      return { key: (await server.newKey({ scopes, tenantId })).secret }
    }
    const credential = await keyWith([scope])
    const strong = await keyWith([...new Set([scope, ...TENANT_SCOPES])])
    const { data } = await tenant.ask('mutation { createEmbedToken { token } }')
    // One that is accepted, or there would be no tenant to see.
    const testToken = { input: { token: data.createEmbedToken.token } }
    const found: string[] = []
    for (const root of rootFields.filter((field) => !isNode(field) && !ONCE.has(coordinateOf(field)))) {
      const isGiving = GIVES.has(coordinateOf(root)) && answers(root, scope)
      const args = root.field.name === 'testToken' ? testToken : argsOf(coordinateOf(root), tenant)
      found.push(...(await differences(isGiving ? strong : credential, scope, root, args)))
    }
    for (const [type, id] of Object.entries(tenant.nodeIds)) {
      for (const root of rootFields.filter(isNode)) {
        const args = root.field.name === 'node' ? { id } : { ids: [id] }
        const mayRead = (NODE_SCOPES[type] ?? '').split(' ').includes(scope)
        const fields = mayRead ? reachedBelow(root, scope).answered.filter((field) => isBelow(field, type)) : []
        for (const write of Object.values(ways)) {
          const errors = await errorsOf(credential, write(documentFor(root, args, fields)), args)
          const codes = errors.map(({ extensions }) => extensions.code)
          if (codes.join() !== (mayRead ? '' : 'FORBIDDEN')) found.push(`${coordinateOf(root)} ${type}: ${codes}`)
        }
      }
    }
    expect(found).toEqual([])
  },
)

/** Fields of this type itself: what hangs on it is tested from other roots. */
const isBelow = ({ type, path }: Reached, name: string) => path.length === 1 && type.name === name
