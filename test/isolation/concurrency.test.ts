import { expect, test } from 'vitest'
import { startTestServer } from '../support/server.ts'
import { isRead, requestsOf } from './attack.ts'
import { plantVictim } from './plant.ts'
import { send } from './send.ts'

const server = await startTestServer()

test('tenants who ask at the same time, over the same connections, are each shown their own', {
  timeout: 120_000,
}, async () => {
  const tenants = [await plantVictim(server), await plantVictim(server)]
  const asked = tenants.flatMap((own, index) => {
    const other = tenants[(index + 1) % tenants.length] ?? own
    // Every field with their own rows, and the next one's rows asked for, which are not there: a connection must
    // remember neither. Writes with the next one's names would make these one's own.
    const reads = requestsOf({ other, own }).filter(({ field }) => isRead(field))
    return [...requestsOf({ other: own, own }), ...reads]
      .filter(({ field, isFirst }) => isFirst && field !== 'Mutation.deleteConversation')
      .map((request) => ({ own, ...request }))
  })
  const ask = async ({ own, name, document }: (typeof asked)[number]) => {
    const { text } = await send(server, { key: own.secret }, document)
    const foreign = tenants.filter(({ marker }) => marker !== own.marker && text.includes(marker))
    const sent = JSON.stringify(document.variables)
    return {
      name,
      foreign: foreign.filter(({ marker }) => !sent.includes(marker)).map(({ marker }) => marker),
      showsOwn: text.includes(own.marker),
    }
  }
  const answers: Awaited<ReturnType<typeof ask>>[] = []
  for (const together of batches(shuffled(asked))) answers.push(...(await Promise.all(together.map(ask))))
  const lists = answers.filter(({ name }) => name === 'Query.conversations #0')
  expect(lists.map(({ showsOwn }) => showsOwn)).toEqual(lists.map(() => true))
  expect(answers.filter(({ foreign }) => foreign.length > 0)).toEqual([])
})

/** The same order in every run, and no tenant's requests one after the other. */
function shuffled<Item>(items: Item[]): Item[] {
  const step = 37
  return Array.from({ length: step }, (_, start) => items.filter((_, index) => index % step === start)).flat()
}

/** More than there are connections, and not so many that one waits for longer than a connection is waited for. */
function batches<Item>(items: Item[]): Item[][] {
  const size = 24
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size))
}
