import {
  type GraphQLInputField,
  type GraphQLInputObjectType,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql'
import { expect, test } from 'vitest'
import { schema } from '../../src/schema/schema.ts'
import { register } from '../documents/documents.ts'
import { serveTestDatabase, startTestServer } from '../support/server.ts'

/** What an empty list in a filter means, and null for `first`: it is said on each of them, and it is so. */

const types = Object.values(schema.getTypeMap())
const inputs = types.filter(isInputObjectType)

/** The filters, and the types that lie in them. */
const filters = new Set<GraphQLInputObjectType>()
const addFilter = (type: GraphQLInputObjectType) => {
  if (filters.has(type)) return
  filters.add(type)
  for (const field of Object.values(type.getFields())) {
    const inner = getNamedType(field.type)
    if (isInputObjectType(inner)) addFilter(inner)
  }
}
for (const type of inputs) if (type.name.endsWith('Filter')) addFilter(type)

interface FilterList {
  type: GraphQLInputObjectType
  field: GraphQLInputField
}

const lists: FilterList[] = [...filters].flatMap((type) =>
  Object.values(type.getFields())
    .filter((field) => isListType(field.type))
    .map((field) => ({ type, field })),
)
const nameOf = ({ type, field }: FilterList) => `${type.name}.${field.name}`

const NOTHING = / An empty list matches nothing\.$/
const NO_CONDITION = / An empty list is no condition\.$/

const numbers = [
  ...types
    .filter((type) => isObjectType(type) || isInterfaceType(type))
    .flatMap((type) =>
      Object.values(type.getFields()).map((field) => ({ at: `${type.name}.${field.name}`, of: field.args })),
    ),
  ...inputs.map((type) => ({ at: type.name, of: Object.values(type.getFields()) })),
].flatMap(({ at, of }) => of.filter(({ name }) => name === 'first').map((argument) => ({ at, argument })))

test('every list of a filter says what an empty one means', () => {
  const silent = lists.filter(
    ({ field: { description } }) => !NOTHING.test(description ?? '') && !NO_CONDITION.test(description ?? ''),
  )
  expect(silent.map(nameOf)).toEqual([])
  expect(lists.length).toBeGreaterThan(20)
})

test('every `first` can be null, and says that this means the default', () => {
  expect(numbers.filter(({ argument }) => isNonNullType(argument.type)).map(({ at }) => at)).toEqual([])
  const says = /Null means the default(\.|: 20, unless `last` is given\.)/
  expect(numbers.filter(({ argument }) => !says.test(argument.description ?? '')).map(({ at }) => at)).toEqual([])
  expect(numbers.length).toBeGreaterThan(10)
})

/** More of everything than a page holds. */
const ENTRIES = 22

const server = await startTestServer()
const resolved = serveTestDatabase(server, server.adminKey, { compilesReads: false })
const tenant = await server.newTenant()
const credential = { key: server.adminKey, tenantId: tenant.id }
const { publicKey } = await crypto.subtle.generateKey({ name: 'Ed25519' }, true, ['sign', 'verify'])
const jwk = { ...(await crypto.subtle.exportKey('jwk', publicKey)), alg: 'EdDSA', kid: 'k' }
for (let i = 0; i < ENTRIES; i += 1) await plant(String(i).padStart(2, '0'), i)

async function plant(name: string, i: number) {
  // Enough different, well-formed language tags.
  const language = `en-${String.fromCharCode(65 + i)}A`
  const messages = [
    { chat: { role: 'USER', content: 'Hello', language, intent: { name: `intent ${name}` } } },
    { tool: { name: `tool_${name}` } },
  ]
  await server.newKey({ scopes: ['CONVERSATIONS_READ'] })
  await register(tenant.ask, `query Q${name} { viewer { name } }`)
  await server.admin('mutation ($input: CreateTenantInput!) { createTenant(input: $input) { created } }', {
    input: { id: `t-${name}`, name },
  })
  const issuer = { name, issuer: `https://${name}.example`, audience: 'a', keys: [jwk] }
  const registered = await server.admin(
    'mutation ($input: RegisterTokenIssuerInput!) { registerTokenIssuer(input: $input) { tokenIssuer { id } } }',
    { input: issuer },
  )
  const { errors } = await tenant.ask(
    'mutation ($input: LogConversationInput!) { logConversation(input: $input) { created } }',
    {
      input: {
        ...{ externalId: name, endUserId: name, channel: 'CHAT', agents: [{ externalId: name }], messages },
        metadata: { [name]: 1, shared: i },
      },
    },
  )
  expect([registered.errors, errors]).toEqual([undefined, undefined])
}

const queries = Object.values(schema.getQueryType()?.getFields() ?? {}).filter(({ args }) =>
  args.some(({ name }) => name === 'first'),
)

test.each(queries.map(({ name }) => name))('null for `first` means the default in %s', async (name) => {
  const query = queries.find((field) => field.name === name)
  const body = isListType(getNullableType(query?.type)) ? '__typename' : 'nodes { __typename }'
  for (const asked of [server, resolved]) {
    const ask = async (document: string, variables?: Record<string, unknown>) => {
      const { data, errors } = await asked.ask(credential, document, variables)
      expect(errors).toBeUndefined()
      return data[name].nodes ?? data[name]
    }
    const twenty = await ask(`{ ${name}(first: 20) { ${body} } }`)
    expect(twenty.length - (name === 'intentMetrics' ? 1 : 0)).toBe(20)
    expect(await ask(`{ ${name} { ${body} } }`)).toEqual(twenty)
    expect(await ask(`{ ${name}(first: null) { ${body} } }`)).toEqual(twenty)
    const document = `query ($first: Int) { ${name}(first: $first) { ${body} } }`
    expect(await ask(document, { first: null })).toEqual(twenty)
    expect(await ask(document, {})).toEqual(twenty)
    expect(await ask(document, { first: 1 })).not.toEqual(twenty)
  }
})

test('and for the transcript of a conversation, the groups of a series and the values of a key', async () => {
  const chat = { role: 'USER', content: 'Hello' }
  await tenant.ask('mutation ($input: LogConversationInput!) { logConversation(input: $input) { created } }', {
    input: { externalId: 'long', isTest: true, messages: Array.from({ length: ENTRIES }, () => ({ chat })) },
  })
  for (const asked of [server, resolved]) {
    const query = `query ($first: Int) {
      conversation(by: { externalId: "long" }) { messages(first: $first) { nodes { id } } }
      conversationSeries(measures: [CONVERSATIONS], groupBy: { metadataPath: ["shared"], first: $first }) { lines { measure } }
      metadataKeys(topValues: $first) { path topValues { value } }
    }`
    const { data, errors } = await asked.ask(credential, query, { first: null })
    expect(errors).toBeUndefined()
    expect(data.conversation.messages.nodes).toHaveLength(20)
    // Five groups, and all others.
    expect(data.conversationSeries.lines).toHaveLength(6)
    const shared = data.metadataKeys.find(({ path }: { path: string[] }) => path[0] === 'shared')
    expect(shared.topValues).toHaveLength(5)
  }
})

/** What each filter filters. A filter inside another one is in `metadata`. */
const FILTERED: Record<string, [query: string, wrapped: (list: object) => object]> = {
  ConversationFilter: ['conversations', (list) => list],
  MetadataFilter: ['conversations', (list) => ({ metadata: [{ path: ['shared'], ...list }] })],
  AgentFilter: ['agents', (list) => list],
  ApiKeyFilter: ['apiKeys', (list) => list],
  AuditEventFilter: ['auditEvents', (list) => list],
}

test.each(lists.map(nameOf))('an empty list is what it is said to be: %s', async (name) => {
  const list = lists.find((one) => nameOf(one) === name)
  const [query, wrapped] = FILTERED[list?.type.name ?? ''] ?? []
  const document = `query ($filter: ${query === 'conversations' ? 'ConversationFilter' : list?.type.name}) {
    ${query}(filter: $filter) { totalCount } }`
  for (const asked of [server, resolved]) {
    const count = async (filter: object | null) => {
      const { data, errors } = await asked.ask(credential, document, { filter })
      expect(errors).toBeUndefined()
      return data[query ?? ''].totalCount
    }
    const all = await count(null)
    expect(all).toBeGreaterThanOrEqual(ENTRIES)
    const filter = wrapped?.({ [list?.field.name ?? '']: [] }) ?? {}
    expect(await count(filter)).toBe(NOTHING.test(list?.field.description ?? '') ? 0 : all)
  }
})
