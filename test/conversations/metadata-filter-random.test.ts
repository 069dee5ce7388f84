import { expect, test } from 'vitest'
import { startTestServer } from '../support/server.ts'
import { fitting, log } from './conversations.ts'
import { fits, type Json } from './metadata-model.ts'
import { randomFrom } from './random.ts'
import { condition, object } from './random-metadata.ts'

const server = await startTestServer()

test('200 random metadata conditions over 60 random conversations answer what their meaning says', async () => {
  const random = randomFrom(7)
  const { ask } = await server.newTenant()
  const all: Record<string, Json>[] = []
  for (let i = 0; i < 60; i++) {
    const metadata = object(random)
    all.push(metadata)
    await log(ask, { externalId: String(i).padStart(2, '0'), metadata })
  }
  const sizes: number[] = []
  for (let i = 0; i < 200; i++) {
    const wanted = condition(random, all)
    const expected = all.flatMap((metadata, i) => (fits(wanted, metadata) ? String(i).padStart(2, '0') : []))
    const found = await fitting(ask, { metadata: [wanted] }).catch(String)
    expect(found, JSON.stringify(wanted)).toEqual(expected)
    sizes.push(expected.length)
  }
  expect(sizes.filter((size) => size > 0 && size < 60).length).toBeGreaterThan(100)
})
