import { spawn } from 'node:child_process'
import fc from 'fast-check'
import OpenAI from 'openai'
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { observeOpenAI } from '../../src/client/openai.ts'
import type { LoggingError, ParleyOptions } from '../../src/client/options.ts'
import { Parley } from '../../src/client/parley.ts'
import { startTestServer } from '../support/server.ts'
import { type Fate, startFaultyServer } from './faulty-server.ts'
import { completion, json, startOpenAIServer } from './openai-server.ts'

const server = await startTestServer()
const faulty = await startFaultyServer(await server.listen())
const tenant = await server.newTenant()

const unhandled: unknown[] = []
const onUnhandled = (error: unknown) => unhandled.push(error)
process.on('unhandledRejection', onUnhandled)
afterAll(() => process.off('unhandledRejection', onUnhandled))

let errors: LoggingError[] = []
let parley = newClient()
let run = 0

function newClient(options: Partial<ParleyOptions> = {}): Parley {
  return new Parley({ url: faulty.url, apiKey: tenant.key, onError: (error) => void errors.push(error), ...options })
}

beforeEach(() => {
  faulty.fateOf = () => 'PASS'
  faulty.requests = []
  errors = []
  run += 1
  parley = newClient()
})

afterEach(async () => {
  await parley.close()
  vi.restoreAllMocks()
  expect(unhandled.splice(0)).toEqual([])
})

/** An external id that no other test uses. */
const named = (name: string | number) => `${run}-${name}`
const user = (content: string) => ({ role: 'user', content })

/** The next requests meet these fates, and all that follow pass. */
function meets(...fates: Fate[]) {
  faulty.fateOf = () => fates.shift() ?? 'PASS'
}

interface Stored {
  externalId: string
  status: string
  agents: { name: string }[]
  messages: { nodes: { content?: string; name?: string }[] }
}

/** The conversations of this test, in the order in which they began. */
async function stored(): Promise<Stored[]> {
  const { data, errors } = await tenant.ask(
    `{ conversations(first: 100, orderBy: { field: STARTED_AT, direction: DESC }) { nodes {
      externalId status agents { name }
      messages(first: 100) { nodes { ... on ChatMessage { content } ... on ToolCall { name } ... on ConversationEvent { name } } }
    } } }`,
  )
  expect(errors).toBeUndefined()
  return data.conversations.nodes.filter(({ externalId }: Stored) => externalId?.startsWith(`${run}-`)).reverse()
}

const contentsOf = ({ messages }: Stored) => messages.nodes.map(({ content, name }) => content ?? name)

describe('while the server is away', () => {
  test('what is written to a conversation keeps its order, and comes once', async () => {
    meets('CUT_BEFORE', 'CUT_BEFORE', { status: 503 }, 'CUT_AFTER', 'CUT_AFTER')
    const id = named('a')
    parley.log({ externalId: id, status: 'active', messages: [user('1')], agent: 'Support Bot' })
    parley.append(id, [user('2'), user('3')])
    parley.append(id, [user('4')])
    await parley.flush({ timeoutMs: 300 })
    parley.append(id, [user('5')])
    parley.complete(id)
    parley.log({ externalId: named('b'), messages: [user('1')] })
    await parley.flush()
    const [a, b] = await stored()
    expect(a).toMatchObject({ externalId: id, status: 'COMPLETED', agents: [{ name: 'Support Bot' }] })
    expect(a && contentsOf(a)).toEqual(['1', '2', '3', '4', '5'])
    expect(b).toMatchObject({ externalId: named('b'), status: 'COMPLETED' })
    expect(errors).toMatchObject([{ code: 'UNREACHABLE', count: 0 }])
  })

  test('answers that are lost do not store twice', async () => {
    faulty.fateOf = (body) =>
      faulty.requests.filter((earlier) => earlier.body === body).length < 3 ? 'CUT_AFTER' : 'PASS'
    parley.log({ externalId: named('a'), messages: [user('1')], status: 'active' })
    parley.append(named('b'), [user('1')])
    parley.append(named('b'), [user('2')])
    await parley.flush()
    const all = await stored()
    expect(all.map(contentsOf).sort()).toEqual([['1'], ['1', '2']])
    expect(faulty.requests.length).toBeGreaterThanOrEqual(6)
  })

  test('a server that asks for a pause gets it, also from flush', async () => {
    meets({ status: 429, headers: { 'retry-after': '1' } })
    parley.log({ externalId: named('a'), messages: [user('1')] })
    expect(await parley.flush({ timeoutMs: 300 })).toEqual({ pending: 1 })
    expect(await parley.flush({ timeoutMs: 100 })).toEqual({ pending: 1 })
    await parley.flush()
    expect(errors).toMatchObject([{ code: 'UNREACHABLE', count: 0 }])
    const [first, second] = faulty.requests
    expect(faulty.requests).toHaveLength(2)
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(990)
    expect(await stored()).toHaveLength(1)
  })

  test('what is refused is named, and the others are stored', async () => {
    parley.log({ externalId: named('a'), messages: [user('1')] })
    parley.log({ externalId: named('b'), messages: [{ ...user('1'), rating: 7 }] })
    parley.log({ externalId: named('c'), anything: 1 } as never)
    await parley.flush()
    expect((await stored()).map(({ externalId }) => externalId)).toEqual([named('a')])
    expect(errors).toMatchObject([
      { code: 'BAD_USER_INPUT', count: 1 },
      { code: 'BAD_USER_INPUT', count: 1 },
    ])
  })

  test('of appends that went out together, only the one that is refused is lost', async () => {
    const id = named('a')
    parley.append(id, [user('1')])
    parley.append(id, [{ ...user('2'), rating: 7 }])
    parley.append(id, [user('3')])
    parley.append(id, [user('4')], { status: 'closed' })
    await parley.flush()
    const [chat] = await stored()
    expect(chat && contentsOf(chat)).toEqual(['1', '3', '4'])
    expect(chat?.status).toBe('COMPLETED')
    expect(errors).toMatchObject([{ code: 'BAD_USER_INPUT', count: 1 }])
  })
})

