import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test, vi } from 'vitest'
import { PreparedSelections } from '../../src/execution/prepared-selection.ts'
import { Planner } from '../../src/execution/query-plan.ts'
import { startTestServer } from '../support/server.ts'
import { log } from './conversations.ts'

const server = await startTestServer()
const { ask } = await server.newTenant()
const { id } = await log(ask, { externalId: 'one' })

/** How often a document is planned if it is sent with these variables, one after the other. */
async function plansOf(document: string, variables: object[]): Promise<number> {
  const planned = vi.spyOn(Planner.prototype, 'rootNodes')
  try {
    for (const given of variables) expect((await ask(document, { ...given })).errors).toBeUndefined()
    return planned.mock.calls.length
  } finally {
    planned.mockRestore()
  }
}

const lists = (count: number) =>
  Array.from({ length: count }, (_, i) => `a${i}: conversations(first: 1) { nodes { id status createdAt } }`).join(' ')

test('a document is planned once', async () => {
  expect(await plansOf(`{ ${lists(2)} }`, [{}, {}, {}])).toBe(1)
})

test('once for each set of its conditions', async () => {
  const document = 'query ($a: Boolean!) { conversations { nodes { id @include(if: $a) status } } }'
  expect(await plansOf(document, [{ a: true }, { a: false }, { a: true }, { a: false }])).toBe(2)
})

test('again after many large ones: all plans together are bounded', { timeout: 120_000 }, async () => {
  const fields = 'id status channel direction campaign endUserId companyName model description feedback outcome'
  const roots = Array.from({ length: 45 }, (_, i) => `a${i}: conversation(by: { externalId: "none" }) { ...F }`).join(
    ' ',
  )
  // 540 fields each, of 50,000.
  const document = (n: number) => `query Q${n} { ${roots} } fragment F on Conversation { ${fields} }`
  expect(await plansOf(document(0), [{}, {}])).toBe(1)
  // Without a tenant, they are planned and refused.
  for (let n = 1; n < 100; n += 1) await server.ask({ key: server.adminKey }, document(n))
  expect(await plansOf(document(99), [{}])).toBe(0)
  expect(await plansOf(document(0), [{}])).toBe(1)
})

test('what is prepared for sets of variables and conditions is bounded by its size', async () => {
  const fields = [
    'id',
    'sequence',
    'timestamp',
    'metadata',
    '__typename',
    'agent { id }',
    'redactions { cardNumberCount }',
  ]
  const chosen = (bits: number) => fields.filter((_, bit) => (bits >> bit) % 2 === 1).join(' ')
  // Each list selects other fields: lists that read the same would be kept once.
  const aliases = Array.from({ length: 95 }, (_, i) => `a${i}: messages(first: $n) { nodes { ${chosen(i + 1)} } }`)
  const document = `query ($a: Boolean!, $n: Int) { conversation(by: { id: "${id}" }) { id @include(if: $a) ${aliases.join(' ')} } }`
  let mostBytes = 0
  for (let n = 0; n < 80; n += 1) {
    expect((await ask(document, { a: n % 2 === 0, n })).errors).toBeUndefined()
    mostBytes = Math.max(mostBytes, PreparedSelections.keptBytes)
  }
  // Together, they would take more.
  expect(mostBytes).toBeGreaterThan(20_000_000)
  expect(mostBytes).toBeLessThanOrEqual(33_554_432)
})

test('variables that the selection does not use are not kept with it', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const root = { key: 'a', value: { kind: 'leaf', serialize: String } } as never
  const caller = { limits: { maxAnswerBytes: 1_000 }, rowRestriction: null, has: () => true } as never
  const selections = new PreparedSelections(root, [], ['used'])
  const ask = () => {
    const unused = { text: 'a large filter' }
    return [selections.of({ used: 1, unused }, caller), new WeakRef(unused)] as const
  }
  const [selection, unused] = ask()
  expect(selections.of({ used: 1 }, caller)).toBe(selection)
  await new Promise((resolve) => setTimeout(resolve, 10))
  collect()
  expect(unused.deref()).toBeUndefined()
})
