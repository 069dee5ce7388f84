import { expect, test } from 'vitest'
import { readEvents } from '../../support/live.ts'
import { useServices } from '../../support/services.ts'

/** A key is accepted only from its networks, whatever it asks for. */

const { adminKey, start, owner } = await useServices()
const server = await start({ TRUST_PROXY: '1' })

const post = (key: string, from: string, query: string, { headers = {}, variables = {} } = {}) =>
  server.fetch('/graphql', {
    method: 'POST',
    headers: {
      ...{ 'content-type': 'application/json', authorization: `Bearer ${key}`, 'x-forwarded-for': from },
      ...headers,
    },
    body: JSON.stringify({ query, variables }),
  })

async function ask(key: string, from: string, query: string, variables = {}) {
  const response = await post(key, from, query, { variables })
  // biome-ignore lint/suspicious/noExplicitAny: answers have the shape that the test's own document asked for.
  return { status: response.status, ...((await response.json()) as any) }
}

const admin = (query: string, variables = {}) => ask(adminKey, '203.0.113.1', query, variables)

async function newKey(input: object): Promise<{ id: string; secret: string }> {
  const { data, errors } = await admin(
    'mutation ($input: GenerateApiKeyInput!) { generateApiKey(input: $input) { secret apiKey { id } } }',
    { input: { name: 'test', ...input } },
  )
  if (errors) throw new Error(JSON.stringify(errors))
  return { id: data.generateApiKey.apiKey.id, secret: data.generateApiKey.secret }
}

const update = (input: object) =>
  admin('mutation ($input: UpdateApiKeyInput!) { updateApiKey(input: $input) { apiKey { id } } }', { input })

await admin('mutation { createTenant(input: { id: "acme", name: "Acme" }) { created } }')
const ALL = ['CONVERSATIONS_READ', 'CONVERSATIONS_WRITE', 'EMBED_TOKENS_CREATE']
const NETWORKS = ['203.0.113.0/24', '2001:db8::/32']
const acme = await newKey({ scopes: ALL, tenantId: 'acme', allowedNetworks: NETWORKS })

const VIEWER = '{ viewer { name } }'
const REFUSED = {
  errors: [
    {
      message: 'This API key is not accepted from the address of this request.',
      extensions: { code: 'FORBIDDEN', reason: 'ADDRESS' },
    },
  ],
}

test('it is accepted from its networks, and refused from anywhere else without a word about them', async () => {
  for (const from of ['203.0.113.7', '::ffff:203.0.113.7', '2001:db8:1::1', '198.51.100.1, 203.0.113.7']) {
    expect((await ask(acme.secret, from, VIEWER)).data).toEqual({ viewer: { name: 'test' } })
  }
  for (const from of ['198.51.100.1', '203.0.113.7, 198.51.100.1', '2001:db9::1', 'nonsense', '']) {
    const { errors, data } = await ask(acme.secret, from, VIEWER)
    expect({ errors, data }).toEqual({ ...REFUSED, data: undefined })
  }
})

test('what it would do is not done, by POST, by GET or as a stream', async () => {
  const LOG = `mutation { logConversation(input: { messages: [{ chat: { role: USER, content: "Hello" } }] }) { created } }`
  expect((await ask(acme.secret, '198.51.100.1', LOG)).errors).toEqual(REFUSED.errors)
  expect(await owner('SELECT 1 FROM conversations')).toEqual([])
  const got = await server.fetch(`/graphql?query=${encodeURIComponent(VIEWER)}`, {
    headers: { authorization: `Bearer ${acme.secret}`, 'x-forwarded-for': '198.51.100.1' },
  })
  expect(await got.json()).toEqual(REFUSED)
  const SUBSCRIBE = 'subscription { conversationsChanged { resumeToken } }'
  const stream = await post(acme.secret, '198.51.100.1', SUBSCRIBE, { headers: { accept: 'text/event-stream' } })
  expect(await stream.text()).toContain('"reason":"ADDRESS"')
})

test('an open stream ends when its address is no longer allowed', async () => {
  const key = await newKey({ scopes: ['CONVERSATIONS_READ'], tenantId: 'acme' })
  const SUBSCRIBE = 'subscription { conversationsChanged { resumeToken changes { kind } } }'
  const live = readEvents(
    await post(key.secret, '203.0.113.7', SUBSCRIBE, { headers: { accept: 'text/event-stream' } }),
  )
  await live.data()
  await update({ id: key.id, allowedNetworks: ['198.51.100.0/24'] })
  const { errors } = (await live.next()) ?? {}
  expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN'])
  expect(await live.next()).toBeNull()
})

