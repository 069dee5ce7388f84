import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { DatabaseBudget } from '../../src/fairness/database-budget.ts'
import { FairSemaphore } from '../../src/fairness/fair-semaphore.ts'
import type { Holder } from '../../src/fairness/holder.ts'
import type { Rest } from '../../src/fairness/rest.ts'

const key = (tenantId: string, credential = 'key'): Holder => ({ tenantId, credential, isKey: true })
const token = (tenantId: string, credential: string): Holder => ({ tenantId, credential, isKey: false })

/** Makes tenants known for short turns, so that they get their whole share while others are active. */
async function becomeQuick(semaphore: FairSemaphore, ...tenants: string[]) {
  await Promise.all(tenants.map((tenant) => semaphore.run(key(tenant), async () => {})))
  await sleep(2)
}

/** Work that ends when it is told to, and a list of what has begun. */
function plan(semaphore: FairSemaphore) {
  const begun: string[] = []
  const open = new Map<string, () => void>()
  const add = (name: string, holder: Holder, budget?: DatabaseBudget) => {
    const running = semaphore.run(
      holder,
      () => {
        begun.push(name)
        return new Promise<void>((resolve) => open.set(name, resolve))
      },
      budget,
    )
    // Most work is left waiting when its test ends.
    running.catch(() => {})
    return running
  }
  const end = async (name: string) => {
    open.get(name)?.()
    await sleep(1)
  }
  return { begun, add, end }
}

const code = async (running: Promise<unknown>) =>
  running.then(
    () => null,
    (error) => error.extensions?.code ?? error,
  )

describe('turns', () => {
  test('are limited: per tenant to its share, per credential to half of that, and for tokens together to three quarters', async () => {
    const semaphore = new FairSemaphore({ capacity: 20, perTenant: 5, timeoutMs: 10_000 })
    await becomeQuick(semaphore, 'a', 'b')
    const { begun, add } = plan(semaphore)
    for (let i = 0; i < 6; i += 1) void add('one key', key('a'))
    expect(begun.length).toBe(3)
    for (let i = 0; i < 6; i += 1) void add('other key', key('a', 'other'))
    expect(begun.length).toBe(5)
    for (let i = 0; i < 6; i += 1) void add('token', token('b', String(i)))
    expect(begun.filter((name) => name === 'token').length).toBe(3)
    void add('key', key('b'))
    expect(begun.at(-1)).toBe('key')
  })

  test('are never more than the capacity, and each tenant can have one', async () => {
    const { begun, add, end } = plan(new FairSemaphore({ capacity: 1, perTenant: 1, timeoutMs: 10_000 }))
    void add('first', token('a', 't'))
    void add('second', key('b'))
    expect(begun).toEqual(['first'])
    await end('first')
    expect(begun).toEqual(['first', 'second'])
  })

  test('go to the tenant that has used least, and then to its credential that has used least', async () => {
    const { begun, add, end } = plan(new FairSemaphore({ capacity: 1, perTenant: 1, timeoutMs: 10_000 }))
    void add('long', key('a'))
    await sleep(60)
    for (const i of [1, 2, 3]) void add(`a${i}`, key('a', i === 3 ? 'other' : 'key'))
    for (const i of [1, 2, 3]) void add(`b${i}`, key('b'))
    await end('long')
    for (const name of ['b1', 'b2', 'b3']) await end(name)
    expect(begun).toEqual(['long', 'b1', 'b2', 'b3', 'a3'])
    await end('a3')
    expect(begun.at(-1)).toBe('a1')
  })

  test('alternate between tenants that use equally much', async () => {
    const semaphore = new FairSemaphore({ capacity: 1, perTenant: 1, timeoutMs: 10_000 })
    const order: string[] = []
    const work = (name: string) => async () => {
      order.push(name)
      await sleep(4)
    }
    const crowd = Array.from({ length: 30 }, () => semaphore.run(key('crowd'), work('crowd')))
    const few = Array.from({ length: 3 }, () => semaphore.run(key('few'), work('few')))
    await Promise.all(few)
    expect(order.filter((name) => name === 'crowd').length).toBeLessThan(9)
    await Promise.all(crowd)
  })

  test('come no sooner to a tenant that has been idle than to a new one', async () => {
    const { begun, add, end } = plan(new FairSemaphore({ capacity: 1, perTenant: 1, timeoutMs: 10_000 }))
    void add('early', key('idle'))
    await end('early')
    void add('busy1', key('busy'))
    await sleep(40)
    void add('idle1', key('idle'))
    void add('new1', key('new'))
    void add('busy2', key('busy'))
    await end('busy1')
    await end('new1')
    await end('idle1')
    expect(begun).toEqual(['early', 'busy1', 'new1', 'idle1', 'busy2'])
  })

  test('come later for a tenant that was charged for other work', async () => {
    const semaphore = new FairSemaphore({ capacity: 1, perTenant: 1, timeoutMs: 10_000 })
    const { begun, add, end } = plan(semaphore)
    void add('first', key('c'))
    void add('a', key('a'))
    void add('b', key('b'))
    semaphore.charge('a', 500)
    await end('first')
    await end('b')
    expect(begun).toEqual(['first', 'b', 'a'])
  })
})

