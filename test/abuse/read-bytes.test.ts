import { expect, inject, test } from 'vitest'
import { startTestServer } from '../support/server.ts'

const database = { maxReadBytes: 500_000 }
const servers = {
  compiled: await startTestServer({ database }),
  resolved: await startTestServer({ compilesReads: false, database }),
}

test.skipIf(inject('databaseKind') === 'pglite').for(Object.entries(servers))(
  '%s: a query that reads more than answers are made of ends, and what others ask meanwhile is answered',
  async ([, server]) => {
    const [{ ask }, neighbour] = [await server.newTenant(), await server.newTenant()]
    for (let i = 0; i < 4; i += 1) {
      const messages = [{ chat: { role: 'USER', content: 'x'.repeat(150_000) } }]
      await ask('mutation ($input: LogConversationInput!) { logConversation(input: $input) { conversation { id } } }', {
        input: { messages },
      })
    }
    const read = (first: number) =>
      `{ conversations(first: ${first}) { nodes { messages { nodes { ... on ChatMessage { content } } } } } }`
    const small = '{ conversations { nodes { id } } }'
    for (const document of [read(4), `{ a: ${read(2).slice(2, -2)} b: ${read(2).slice(2, -2)} }`]) {
      const [refused, ...answered] = await Promise.all([
        ask(document),
        ...Array.from({ length: 5 }, () => neighbour.ask(small)),
      ])
      expect(refused.errors?.[0]?.extensions).toMatchObject({ code: 'LIMIT_EXCEEDED', setting: 'MAX_ANSWER_BYTES' })
      expect(answered.map(({ data }) => data)).toEqual(Array(5).fill({ conversations: { nodes: [] } }))
    }
    expect((await ask(read(2))).data.conversations.nodes).toHaveLength(2)
  },
)
