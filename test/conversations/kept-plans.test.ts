import { expect, test, vi } from 'vitest'
import { Planner } from '../../src/execution/query-plan.ts'
import { startTestServer } from '../support/server.ts'

const server = await startTestServer()
const { ask } = await server.newTenant()

/** How often a document is planned if it is sent so many times. */
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

test('each time if it is large: kept, a few hundred of them would fill the memory', async () => {
  const fields = 'id status channel direction campaign endUserId companyName model description feedback outcome'
  const roots = Array.from({ length: 40 }, (_, i) => `a${i}: conversation(externalId: "none") { ${fields} }`).join(' ')
  expect(await plansOf(`{ ${roots} }`, [{}, {}, {}])).toBe(3)
})