describe('a tenant that keeps the database busy', () => {
  async function open() {
    const semaphore = new FairSemaphore({ capacity: 8, perTenant: 4, timeoutMs: 10_000 })
    await becomeQuick(semaphore, 'heavy', 'other')
    semaphore.charge('heavy', 10_000)
    return plan(semaphore)
  }

  test('has one turn at a time while others are active', async () => {
    const { begun, add, end } = await open()
    void add('other', key('other'))
    for (const name of ['h1', 'h2', 'h3']) void add(name, key('heavy'))
    for (const name of ['o1', 'o2']) void add(name, key('other', name))
    expect(begun).toEqual(['other', 'h1', 'o1', 'o2'])
    for (const name of ['other', 'o1', 'o2', 'h1']) await end(name)
    await vi.waitFor(() => expect(begun.slice(4)).toEqual(['h2']))
  })

  test('rests between its turns while others are active, twice as long as the last one took', async () => {
    const { begun, add, end } = await open()
    void add('o1', key('other'))
    for (const name of ['h1', 'h2']) void add(name, key('heavy'))
    await sleep(100)
    await end('h1')
    await sleep(100)
    await end('o1')
    void add('o2', key('other'))
    expect(begun).toEqual(['o1', 'h1', 'o2'])
    await vi.waitFor(() => expect(begun).toEqual(['o1', 'h1', 'o2', 'h2']))
  })

  test('rests longer the more the others use the database', async () => {
    const restAfter = async (othersMs: number) => {
      const semaphore = new FairSemaphore({ capacity: 8, perTenant: 4, timeoutMs: 10_000 })
      await becomeQuick(semaphore, 'heavy', 'other')
      semaphore.charge('heavy', 10_000)
      semaphore.charge('other', othersMs)
      const { begun, add, end } = plan(semaphore)
      void add('other', key('other'))
      for (const name of ['h1', 'h2']) void add(name, key('heavy'))
      // A timer may fire a millisecond early.
      await sleep(21)
      const endedMs = performance.now()
      await end('h1')
      await vi.waitFor(() => expect(begun).toEqual(['other', 'h1', 'h2']), { timeout: 5_000, interval: 5 })
      return performance.now() - endedMs
    }
    // Of 8 turns, the others keep four busy, or hardly any.
    const [long, short] = [await restAfter(20_000), await restAfter(0)]
    expect(long).toBeGreaterThan(20 * 20)
    expect(short).toBeLessThan(20 * 10)
  })

  describe('rests within a turn, between statements,', () => {
    const timed = async (work: () => Promise<unknown>) => {
      const beganMs = performance.now()
      await work()
      return performance.now() - beganMs
    }

    test('and not again after it; the rest is no time with the database', async () => {
      const semaphore = new FairSemaphore({ capacity: 8, perTenant: 4, timeoutMs: 10_000 })
      await becomeQuick(semaphore, 'heavy', 'other')
      semaphore.charge('heavy', 10_000)
      const { add } = plan(semaphore)
      void add('other', key('other'))
      const budget = new DatabaseBudget(150)
      const ended: Error[] = []
      budget.whenEnded((reason) => void ended.push(reason))
      const work = async (rest: Rest) => {
        await sleep(100)
        await rest.after(100)
      }
      const takenMs = await timed(() => semaphore.run(key('heavy'), (rest) => budget.spend(() => work(rest)), budget))
      expect(takenMs).toBeGreaterThanOrEqual(295)
      expect(ended).toEqual([])
      expect(await timed(() => semaphore.run(key('heavy'), async () => {}))).toBeLessThan(100)
    })

    test('only while others are active', async () => {
      const semaphore = new FairSemaphore({ capacity: 8, perTenant: 4, timeoutMs: 10_000 })
      semaphore.charge('heavy', 10_000)
      expect(await timed(() => semaphore.run(key('heavy'), (rest) => rest.after(1_000)))).toBeLessThan(500)
    })

    test('only if it keeps the database busy', async () => {
      const semaphore = new FairSemaphore({ capacity: 8, perTenant: 4, timeoutMs: 10_000 })
      await becomeQuick(semaphore, 'light', 'other')
      void plan(semaphore).add('other', key('other'))
      expect(await timed(() => semaphore.run(key('light'), (rest) => rest.after(1_000)))).toBeLessThan(500)
    })

    test('until its client leaves', async () => {
      const semaphore = new FairSemaphore({ capacity: 8, perTenant: 4, timeoutMs: 10_000 })
      await becomeQuick(semaphore, 'heavy', 'other')
      semaphore.charge('heavy', 10_000)
      void plan(semaphore).add('other', key('other'))
      const budget = new DatabaseBudget(15_000)
      setTimeout(() => budget.abandon(), 20)
      expect(await timed(() => semaphore.run(key('heavy'), (rest) => rest.after(1_000), budget))).toBeLessThan(500)
    })
  })

  test('does not rest when nobody else is active', async () => {
    const semaphore = new FairSemaphore({ capacity: 8, perTenant: 4, timeoutMs: 10_000 })
    semaphore.charge('heavy', 10_000)
    const { begun, add, end } = plan(semaphore)
    for (const name of ['h1', 'h2', 'h3']) void add(name, key('heavy'))
    await sleep(50)
    await end('h1')
    expect(begun).toEqual(['h1', 'h2', 'h3'])
  })

  test('has all of its turns when nobody else is active', async () => {
    const { begun, add } = plan(new FairSemaphore({ capacity: 8, perTenant: 4, timeoutMs: 10_000 }))
    for (const name of ['h1', 'h2', 'h3']) void add(name, key('heavy'))
    expect(begun).toEqual(['h1', 'h2'])
    void add('h4', key('heavy', 'other key'))
    expect(begun).toEqual(['h1', 'h2', 'h4'])
  })
})

