import { readFileSync } from 'node:fs'
import { parse, validate } from 'graphql'
import { describe, expect, test } from 'vitest'
import { schema } from '../../src/schema/schema.ts'
import { BENCHMARK_QUERIES } from '../bench/systems/parley.ts'
import { type Question, startBothWays } from '../conversations/both-ways.ts'
import { type ComponentDocument, isSubscription, SENT } from '../documents/component-documents.ts'
import { mark } from '../isolation/plant.ts'
import { follow, type LiveAnswer } from '../support/live.ts'
import { codes } from '../support/server.ts'

/** The documents that we ourselves send or show are compiled: those of the components, the README and the benchmark. */

const { server, tenant, token, differing } = await startBothWays(new Date('2024-03-05T12:00:00Z'))
const key = { key: tenant.secret }
const SCOPES = ['ANALYTICS_READ', 'CONVERSATIONS_READ']

const ofComponents = Object.entries(SENT)
const queries = ofComponents.filter(([, sent]) => !isSubscription(sent))
const subscriptions = ofComponents.filter(([, sent]) => isSubscription(sent))

const sentBy = ([name, { document, variables }]: (typeof queries)[number]): Question => ({
  name,
  query: document,
  variables: variables(tenant.closedId),
})

/** The queries that the README sends with `ask`. */
const ofReadme: Question[] = [...readFileSync('README.md', 'utf8').matchAll(/^ask '(\{.*?\})'$/gms)]
  .map(([, body = '']) => JSON.parse(body) as { query: string; variables?: object })
  .filter(({ query }) => !query.startsWith('mutation'))
  .map(({ query, variables = {} }) => ({
    name: `of the README: ${query.replaceAll(/\s+/g, ' ').slice(0, 60)}`,
    query,
    variables,
  }))

const ofBenchmark: Question[] = BENCHMARK_QUERIES.map((query) => ({
  name: `of the benchmark: ${query.replaceAll(/\s+/g, ' ').slice(0, 60)}`,
  query,
  variables: { id: tenant.closedId, externalId: 'order-1' },
}))

const questions = [...queries.map(sentBy), ...ofReadme, ...ofBenchmark].map((one) => [one.name, one] as const)

/** What was not compiled while something was done. */
async function fallbacksOf(work: () => Promise<unknown>) {
  const before = new Map(server.fallbacks.counts)
  await work()
  return [...server.fallbacks.counts].filter(([reason, count]) => count !== before.get(reason))
}

test('there are some of each kind', () => {
  expect([queries.length, subscriptions.length, ofReadme.length, ofBenchmark.length]).toEqual([6, 1, 3, 3])
})

test.each(questions)('compiled: %s', async (_name, question) => {
  const asked = async () => {
    expect(codes(await server.ask(key, question.query, { ...question.variables }))).toEqual([])
    expect(await differing(key, [question])).toEqual([])
  }
  expect(await fallbacksOf(asked)).toEqual([])
})

test.each(subscriptions)('compiled: %s', async (_name, { document }) => {
  const followed = async () => {
    const live = await follow(server, key, document, { after: tenant.cursors['changes'] })
    const { conversationsChanged } = await live.data()
    expect(conversationsChanged.changes.length).toBeGreaterThan(0)
    expect(conversationsChanged.changes).toContainEqual(expect.objectContaining({ conversation: expect.anything() }))
    await live.close()
  }
  expect(await fallbacksOf(followed)).toEqual([])
})

test('what is not compiled is counted, or the tests above would show nothing', async () => {
  const mixed = '{ viewer { scopes } conversations { nodes { id } } }'
  expect(await fallbacksOf(() => server.ask(key, mixed))).toEqual([['Viewer.scopes needs more than rows', 1]])
})

describe('a document of the components', () => {
  test.each(ofComponents)('is valid: %s', (_name, { document }) => {
    expect(validate(schema, parse(document))).toEqual([])
  })

  const answerTo = async (credential: { key?: string }, sent: ComponentDocument): Promise<LiveAnswer> => {
    const { document, variables } = sent
    if (!isSubscription(sent)) return server.ask(credential, document, variables(tenant.openId))
    const live = await follow(server, credential, document, { after: tenant.cursors['changes'] })
    const first = await live.next()
    await live.close()
    return first ?? {}
  }
  const codesOf = ({ errors = [] }: LiveAnswer) => errors.map(({ extensions }) => extensions.code)

  test.each(ofComponents)('needs only its scope, and is refused without it: %s', async (_name, sent) => {
    for (const scope of SCOPES) {
      const needsAnother = sent.scope !== null && sent.scope !== scope
      const answer = await answerTo(await token({ scopes: [scope], documents: 'COMPONENTS' }), sent)
      expect([scope, codesOf(answer)]).toEqual([scope, needsAnother ? ['FORBIDDEN'] : []])
    }
  })

  const RESTRICTIONS = {
    metadata: { metadata: { customer: mark(tenant, 'open-customer') } },
    'an end user': { endUserIds: [mark(tenant, 'open-end-user')] },
    'an agent and metadata': {
      agents: [{ externalId: mark(tenant, 'open-agent') }],
      metadata: { customer: mark(tenant, 'open-customer') },
    },
  }
  const cases = Object.entries(RESTRICTIONS).flatMap(([to, input]) =>
    ofComponents.map(([name, sent]) => [to, name, input, sent] as const),
  )

  test.each(cases)(
    'passes for a token restricted to %s, with nothing of other rows: %s',
    async (_to, _name, input, sent) => {
      const answer = await answerTo(await token({ ...input, scopes: SCOPES, documents: 'COMPONENTS' }), sent)
      expect(codesOf(answer)).toEqual([])
      expect(Object.values(answer.data ?? {})).not.toContain(null)
      const text = JSON.stringify(answer.data)
      for (const other of [tenant.closedId, tenant.sharedId, 'shared-content', 'campaign', mark(tenant, 'label')]) {
        expect(text).not.toContain(other)
      }
    },
  )
})
