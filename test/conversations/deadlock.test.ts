import { expect, inject, test } from 'vitest'
import { startTestServer } from '../support/server.ts'

const server = await startTestServer()

const APPEND_TO_TWO = `mutation ($first: AppendMessagesInput!, $second: AppendMessagesInput!) {
  first: appendMessages(input: $first) { created }
  second: appendMessages(input: $second) { created }
}`

const append = (externalId: string) => ({
  by: { externalId },
  createIfMissing: true,
  messages: [{ chat: { role: 'USER', content: 'Hello' } }],
})

test.skipIf(inject('databaseKind') === 'pglite')(
  'mutations that lock each other out are run again, and all succeed',
  async () => {
    const { ask } = await server.newTenant()
    await ask(APPEND_TO_TWO, { first: append('a'), second: append('b') })
    const answers = await Promise.all(
      Array.from({ length: 4 }, (_, i) => (i % 2 === 0 ? ['a', 'b'] : ['b', 'a'])).map(([first = '', second = '']) =>
        ask(APPEND_TO_TWO, { first: append(first), second: append(second) }),
      ),
    )
    expect(answers.flatMap(({ errors }) => errors ?? [])).toEqual([])
    const { data } = await ask('{ conversations { nodes { messages(first: 100) { nodes { sequence } } } } }')
    for (const { messages } of data.conversations.nodes) {
      expect(messages.nodes.map(({ sequence }: { sequence: number }) => sequence)).toEqual([0, 1, 2, 3, 4])
    }
  },
)
