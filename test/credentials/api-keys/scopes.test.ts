import {
  type GraphQLField,
  type GraphQLInputType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql'
import { describe, expect, test } from 'vitest'
import { schema } from '../../../src/schema/schema.ts'
import { send } from '../../isolation/send.ts'
import { type Answer, type Credential, startTestServer, TENANT_SCOPES } from '../../support/server.ts'

const server = await startTestServer()
const tenant = await server.newTenant()
const ALL_SCOPES = [...TENANT_SCOPES, 'ADMIN']

type RootField = GraphQLField<unknown, unknown>

/** The least that a type takes, as GraphQL writes it. */
function literal(type: GraphQLInputType): string {
  if (isNonNullType(type)) return literal(type.ofType)
  if (isListType(type)) return `[${literal(type.ofType)}]`
  if (isEnumType(type)) return type.getValues()[0]?.name ?? ''
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields())
    const given = type.isOneOf ? fields.slice(0, 1) : fields.filter(isRequiredInputField)
    return `{ ${given.map((field) => `${field.name}: ${literal(field.type)}`).join(', ')} }`
  }
  return (
    { Int: '1', Float: '1', Boolean: 'true', DateTime: '"2030-01-01T00:00:00Z"', DateOrDateTime: '"2030-01-01"' }[
      type.name
    ] ?? '"nothing"'
  )
}

/** The shortest operation that asks for a root field. */
function operation(kind: 'query' | 'mutation' | 'subscription', field: RootField): string {
  const args = field.args.filter(isRequiredArgument).map((arg) => `${arg.name}: ${literal(arg.type)}`)
  const selection = isLeafType(getNamedType(field.type)) ? '' : ' { __typename }'
  return `${kind} { ${field.name}${args.length > 0 ? `(${args.join(', ')})` : ''}${selection} }`
}

const rootFields = [
  ...Object.values(schema.getQueryType()?.getFields() ?? {}).map((field) => ['query', field] as const),
  ...Object.values(schema.getMutationType()?.getFields() ?? {}).map((field) => ['mutation', field] as const),
  ...Object.values(schema.getSubscriptionType()?.getFields() ?? {}).map((field) => ['subscription', field] as const),
].flatMap(([kind, field]) => {
  // The description is the promise; a test of the descriptions sees to it that there is one.
  const scope = /Needs the scope ([A-Z_]+)\./.exec(field.description ?? '')?.[1]
  return scope ? [{ name: field.name, scope, document: operation(kind, field) }] : []
})

/** The first answer, also of a subscription. */
async function ask(credential: Credential, query: string): Promise<Pick<Answer, 'status' | 'data' | 'errors'>> {
  const { status, text } = await send(server, credential, { query, variables: {} })
  return { status, ...JSON.parse(text) }
}

const lacks = (scope: string) => `This credential lacks the scope ${scope}.`

describe.each(rootFields)('$name', ({ name, scope, document }) => {
  test(`is refused without ${scope}, whatever else a key may do`, async () => {
    const key = await server.newKey({ scopes: ALL_SCOPES.filter((other) => other !== scope) })
    const answer = await ask({ key: key.secret, tenantId: tenant.id }, document)
    expect(answer.data?.[name] ?? null).toBeNull()
    expect(answer.errors).toEqual([
      expect.objectContaining({ message: lacks(scope), extensions: { code: 'FORBIDDEN', scopes: [scope] } }),
    ])
  })

  test(`asks for no other scope than ${scope}`, async () => {
    const key = await server.newKey({ scopes: [scope] })
    const answer = await ask({ key: key.secret, tenantId: tenant.id }, document)
    const refused = ALL_SCOPES.map(lacks)
    expect(answer.errors?.filter(({ message }) => refused.includes(message)) ?? []).toEqual([])
  })

  test('is refused without a credential', async () => {
    const answer = await ask({}, document)
    expect(answer.status).toBe(401)
    expect(answer.errors).toEqual([
      expect.objectContaining({ extensions: { code: 'UNAUTHENTICATED', reason: 'MISSING' } }),
    ])
  })
})

test('a field below a root field that is refused is not answered beside one that is allowed', async () => {
  const key = await server.newKey({ scopes: ['CONVERSATIONS_READ'], tenantId: tenant.id })
  const answer = await server.ask({ key: key.secret }, '{ viewer { credentialId } tenant(id: "any") { id } }')
  expect(answer.data).toEqual({ viewer: { credentialId: key.id }, tenant: null })
  expect(answer.errors).toEqual([
    expect.objectContaining({ path: ['tenant'], extensions: { code: 'FORBIDDEN', scopes: ['ADMIN'] } }),
  ])
})

test('a node asks for the scope of its type, whether it is there or not', async () => {
  const key = await server.newKey({ scopes: ['ANALYTICS_READ'], tenantId: tenant.id })
  const suffix = '01h455vb4pex5vsknk084sn02q'
  const needed = { conv: 'CONVERSATIONS_READ', msg: 'CONVERSATIONS_READ', agent: 'CONVERSATIONS_READ', key: 'ADMIN' }
  for (const [prefix, scope] of Object.entries(needed)) {
    const answer = await server.ask({ key: key.secret }, `{ node(id: "${prefix}_${suffix}") { id } }`)
    expect(answer.data).toEqual({ node: null })
    expect(answer.errors).toEqual([expect.objectContaining({ message: lacks(scope), path: ['node'] })])
  }
  const several = await server.ask({ key: key.secret }, `{ nodes(ids: ["nothing", "conv_${suffix}"]) { id } }`)
  expect(several.data).toEqual({ nodes: [null, null] })
  expect(several.errors).toEqual([
    expect.objectContaining({ message: lacks('CONVERSATIONS_READ'), path: ['nodes', 1] }),
  ])
})
