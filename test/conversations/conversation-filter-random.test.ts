import { expect, test } from 'vitest'
import type { Ask } from '../support/server.ts'
import { startTestServer } from '../support/server.ts'
import { type Filter, fits, type ModelConversation } from './conversation-model.ts'
import { list, log } from './conversations.ts'
import { randomFrom } from './random.ts'
import { AGENTS, conversation, filter, toInput } from './random-conversations.ts'

const server = await startTestServer()

const AGENT_IDS = '{ agents { nodes { id externalId } } }'

/** Logs them, and completes the rows with ids and with the times that no caller can set. */
async function logAll(ask: Ask, rows: ModelConversation[]) {
  for (const row of rows) row.id = (await log(ask, toInput(row))).id
  const { data } = await ask(AGENT_IDS)
  const idOf = new Map<string, string>(
    data.agents.nodes.map(({ id, externalId }: Record<'id' | 'externalId', string>) => [externalId, id]),
  )
  const times = rows.map(({ createdAt, updatedAt }, i) => `(${i}, ${createdAt / 1000}, ${updatedAt / 1000})`)
  await server.owner(`
    UPDATE conversations SET created_at = to_timestamp(given.created), updated_at = to_timestamp(given.updated)
    FROM (VALUES ${times}) AS given (place, created, updated),
         (SELECT id AS logged, row_number() OVER (ORDER BY id) - 1 AS place FROM conversations) AS placed
    WHERE conversations.id = placed.logged AND placed.place = given.place`)
  return {
    rows: rows.map((row) => ({ ...row, agentIds: row.agentIds.flatMap((agent) => [agent, idOf.get(agent) ?? '']) })),
    /** The same filter with ids of agents where it has their names. */
    named: (filter: Filter): Filter =>
      JSON.parse(JSON.stringify(filter), (key, value) => (key === 'id' ? idOf.get(value) : value)),
  }
}

/** Newest first, equal ones by id, as the list is sorted unless asked otherwise. */
const newestFirst = (a: ModelConversation, b: ModelConversation) => b.startedAt - a.startedAt || (a.id < b.id ? 1 : -1)

test('150 random filters over 60 random conversations answer what their meaning says', async () => {
  const random = randomFrom(20_261_121)
  const tenant = await server.newTenant()
  const reader = await server.newKey({ scopes: ['CONVERSATIONS_READ'], tenantId: tenant.id })
  const logged = await logAll(
    tenant.ask,
    Array.from({ length: 60 }, (_, i) => conversation(random, i)),
  )
  expect(AGENTS.length).toBe((await tenant.ask(AGENT_IDS)).data.agents.nodes.length)
  /** How many fit. */
  async function compare(wanted: Filter, internals: boolean, i: number): Promise<number> {
    const { data, errors } = await list(internals ? tenant.ask : server.as({ key: reader.secret }), wanted)
    const expected = logged.rows.filter((row) => fits(wanted, row, internals)).sort(newestFirst)
    const answer = errors ?? {
      totalCount: data.conversations.totalCount,
      ids: data.conversations.nodes.map(({ id }: { id: string }) => id),
    }
    expect(answer, `filter ${i}: ${JSON.stringify(wanted)}`).toEqual({
      totalCount: expected.length,
      ids: expected.map(({ id }) => id),
    })
    return expected.length
  }
  const sizes: number[] = []
  for (let i = 0; i < 150; i++) sizes.push(await compare(logged.named(filter(random)), i % 2 === 0, i))
  // The comparison says little where nothing or everything fits.
  expect(sizes.filter((size) => size > 0 && size < 60).length).toBeGreaterThan(75)

  // What messages have, value by value: of internal ones only some learn.
  const messages = logged.rows.flatMap((row) => row.messages)
  const filters = [
    ...messages.flatMap(({ kind, name = '' }): Filter[] =>
      kind === 'CHAT' ? [] : [kind === 'TOOL' ? { toolNames: [name] } : { eventNames: [name] }],
    ),
    ...messages.flatMap(({ intent, rating }): Filter[] => [
      ...(intent ? [{ intents: [intent] }] : []),
      ...(rating == null ? [] : [{ ratings: [rating] }]),
    ]),
  ]
  const distinct = new Map(filters.map((one) => [JSON.stringify(one), one]))
  for (const one of distinct.values()) for (const internals of [true, false]) await compare(one, internals, -1)
})