describe('a database that stands still', () => {
  const openStalled = async () => {
    const isUnanswered = (error: unknown) => String(error).includes('terminated')
    const semaphore = new FairSemaphore({ capacity: 8, perTenant: 4, timeoutMs: 10_000, isUnanswered })
    await becomeQuick(semaphore, 'a', 'b', 'c')
    const planned = plan(semaphore)
    for (const tenant of ['a', 'b']) void planned.add(`${tenant}1`, key(tenant))
    return { semaphore, ...planned }
  }

  test('makes nobody rest', async () => {
    const { begun, add, end } = await openStalled()
    await sleep(1_200)
    await end('a1')
    await end('b1')
    for (const tenant of ['a', 'b']) void add(`${tenant}2`, key(tenant))
    expect(begun).toEqual(['a1', 'b1', 'a2', 'b2'])
  })

  test('still makes nobody rest if turns fail meanwhile', async () => {
    const { semaphore, begun, add, end } = await openStalled()
    for (let i = 0; i < 4; i += 1) {
      await sleep(300)
      const failing = semaphore.run(key('c'), () => Promise.reject(new Error('Connection terminated')))
      await expect(failing).rejects.toThrow('terminated')
    }
    await end('a1')
    void add('a2', key('a'))
    expect(begun).toContain('a2')
  })

  test('is not one in which turns end', async () => {
    const { begun, add, end } = await openStalled()
    for (let i = 0; i < 4; i += 1) {
      await sleep(300)
      void add(`c${i}`, key('c'))
      await end(`c${i}`)
    }
    await end('a1')
    void add('a2', key('a'))
    expect(begun).not.toContain('a2')
  })
})

test('a tenant whose turns are long, or not known yet, has one at a time while others are active', async () => {
  const semaphore = new FairSemaphore({ capacity: 8, perTenant: 4, timeoutMs: 10_000 })
  await becomeQuick(semaphore, 'other')
  const { begun, add, end } = plan(semaphore)
  const addAll = () => {
    for (const i of [1, 2, 3, 4]) void add(`n${i}`, key('new', i % 2 ? 'one' : 'two'))
  }
  addAll()
  expect(begun).toEqual(['n1'])
  await end('n1')
  // They were short.
  expect(begun).toHaveLength(4)
  for (const name of ['n2', 'n3', 'n4']) await end(name)
  // One long turn does not make a quick tenant slow; a mean of them does.
  for (let i = 0; i < 3; i += 1) await semaphore.run(key('new'), () => sleep(150))
  void add('other', key('other'))
  begun.length = 0
  addAll()
  expect(begun).toEqual(['n1'])
})