/** A script that logs, with the arguments of `new Parley`. */
async function runScript(url: string, after = '') {
  const script = `
    import { Parley } from '${new URL('../../src/client/index.ts', import.meta.url)}'
    const parley = new Parley({
      url: ${JSON.stringify(url)}, apiKey: ${JSON.stringify(tenant.key)},
      onError: ({ code, count }) => console.log(code, count),
    })
    parley.log({ externalId: ${JSON.stringify(named('script'))}, messages: [{ role: 'user', content: 'Hello' }] })
    console.log('logged')
    ${after}
  `
  const child = spawn(process.execPath, [
    '--disable-warning=ExperimentalWarning',
    '--input-type=module',
    '--eval',
    script,
  ])
  let output = ''
  let loggedAt = 0
  child.stdout.on('data', (chunk) => {
    loggedAt ||= performance.now()
    output += chunk
  })
  child.stderr.on('data', (chunk) => {
    output += chunk
  })
  const code = await new Promise((resolve) => child.on('close', resolve))
  return { code, lines: output.trim().split('\n'), lasted: performance.now() - loggedAt }
}

describe('a script that logs once', () => {
  const said = "messages: [{ role: 'user', content: 'Hello' }]"

  test('ends soon, and has stored it', async () => {
    const { code, lines, lasted } = await runScript(faulty.url)
    expect({ code, lines }).toEqual({ code: 0, lines: ['logged'] })
    // Less than a second, where the machine has nothing else to do.
    expect(lasted).toBeLessThan(1_900)
    expect((await stored()).map(contentsOf)).toEqual([['Hello']])
  })

  test('tries again if the server is just not there', async () => {
    meets('CUT_BEFORE', { status: 503 })
    expect(await runScript(faulty.url)).toMatchObject({ code: 0, lines: ['logged', 'UNREACHABLE 0'] })
    expect(await stored()).toHaveLength(1)
  })

  test.each([
    ['before the client listens for the end', ''],
    ['after it', `parley.log({ externalId: 'first', ${said} }); await parley.flush()`],
  ])('stores what is logged as it ends, by a listener that was added %s', async (_, before) => {
    const late = `() => parley.log({ externalId: ${JSON.stringify(named('late'))}, ${said} })`
    const { code, lines } = await runScript(faulty.url, `${before}\nprocess.once('beforeExit', ${late})`)
    expect({ code, lines }).toEqual({ code: 0, lines: ['logged'] })
    expect((await stored()).map(({ externalId }) => externalId)).toContain(named('late'))
  })

  test('ends even if its host logs whenever it is about to', async () => {
    const { code, lines } = await runScript(faulty.url, `process.on('beforeExit', () => parley.log({ ${said} }))`)
    expect({ code, last: lines.at(-1) }).toEqual({ code: 0, last: 'DROPPED 1' })
  })

  test.each(['HANG', 'CUT_BEFORE'] as const)(
    'ends and says what is lost if the server is not there: %s',
    async (fate) => {
      faulty.fateOf = () => fate
      const { code, lines, lasted } = await runScript(faulty.url)
      expect(code).toBe(0)
      expect(lines.at(-1)).toBe('DROPPED 1')
      expect(lasted).toBeLessThan(8_000)
    },
  )
})

