import { type DirectiveLocation, GraphQLDirective, type GraphQLSchema } from 'graphql'
import { afterAll, afterEach, expect, test } from 'vitest'
import { builder } from '../../src/graphql/builder.ts'
import '../../src/schema/schema.ts'
import { serveTestDatabase, startTestServer, type TestServer } from '../support/server.ts'
import { log } from './conversations.ts'

/**
 * One-line mistakes that a maintainer can make, planted in a copy of the schema: the compiled path and graphql-js must
 * still answer alike.
 */

// biome-ignore lint/suspicious/noExplicitAny: mistakes are planted in what Pothos keeps to itself
type Configs = any

const { configStore } = builder as Configs
const typeConfig = (name: string): Configs => configStore.getTypeConfig(name)
const fieldConfig = (type: string, field: string): Configs => configStore.getFields(type).get(field)

const server = await startTestServer()
const tenant = await server.newTenant()
const { id } = await log(tenant.ask, {
  agents: [{ externalId: 'agent' }],
  messages: [{ chat: { role: 'USER', content: 'A secret' } }, { tool: { name: 'look', input: { q: 1 } } }],
})

const rejections: unknown[] = []
const noteRejection = (reason: unknown) => void rejections.push(reason)
process.on('unhandledRejection', noteRejection)
afterAll(() => void process.off('unhandledRejection', noteRejection))

afterEach(() => {
  expect(rejections.splice(0)).toEqual([])
})

/** Two servers with a schema that was built with the mistake in place. The second server compiles nothing. */
function plant(mistake: () => () => void, change: (schema: GraphQLSchema) => void = () => {}) {
  const undo = mistake()
  const schema = builder.toSchema({ sortSchema: false })
  undo()
  change(schema)
  return {
    compiled: serveTestDatabase(server, server.adminKey, { schema }),
    resolved: serveTestDatabase(server, server.adminKey, { schema, compilesReads: false }),
  }
}

const nothing = () => () => {}

/** Sets properties; returns a function that restores them. */
function set(target: Configs, values: Record<string, unknown>) {
  const before = { ...target }
  Object.assign(target, values)
  return () => {
    for (const name of Object.keys(values)) {
      if (name in before) target[name] = before[name]
      else delete target[name]
    }
  }
}

const setOptions = (target: Configs, values: Record<string, unknown>) => set(target.pothosOptions, values)

/** Replaces a resolver in all the places where Pothos keeps it. */
function setResolver(type: string, field: string, resolve: (...args: Configs[]) => unknown) {
  const config = fieldConfig(type, field)
  const undo = [
    set(config, { resolve }),
    set(config.pothosOptions, { resolve }),
    set(config.extensions, { pothosOriginalResolve: resolve }),
  ]
  return () => {
    for (const one of undo) one()
  }
}

const REQUEST_ID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g

async function askBoth({ compiled, resolved }: { compiled: TestServer; resolved: TestServer }, document: string) {
  const expected = await resolved.ask({ key: tenant.key }, document)
  const first = await compiled.ask({ key: tenant.key }, document)
  const second = await compiled.ask({ key: tenant.key }, document)
  // An abandoned promise may be rejected later.
  await new Promise((resolve) => setTimeout(resolve, 20))
  const plain = ({ data, errors }: typeof expected) => JSON.stringify({ data, errors }).replace(REQUEST_ID, '')
  expect(plain(first)).toBe(plain(expected))
  expect(plain(second)).toBe(plain(expected))
  return expected
}

const LIST = '{ conversations { nodes { id channel messages { nodes { sequence ... on ChatMessage { content } } } } } }'
const ONE = `{ conversation(by: { id: "${id}" }) { channel agents { name } messages { nodes { sequence } } } }`
const NUMBERS = '{ conversationMetrics { current { conversationCount } previous { conversationCount } } }'

const ADMIN_ONLY = { authScopes: { scope: 'ADMIN' } }

test('without a mistake they answer alike, and the first compiles', async () => {
  const servers = plant(nothing)
  for (const document of [LIST, ONE, NUMBERS]) expect((await askBoth(servers, document)).errors).toBeUndefined()
  expect([...servers.compiled.fallbacks.counts]).toEqual([])
})