describe('waiting work', () => {
  test('is refused after the time-out, and leaves no trace', async () => {
    const { begun, add, end } = plan(new FairSemaphore({ capacity: 1, perTenant: 1, timeoutMs: 20 }))
    void add('first', key('a'))
    expect(await code(add('second', key('b')))).toBe('OVERLOADED')
    await end('first')
    void add('third', key('b'))
    expect(begun).toEqual(['first', 'third'])
  })

  test('is rejected with the reason when its budget ends', async () => {
    const { begun, add, end } = plan(new FairSemaphore({ capacity: 1, perTenant: 1, timeoutMs: 10_000 }))
    const budget = new DatabaseBudget(10_000)
    void add('first', key('a'))
    const second = code(add('second', key('b'), budget))
    void add('third', key('b'))
    budget.abandon()
    expect(await second).toBe('CLIENT_CLOSED_REQUEST')
    expect(await code(add('fourth', key('c'), budget))).toBe('CLIENT_CLOSED_REQUEST')
    await end('first')
    expect(begun).toEqual(['first', 'third'])
  })

  test('is limited to 64 for keys, to 64 for tokens, and to 32 for one token', async () => {
    const { add } = plan(new FairSemaphore({ capacity: 2, perTenant: 2, timeoutMs: 10_000 }))
    const refused = async (holders: Holder[]) => {
      const codes: unknown[] = []
      for (const holder of holders) void code(add('', holder)).then((one) => codes.push(one))
      await sleep(5)
      return codes
    }
    // Two run, one of each kind.
    expect(await refused([token('a', '0'), key('a')])).toEqual([])
    expect(await refused(Array.from({ length: 33 }, () => token('a', '1')))).toEqual(['OVERLOADED'])
    expect(await refused(Array.from({ length: 33 }, (_, i) => token('a', `t${i}`)))).toEqual(['OVERLOADED'])
    expect(await refused(Array.from({ length: 65 }, (_, i) => key('a', `k${i}`)))).toEqual(['OVERLOADED'])
    // Another tenant is not affected.
    expect(await refused([key('b')])).toEqual([])
  })
})

describe('background work', () => {
  test('runs one at a time, after everybody else', async () => {
    const semaphore = new FairSemaphore({ capacity: 2, perTenant: 2, timeoutMs: 10_000 })
    const { begun, add, end } = plan(semaphore)
    let endUpkeep = () => {}
    const upkeep = (name: string) =>
      semaphore.runInBackground(() => {
        begun.push(name)
        return new Promise<void>((resolve) => {
          endUpkeep = resolve
        })
      })
    void upkeep('u1')
    void upkeep('u2')
    await sleep(1)
    void add('a1', key('a', '1'))
    void add('a2', key('a', '2'))
    expect(begun).toEqual(['u1', 'a1'])
    endUpkeep()
    await sleep(1)
    expect(begun).toEqual(['u1', 'a1', 'a2'])
    await end('a1')
    expect(begun.at(-1)).toBe('u2')
  })

  test('does not wait for ever', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    try {
      const semaphore = new FairSemaphore({ capacity: 1, perTenant: 1, timeoutMs: 10_000 })
      const { begun, add, end } = plan(semaphore)
      void add('a1', key('a'))
      void semaphore.runInBackground(async () => void begun.push('upkeep'))
      void add('a2', key('a'))
      void add('a3', key('a'))
      await end('a1')
      vi.advanceTimersByTime(5_000)
      await end('a2')
      expect(begun).toEqual(['a1', 'a2', 'upkeep', 'a3'])
    } finally {
      vi.useRealTimers()
    }
  })
})

test('work that fails gives its turn back', async () => {
  const semaphore = new FairSemaphore({ capacity: 1, perTenant: 1, timeoutMs: 20 })
  await expect(semaphore.run(key('a'), () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  await expect(semaphore.runInBackground(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await semaphore.run(key('b'), async () => 'yes')).toBe('yes')
})