test('a refused use is recorded with its address and reason, and is not the key’s last use', async () => {
  const key = await newKey({ scopes: ['CONVERSATIONS_READ'], tenantId: 'acme', allowedNetworks: NETWORKS })
  await ask(key.secret, '198.51.100.9', VIEWER)
  const EVENTS = `query ($id: ID!) {
    apiKey(id: $id) { lastUsedAt }
    auditEvents(filter: { actorIds: [$id], actions: [CREDENTIAL_USED] }) { nodes { outcome errorCode clientAddress details } }
  }`
  const events = async () => (await admin(EVENTS, { id: key.id })).data
  await expect.poll(async () => (await events()).auditEvents.nodes).toHaveLength(1)
  expect(await events()).toEqual({
    apiKey: { lastUsedAt: null },
    auditEvents: {
      nodes: [
        ...[
          { outcome: 'REFUSED', errorCode: 'FORBIDDEN', clientAddress: '198.51.100.9', details: { reason: 'ADDRESS' } },
        ],
      ],
    },
  })
})

test('a wrong secret is refused like any other, from anywhere', async () => {
  const { data } = await admin(
    'mutation ($id: ID!) { regenerateApiKey(input: { id: $id }) { secret apiKey { allowedNetworks } } }',
    { id: (await newKey({ scopes: ALL, tenantId: 'acme', allowedNetworks: NETWORKS })).id },
  )
  expect(data.regenerateApiKey.apiKey.allowedNetworks).toEqual(NETWORKS)
  const other = await newKey({ scopes: ALL, tenantId: 'acme', allowedNetworks: NETWORKS })
  await admin('mutation ($id: ID!) { regenerateApiKey(input: { id: $id }) { secret } }', { id: other.id })
  for (const from of ['203.0.113.7', '198.51.100.1']) {
    expect((await ask(other.secret, from, VIEWER)).errors[0].extensions).toEqual({
      ...{ code: 'UNAUTHENTICATED', reason: 'INVALID' },
    })
  }
})

test('its tokens are for browsers, and are accepted from anywhere', async () => {
  const { data } = await ask(
    acme.secret,
    '203.0.113.7',
    'mutation { createEmbedToken(input: { scopes: [CONVERSATIONS_READ] }) { token } }',
  )
  const { viewer } = (await ask(data.createEmbedToken.token, '198.51.100.1', '{ viewer { kind } }')).data
  expect(viewer).toEqual({ kind: 'EMBED_TOKEN' })
})

test('nobody locks themselves out, and an administrator with networks makes no key without', async () => {
  const boss = await newKey({ scopes: [...ALL, 'ADMIN'], allowedNetworks: NETWORKS })
  const asBoss = (query: string, input: object) => ask(boss.secret, '203.0.113.7', query, { input })
  const UPDATE = 'mutation ($input: UpdateApiKeyInput!) { updateApiKey(input: $input) { apiKey { allowedNetworks } } }'
  const GENERATE = 'mutation ($input: GenerateApiKeyInput!) { generateApiKey(input: $input) { secret } }'
  const messages = async (answer: ReturnType<typeof ask>) =>
    (await answer).errors?.map(({ message }: { message: string }) => message)
  expect(await messages(asBoss(UPDATE, { id: boss.id, allowedNetworks: ['203.0.113.8/32'] }))).toEqual([
    'input.allowedNetworks: must include the address of this request, because this is your own key.',
  ])
  const beyond = ["input.allowedNetworks: must lie within your own key's."]
  for (const allowedNetworks of [[], ['203.0.112.0/23'], ['203.0.113.0/25', '198.51.100.1']]) {
    expect(await messages(asBoss(UPDATE, { id: boss.id, allowedNetworks }))).toEqual(beyond)
    expect(await messages(asBoss(GENERATE, { name: 'n', scopes: ALL, allowedNetworks }))).toEqual(beyond)
  }
  const looser = await newKey({ scopes: ALL, tenantId: 'acme' })
  const stronger = ["This key is stronger than your own: its allowedNetworks must lie within your own key's."]
  expect(await messages(asBoss(UPDATE, { id: looser.id, name: 'mine' }))).toEqual(stronger)
  const REGENERATE = 'mutation ($input: RegenerateApiKeyInput!) { regenerateApiKey(input: $input) { secret } }'
  expect(await messages(asBoss(REGENERATE, { id: looser.id }))).toEqual(stronger)
  const narrowed = await asBoss(UPDATE, { id: boss.id, allowedNetworks: ['203.0.113.0/25', '203.0.113.0/25'] })
  expect(narrowed.data.updateApiKey.apiKey.allowedNetworks).toEqual(['203.0.113.0/25'])
})