describe('observeOpenAI', () => {
  test('stores a conversation once, whichever process each of its calls comes from', async () => {
    const openai = await startOpenAIServer()
    const call = { id: 'call_1', type: 'function', function: { name: 'find', arguments: '{"q":"x"}' } } as const
    openai.replies = [
      json(completion({ content: null, tool_calls: [call] }, 'tool_calls')),
      json(completion({ content: 'Found.' })),
    ]
    const plain = new OpenAI({ baseURL: openai.baseURL, apiKey: 'test' })
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'Yes.' }]
    const ask = async () => {
      await using another = newClient()
      const conversation = named('chat')
      const answer = await observeOpenAI(plain, another, { conversation, agent: 'Finder' }).chat.completions.create({
        model: 'gpt-4o',
        messages,
      })
      if (answer.choices[0]) messages.push(answer.choices[0].message)
    }
    // The result comes to another process than the call: that one has logged the call by then.
    await ask()
    messages.push({ role: 'tool', tool_call_id: 'call_1', content: '2' })
    await ask()
    messages.push({ role: 'user', content: 'Yes.' })
    await ask()
    const [chat] = await stored()
    expect(chat && contentsOf(chat)).toEqual(['Yes.', 'find', 'Found.', 'Yes.', 'Found.'])
    expect(chat?.agents).toEqual([{ name: 'Finder' }])
    expect(errors).toEqual([])
  })
})

describe('random writes under random faults', () => {
  const fates = fc.oneof(
    { weight: 5, arbitrary: fc.constant<Fate>('PASS') },
    fc.constantFrom<Fate>(
      'CUT_BEFORE',
      'CUT_AFTER',
      { status: 500 },
      { status: 503 },
      { status: 429 },
      { status: 408 },
    ),
  )
  const writes = fc.record({
    conversation: fc.nat(3),
    count: fc.integer({ min: 1, max: 3 }),
    pauses: fc.boolean(),
  })

  test('stored is sent without what is reported, in order, and nothing twice', { timeout: 300_000 }, async () => {
    // Pauses of tenths of a second become some of milliseconds.
    const later = globalThis.setTimeout
    vi.spyOn(globalThis, 'setTimeout').mockImplementation(((act: () => void, ms = 0, ...rest: []) =>
      later(act, ms < 12_000 ? ms / 50 : ms, ...rest)) as typeof setTimeout)
    await fc.assert(
      fc.asyncProperty(
        fc.array(writes, { maxLength: 25 }),
        fc.array(fates, { maxLength: 20 }),
        fc.boolean(),
        async (all, met, isSmall) => {
          run += 1
          errors = []
          meets(...met)
          const client = newClient({ flushIntervalMs: 50, flushAt: 5, ...(isSmall && { maxQueueBytes: 4_000 }) })
          const sent = new Map<string, string[]>()
          const calls: { id: string; more: string[] }[] = []
          for (const { conversation, count, pauses } of all) {
            const id = named(conversation)
            const said = sent.get(id) ?? []
            sent.set(id, said)
            const more = Array.from({ length: count }, (_, index) => `${said.length + index}`)
            if (said.length === 0) client.log({ externalId: id, status: 'active', messages: more.map(user) })
            else client.append(id, more.map(user))
            said.push(...more)
            calls.push({ id, more })
            if (pauses) await new Promise((resolve) => later(resolve, 3))
          }
          await client.close({ timeoutMs: 1_000_000 })
          const inAll = new Map((await stored()).map((one) => [one.externalId, contentsOf(one) as string[]]))
          const lost = errors.filter(({ count }) => count > 0)
          expect(lost.every(({ code }) => code === 'DROPPED')).toBe(true)
          const dropped = lost.reduce((sum, { count }) => sum + count, 0)
          // A write whose answer was lost may be stored and dropped.
          const storedCalls = calls.filter(({ id, more }) => more.every((one) => inAll.get(id)?.includes(one))).length
          expect(storedCalls).toBeGreaterThanOrEqual(all.length - dropped)
          if (dropped === 0) expect(inAll).toEqual(sent)
          for (const [id, said] of sent) {
            const kept = inAll.get(id) ?? []
            expect(kept).toEqual(said.filter((one) => kept.includes(one)))
          }
        },
      ),
      { numRuns: 40 },
    )
  })

  test('what is dropped is counted to the last', async () => {
    faulty.fateOf = () => ({ status: 503 })
    const small = newClient({ maxQueueBytes: 10_000 })
    for (let index = 0; index < 60; index += 1) small.log({ externalId: named(index), messages: [user('1')] })
    await small.flush({ timeoutMs: 50 })
    faulty.fateOf = () => 'PASS'
    await small.close()
    const lost = errors.reduce((sum, { count }) => sum + count, 0)
    expect(lost).toBeGreaterThan(30)
    expect(await stored()).toHaveLength(60 - lost)
  })
})
