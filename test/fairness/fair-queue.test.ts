import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { FairQueue, PRIORITY } from '../../src/fairness/fair-queue.ts'

/** Work that is under way until it is told to end. */
function heldWork() {
  const begun: string[] = []
  const ends: (() => void)[] = []
  const work = (name: string) => () => {
    begun.push(name)
    return new Promise<void>((resolve) => ends.push(resolve))
  }
  const endOne = async () => {
    ends.shift()?.()
    for (let i = 0; i < 5; i += 1) await setImmediate()
  }
  return { begun, work, endOne }
}

test('one tenant never occupies all of the queue, and another one’s read does not wait for its crowd', async () => {
  const queue = new FairQueue()
  const [crowd, other] = [queue.forTenant(), queue.forTenant()]
  const { begun, work, endOne } = heldWork()
  for (let i = 0; i < 100; i += 1) void crowd.run(PRIORITY.own, work(`crowd ${i}`))
  await setImmediate()
  expect(begun).toEqual(['crowd 0', 'crowd 1'])
  void other.run(PRIORITY.own, work('other'))
  await setImmediate()
  expect(begun.at(-1)).toBe('other')
  await endOne()
  expect(begun.at(-1)).toBe('crowd 2')
})

test('when several tenants wait they take turns, however much each has to read', async () => {
  const queue = new FairQueue()
  const { begun, work, endOne } = heldWork()
  for (const name of ['a', 'b', 'c']) {
    const tenant = queue.forTenant()
    for (let i = 0; i < 10; i += 1) void tenant.run(PRIORITY.own, work(name))
  }
  await setImmediate()
  for (let i = 0; i < 8; i += 1) await endOne()
  const counts = ['a', 'b', 'c'].map((name) => begun.filter((one) => one === name).length)
  expect(begun).toHaveLength(12)
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
})

test('what all subscribers of a tenant wait for is read before what each reads for itself', async () => {
  const tenant = new FairQueue().forTenant()
  const { begun, work, endOne } = heldWork()
  for (let i = 0; i < 4; i += 1) void tenant.run(PRIORITY.own, work(`own ${i}`))
  void tenant.run(PRIORITY.shared, work('shared'))
  await setImmediate()
  await endOne()
  expect(begun).toEqual(['own 0', 'own 1', 'shared'])
})
