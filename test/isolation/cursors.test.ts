import { expect, test } from 'vitest'
import { codes, startTestServer } from '../support/server.ts'
import { isAccountField } from './cases.ts'
import { plantAttacker, plantVictim } from './plant.ts'
import { rootFields } from './select-everything.ts'
import { send } from './send.ts'

const server = await startTestServer({ maxQueryCost: 5_000_000 })
const victim = await plantVictim(server)
const attacker = await plantAttacker(server)

/** Every list at the root, by the name of its field, with a true cursor of the attacker's. */
const lists = [...rootFields]
  .filter(([, { type, field }]) => type.name === 'Query' && field.args.some((arg) => arg.name === 'after'))
  .map(([coordinate, { field }]) => ({
    coordinate,
    name: field.name,
    cursor: attacker.cursors[field.name] ?? attacker.cursors['STARTED_AT'] ?? '',
  }))

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Cursors that this server never wrote, made from one that it did. */
function forgeries(cursor: string): string[] {
  const [order, value, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString())
  const forged = [
    ...[null, {}, [], 'text', 1, { 0: order, 1: value, 2: id }],
    ...[[order], [order, value], [order, value, id, id], [[order], value, id], [null, value, id]],
    ...[
      ['OTHERS', value, id],
      [order.toLowerCase(), value, id],
    ],
    ...[null, '1', 1.5, 1e300, -9.1e15, [value], { value }].map((wrong) => [order, wrong, id]),
    ...[null, 1, [id], { in: [id] }, `${id} `, `${id}\n`, "' OR true --", 'a\u0000b'].map((wrong) => [
      order,
      value,
      wrong,
    ]),
  ]
  return ['', ' ', 'nonsense', '!', cursor.slice(1), Buffer.from('[').toString('base64url'), ...forged.map(encode)]
}

const READ = (name: string) => `query ($after: String, $before: String) {
  ${name}(after: $after, before: $before) { edges { cursor node { __typename } } }
}`

test.each(lists)('$name refuses cursors that are not its own', async ({ coordinate, name, cursor }) => {
  const ask = isAccountField(coordinate) ? server.admin : attacker.ask
  for (const argument of ['after', 'before']) {
    for (const forged of forgeries(cursor)) {
      const answer = await ask(READ(name), { [argument]: forged })
      expect({ forged, codes: codes(answer), data: answer.data?.[name] ?? null }).toEqual({
        ...{ forged, codes: ['BAD_USER_INPUT'], data: null },
      })
    }
  }
})

test('a transcript refuses cursors that are not its own', async () => {
  for (const argument of ['after', 'before']) {
    for (const forged of forgeries(attacker.cursors['messages'] ?? '')) {
      const answer = await attacker.ask(
        `query ($id: ID!, $cursor: String) { conversation(by: { id: $id }) { messages(${argument}: $cursor) { edges { cursor } } } }`,
        { id: attacker.closedId, cursor: forged },
      )
      expect({ forged, codes: codes(answer) }).toEqual({ forged, codes: ['BAD_USER_INPUT'] })
    }
  }
})

test('changes refuse resume tokens that are not of this server', async () => {
  const query = 'subscription ($after: String) { conversationsChanged(after: $after) { resumeToken } }'
  const resumeToken = attacker.cursors['changes'] ?? ''
  for (const forged of [
    ...forgeries(attacker.cursors['STARTED_AT'] ?? ''),
    resumeToken.slice(1),
    `${resumeToken}AAAA`,
  ]) {
    const { text } = await send(server, { key: attacker.secret }, { query, variables: { after: forged } })
    expect({ forged, codes: codes(JSON.parse(text)) }).toEqual({ forged, codes: ['BAD_USER_INPUT'] })
  }
})

test('another tenant’s cursor is a place in time and no more: both sides of it hold own entries alone', async () => {
  const ids = async (args: string) => {
    const { data } = await attacker.ask(`{ conversations(${args}) { nodes { id } } }`)
    return data.conversations.nodes.map(({ id }: { id: string }) => id)
  }
  const theirs = victim.cursors['STARTED_AT']
  // Newest first: theirs began between the first and the second of these.
  expect(await ids(`after: "${theirs}"`)).toEqual([attacker.sharedId])
  expect(await ids(`before: "${theirs}"`)).toEqual([attacker.openId, attacker.closedId])
})