test.each([
  ['an object type', 'Conversation', LIST],
  ['a type of a list below', 'ChatMessage', LIST],
  ['an interface', 'Message', LIST],
  ['a connection', 'MessageConnection', LIST],
  ['a type reached by a relation', 'Agent', ONE],
  ['the root type', 'Query', ONE],
  ['a type of numbers', 'ConversationMetrics', NUMBERS],
])('scopes on %s (%s) are checked', async (_what, type, document) => {
  const answer = await askBoth(
    plant(() => setOptions(typeConfig(type), ADMIN_ONLY)),
    document,
  )
  expect(answer.errors?.map(({ extensions }) => extensions.code)).toContain('FORBIDDEN')
})

test('scopes on a type that a function computes are checked', async () => {
  const authScopes = () => ({ scope: 'ADMIN' })
  const answer = await askBoth(
    plant(() => setOptions(typeConfig('Conversation'), { authScopes })),
    LIST,
  )
  expect(answer.errors?.map(({ extensions }) => extensions.code)).toContain('FORBIDDEN')
})

test.each([
  ['conversations', LIST],
  ['conversation', ONE],
  ['conversationMetrics', NUMBERS],
])('changed scopes on the root field %s are checked', async (field, document) => {
  const answer = await askBoth(
    plant(() => setOptions(fieldConfig('Query', field), ADMIN_ONLY)),
    document,
  )
  expect(answer.errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN'])
})

test('scopes on a field that a function computes from its row are checked', async () => {
  const authScopes = (row: { channel: string | null }) => (row.channel === null ? { scope: 'ADMIN' } : true)
  const answer = await askBoth(
    plant(() => setOptions(fieldConfig('Conversation', 'channel'), { authScopes })),
    LIST,
  )
  expect(answer.errors?.map(({ extensions }) => extensions.code)).toContain('FORBIDDEN')
})

const waiting: Record<string, () => unknown> = {
  'a promise': () => Promise.resolve('PHONE'),
  'a rejected promise': () => Promise.reject(new Error('Something inside')),
  'a promise that is rejected later': () => new Promise((_, reject) => setTimeout(reject, 5, new Error('Something'))),
  // biome-ignore lint/suspicious/noThenProperty: like a query of Prisma
  'what only has a method "then"': () => ({ then: (resolve: (value: string) => void) => resolve('PHONE') }),
}

test.each(Object.keys(waiting))('a resolver that answers %s without the word async', async (what) => {
  const servers = plant(() => setResolver('Conversation', 'channel', () => waiting[what]?.()))
  await askBoth(servers, LIST)
})

test('a resolver that answers a list of promises, some of them rejected', async () => {
  const servers = plant(() =>
    setResolver('Conversation', 'labels', () => [Promise.resolve('a'), Promise.reject(new Error('no')), 'c']),
  )
  await askBoth(servers, '{ conversations { nodes { id labels } } }')
})

test('a resolver that answers objects of which a property is a rejected promise', async () => {
  const servers = plant(() =>
    setResolver('Conversation', 'recording', () => ({
      url: Promise.resolve('here'),
      contentType: Promise.reject(new Error('no')),
    })),
  )
  await askBoth(servers, '{ conversations { nodes { id recording { url contentType } } } }')
})

test('a resolveType that answers a promise', async () => {
  const resolveType = async () => 'ChatMessage'
  const servers = plant(() => set(typeConfig('Message'), { resolveType }))
  await askBoth(servers, '{ conversations { nodes { messages(types: [CHAT]) { nodes { sequence } } } } }')
})

const masks = [
  ['ChatMessage', 'content', '{ conversations { nodes { messages { nodes { ... on ChatMessage { content } } } } } }'],
  ['ToolCall', 'input', '{ conversations { nodes { messages { nodes { ... on ToolCall { input } } } } } }'],
  ['Conversation', 'externalId', '{ conversations { nodes { id externalId } } }'],
  ['Agent', 'name', ONE],
] as const

test.each(masks)('a resolver that masks the column %s.%s', async (type, field, document) => {
  const answer = await askBoth(
    plant(() => setResolver(type, field, () => '***')),
    document,
  )
  expect(JSON.stringify(answer.data)).toContain('***')
})

test.each(masks)('a resolver that is put in the built schema to mask %s.%s', async (type, field, document) => {
  const servers = plant(nothing, (schema: Configs) => {
    schema.getType(type).getFields()[field].resolve = () => '***'
  })
  expect(JSON.stringify((await askBoth(servers, document)).data)).toContain('***')
})

test.each(['conversations', 'conversation'])('a resolver that masks the root field %s', async (field) => {
  const servers = plant(() => setResolver('Query', field, () => null))
  await askBoth(servers, field === 'conversation' ? ONE : LIST)
})

const dependingOn: [string, (context: Configs) => boolean][] = [
  ['the tenant', ({ tenantId }) => tenantId === ''],
  ['another scope', (context) => context.has('ADMIN')],
  ['who asks', ({ principal }) => principal.id === ''],
]

test.each(dependingOn)('a selection that depends on %s', async (_what, seesAgents) => {
  const select = (_args: object, context: object, nested: (query: true) => object) => {
    const where = seesAgents(context) ? {} : { agentId: { in: [] } }
    return { agentLinks: { where, orderBy: { position: 'asc' }, select: { agent: nested(true) } } }
  }
  const servers = plant(() => {
    const { extensions } = fieldConfig('Conversation', 'agents')
    const undo = [
      set(extensions, { pothosPrismaSelect: select }),
      setOptions(fieldConfig('Conversation', 'agents'), { select }),
    ]
    return () => {
      for (const one of undo) one()
    }
  })
  const { data } = await askBoth(servers, ONE)
  expect(data.conversation.agents).toEqual([])
  expect([...servers.compiled.fallbacks.counts].map(([reason]) => reason)).toEqual([
    expect.stringMatching(/^a selection depends on /),
  ])
})

test('an extension that marks a masked field as a column', async () => {
  const servers = plant(nothing, (schema: Configs) => {
    const content = schema.getType('ChatMessage').getFields().content
    content.extensions = { ...content.extensions, column: 'content' }
    content.resolve = () => '***'
  })
  expect(JSON.stringify((await askBoth(servers, LIST)).data)).toContain('***')
})

test('an unexpected error is tried once on the compiled path, logged once with its reason, and counted', async () => {
  let calls = 0
  const servers = plant(() =>
    setResolver('Conversation', 'durationMs', () => {
      calls += 1
      throw new Error('A mistake in a resolver')
    }),
  )
  const document = '{ conversations { nodes { id durationMs } } }'
  await askBoth(servers, document)
  await servers.compiled.ask({ key: tenant.key }, document)
  // Once by the other server, and of three requests to this one, once more than these.
  expect(calls).toBe(5)
  const { compiled } = servers
  expect([...compiled.fallbacks.counts]).toEqual([['an unexpected error', 3]])
  const lines = compiled.logged.filter(({ reason }) => reason === 'an unexpected error')
  expect(lines).toEqual([expect.objectContaining({ level: 'warn', err: expect.anything() })])
})

test('an unexpected error in planning leaves the document to graphql-js, once', async () => {
  let reads = 0
  const servers = plant(nothing, (schema: Configs) => {
    const field = schema.getType('Conversation').getFields().endUserId
    // Nobody else reads it.
    Object.defineProperty(field, 'astNode', {
      get: () => {
        reads += 1
        throw new Error('A mistake in the planner')
      },
    })
  })
  const document = '{ conversations { nodes { endUserId } } }'
  const first = await servers.compiled.ask({ key: tenant.key }, document)
  const before = reads
  const second = await servers.compiled.ask({ key: tenant.key }, document)
  expect([first.errors, second.errors]).toEqual([undefined, undefined])
  expect(reads).toBe(before)
  expect([...servers.compiled.fallbacks.counts]).toEqual([['an unexpected error', 2]])
})

test('a document that needs more than rows is remembered, logged once with its reason, and counted', async () => {
  const { compiled } = plant(nothing)
  const document = '{ conversations { nodes { intents { name } } } }'
  for (let i = 0; i < 3; i += 1) await compiled.ask({ key: tenant.key }, document)
  const reason = 'Conversation.intents needs more than rows'
  expect([...compiled.fallbacks.counts]).toEqual([[reason, 3]])
  expect(compiled.logged.filter((line) => line['reason'] === reason)).toHaveLength(1)
})

test('what a caller does wrong is no fallback', async () => {
  const { compiled } = plant(nothing)
  const key = await server.newKey({ scopes: ['ANALYTICS_READ'], tenantId: tenant.id })
  await compiled.ask({ key: key.secret }, LIST)
  await compiled.ask({ key: tenant.key }, '{ conversations(first: -1) { nodes { id } } }')
  await compiled.ask({ key: tenant.key }, '{ conversations { nodes { messages(first: -1) { nodes { id } } } } }')
  expect([...compiled.fallbacks.counts]).toEqual([])
})

const unknown: Record<string, (schema: Configs) => void> = {
  'an extension of a field': (schema) => {
    schema.getType('Conversation').getFields().channel.extensions.masked = true
  },
  'an extension of a type': (schema) => {
    schema.getType('Conversation').extensions.masked = true
  },
  'an extension of an argument': (schema) => {
    schema.getType('Conversation').getFields().messages.args[0].extensions.maximum = 1
  },
  'a type that decides for itself what is of it': (schema) => {
    schema.getType('Conversation').isTypeOf = () => true
  },
}

test.each(Object.keys(unknown))('%s that nobody knows is not compiled', async (what) => {
  const servers = plant(nothing, unknown[what])
  await askBoth(servers, LIST)
  expect(servers.compiled.fallbacks.counts.size).toBe(1)
})

const KNOWN_DIRECTIVES = [
  '{ conversations @include(if: true) { nodes { id } } }',
  '{ conversations { nodes { id ... @include(if: true) { status } } } }',
  '{ conversations { nodes { ...F @skip(if: false) } } } fragment F on Conversation { id }',
]

test('conditions and several root fields are compiled', async () => {
  const servers = plant(nothing)
  const several = '{ a: conversations { totalCount } b: conversations { nodes { id } } __typename }'
  for (const document of [...KNOWN_DIRECTIVES, several]) await askBoth(servers, document)
  expect([...servers.compiled.fallbacks.counts]).toEqual([])
})

test('a directive that nobody knows is not compiled, wherever it stands', async () => {
  const locations = [
    'QUERY',
    'FIELD',
    'FRAGMENT_SPREAD',
    'INLINE_FRAGMENT',
    'FRAGMENT_DEFINITION',
  ] as DirectiveLocation[]
  const servers = plant(nothing, (schema) => {
    const mask = new GraphQLDirective({ name: 'mask', locations })
    Object.assign(schema, { _directives: [...schema.getDirectives(), mask] })
  })
  const documents = [
    'query @mask { conversations { nodes { id } } }',
    '{ conversations @mask { nodes { id } } }',
    '{ conversations { nodes { id @mask } } }',
    '{ conversations { nodes { ... @mask { id } } } }',
    '{ conversations { nodes { ...F @mask } } } fragment F on Conversation { id }',
    '{ conversations { nodes { ...F } } } fragment F on Conversation @mask { id }',
    '{ conversations { nodes { id @include(if: true) @mask } } }',
  ]
  for (const document of documents) await askBoth(servers, document)
  expect([...servers.compiled.fallbacks.counts]).toEqual([['a directive', 2 * documents.length]])
})

test.each([
  ['the second', '{ conversations { nodes { id } } conversationMetrics { current { conversationCount } } }'],
  ['the first', '{ conversationMetrics { current { conversationCount } } conversations { nodes { id } } }'],
  [
    'one in a fragment',
    '{ conversations { nodes { id } } ...F } fragment F on Query { conversationMetrics { current { from } } }',
  ],
])('a scope of %s of several root fields', async (_which, document) => {
  const servers = plant(() => setOptions(fieldConfig('Query', 'conversationMetrics'), ADMIN_ONLY))
  const { errors } = await askBoth(servers, document)
  expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN'])
})

test('a masked column below the second of several root fields', async () => {
  const servers = plant(() => setResolver('Conversation', 'externalId', () => '***'))
  const { data } = await askBoth(
    servers,
    '{ a: conversations { nodes { id } } b: conversations { nodes { externalId } } }',
  )
  expect(data.b.nodes).toEqual([{ externalId: '***' }])
})
