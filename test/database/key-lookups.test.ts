import type pg from 'pg'
import { expect, inject, test } from 'vitest'
import { startTestServer } from '../support/server.ts'
import { asOwner } from '../support/template.ts'

const server = await startTestServer()

const LOG = 'mutation ($input: LogConversationInput!) { logConversation(input: $input) { conversation { id } } }'
const LOG_MANY =
  'mutation ($inputs: [LogConversationInput!]!) { logConversations(input: { conversations: $inputs }) { results { created } } }'
const APPEND = 'mutation ($input: AppendMessagesInput!) { appendMessages(input: $input) { conversation { id } } }'

const GET = 'query ($id: ID!) { conversation(by: { id: $id }) { id messages(first: 5) { nodes { sequence } } } }'

const chat = (content: string) => ({ chat: { role: 'USER', content } })

/** How a statement is gone about for any values, where going through a whole table is no way. */
async function planOf(statement: string): Promise<string[]> {
  const parameters = Math.max(...[...statement.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number)))
  return asOwner(server.ownerUrl ?? '', async (client: pg.Client) => {
    await client.query('SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off')
    await client.query(`PREPARE asked AS ${statement}`)
    const { rows } = await client.query(`EXPLAIN EXECUTE asked (${Array(parameters).fill('NULL').join(', ')})`)
    return rows.map((row) => row['QUERY PLAN'])
  })
}

test.skipIf(inject('databaseKind') === 'pglite')(
  'conversations are written to and read by their keys, without going through all of a tenant that statistics know nothing of',
  async () => {
    const { ask } = await server.newTenant()
    const inputs = Array.from({ length: 400 }, (_, n) => ({ externalId: `c${n}`, messages: [chat('hello')] }))
    await ask(LOG_MANY, { inputs })
    await server.owner('ANALYZE conversations')
    const open = await ask(LOG, { input: { externalId: 'open', status: 'ACTIVE', messages: [chat('hello')] } })
    server.statements()
    await ask(LOG, { input: { externalId: 'one more', messages: [chat('hello')] } })
    const by = { id: open.data.logConversation.conversation.id }
    const input = { by, messages: [chat('and more')] }
    expect((await ask(APPEND, { input })).errors).toBeUndefined()
    expect((await ask(GET, { id: by.id })).data.conversation.messages.nodes).toHaveLength(2)

    const asked = server.statements()
    const openings = asked.filter((sql) => sql.startsWith('BEGIN'))
    expect(openings.map((sql) => sql.includes('plan_cache_mode = force_generic_plan'))).toEqual([true, true, true])
    const lookups = asked.filter((sql) => /\b(FROM|UPDATE) conversations\b/.test(sql))
    // What each write must know first and what it answers, the change itself, and what is read.
    expect(lookups.length).toBe(6)
    for (const sql of lookups) {
      const plan = await planOf(sql)
      const scans = plan.flatMap((line, i) =>
        / Scan .*on (conversations|messages) /.test(line) ? [plan[i + 1]?.trim()] : [],
      )
      expect(scans.length).toBeGreaterThan(0)
      for (const scan of scans) expect(scan).toMatch(/^(Index|Recheck) Cond: .*\b(id|external_id|conversation_id) = /)
    }
  },
)
