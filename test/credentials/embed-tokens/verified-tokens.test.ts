import { expect, test } from 'vitest'
import { verifiedOnce } from '../../../src/auth/verified-token-cache.ts'

/** What may be remembered of a token that verified, and what must be judged anew. */

const START = Date.parse('2030-05-05T12:00:00Z')
const at = (ms: number) => new Date(START + ms)

/** Verifies tokens that end after a minute, and counts how often. */
function verifier() {
  const counted = { verified: 0 }
  const verify = async () => {
    counted.verified += 1
    return { expiresAt: at(60_000), number: counted.verified }
  }
  const ask = async (keys: object | null, token: string, terms: string, ms: number) =>
    (await verifiedOnce(keys, token, terms, at(ms), verify)).number
  return { counted, ask }
}

test('the same token is verified once, until its last moment', async () => {
  const { ask } = verifier()
  const keys = {}
  const asked = [0, 1, 59_999, 60_000, 60_001].map((ms) => () => ask(keys, 'token', '', ms))
  const answers: number[] = []
  for (const each of asked) answers.push(await each())
  expect(answers).toEqual([1, 1, 1, 2, 3])
})

test('before it was verified, by a clock that was put back, it is verified again', async () => {
  const { ask } = verifier()
  const keys = {}
  expect([await ask(keys, 'token', '', 5), await ask(keys, 'token', '', 4), await ask(keys, 'token', '', 4)]).toEqual([
    ...[1, 2, 2],
  ])
})

test('another token, other keys or other terms are verified for themselves; with no keys, each time', async () => {
  const { ask } = verifier()
  const keys = {}
  expect(await ask(keys, 'token', 'terms', 0)).toBe(1)
  expect(await ask(keys, 'tokem', 'terms', 0)).toBe(2)
  expect(await ask({}, 'token', 'terms', 0)).toBe(3)
  expect(await ask(keys, 'token', 'other', 0)).toBe(4)
  expect([await ask(null, 'token', 'terms', 0), await ask(null, 'token', 'terms', 0)]).toEqual([5, 6])
  expect(await ask(keys, 'token', 'terms', 0)).toBe(1)
})

test('what was refused is not remembered', async () => {
  const keys = {}
  const refuse = () => Promise.reject(new Error('refused'))
  await expect(verifiedOnce(keys, 'token', '', at(0), refuse)).rejects.toThrow('refused')
  await expect(verifiedOnce(keys, 'token', '', at(0), refuse)).rejects.toThrow('refused')
  expect(await verifier().ask(keys, 'token', '', 0)).toBe(1)
})

test('two thousand are remembered, and then the oldest is forgotten', async () => {
  const { ask, counted } = verifier()
  const keys = {}
  const all = Array.from({ length: 2_001 }, (_, i) => `token-${i}`)
  for (const token of all) await ask(keys, token, '', 0)
  expect(counted.verified).toBe(2_001)
  for (const token of all.slice(1)) await ask(keys, token, '', 0)
  expect(counted.verified).toBe(2_001)
  expect(await ask(keys, 'token-0', '', 0)).toBe(2_002)
})
