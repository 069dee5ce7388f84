import fc from 'fast-check'
import { describe, expect, inject, test } from 'vitest'
import { logged, said, write } from '../conversations/writes.ts'
import { type Answer, startTestServer, type TestTenant } from '../support/server.ts'
import { asOwner } from '../support/template.ts'

const TENANTS = 5
const LANES_OF_EACH = 3
const REQUESTS_OF_EACH = 16
/** How many requests end for each one that is disturbed, however fast the machine is. */
const ENDED_FOR_EACH_DISTURBED = 2
/** So short that what sleeps in the database is cancelled by it. */
const STATEMENT_TIMEOUT_MS = 200

/** What a request may be answered while statements are cancelled and connections are terminated. */
const DISTURBED = ['LIMIT_EXCEEDED', 'UNAVAILABLE', 'OVERLOADED', 'OUTCOME_UNKNOWN', 'INTERNAL_SERVER_ERROR']

/** A tenant with rows that say whose they are. */
interface Planted extends TestTenant {
  canary: string
  openId: string
  count: number
}

/** A request with a mark of its own, and what its answer says of it: the same mark, if the answer is its own. */
interface Probe {
  ask(tenant: Planted, mark: string): Promise<Answer>
  markIn(data: never, tenant: Planted): unknown
  expected?(tenant: Planted, mark: string): unknown
}

const probe = <Data>(one: {
  ask: Probe['ask']
  markIn(data: Data, tenant: Planted): unknown
  expected?: Probe['expected']
}) => one as unknown as Probe

const PROBES: Record<string, Probe> = {
  'a compiled list': probe<{ conversations: { nodes: { description: string }[] } }>({
    ask: ({ ask, canary }) =>
      ask(
        'query ($c: JSON) { conversations(first: 20, filter: { metadata: [{ path: ["canary"], eq: $c }] }) { nodes { description } } }',
        {
          c: canary,
        },
      ),
    markIn: ({ conversations: { nodes } }) => [...new Set(nodes.map(({ description }) => description))],
    expected: ({ canary }) => [canary],
  }),
  'a compiled look-up': probe<{ conversation: { externalId: string; description: string } }>({
    ask: ({ ask, canary }) =>
      ask('query ($id: String) { conversation(by: { externalId: $id }) { externalId description } }', {
        id: `${canary}-0`,
      }),
    markIn: ({ conversation }) => `${conversation.externalId} ${conversation.description}`,
    expected: ({ canary }) => `${canary}-0 ${canary}`,
  }),
  'a snapshot': probe<{ conversationMetrics: { current: { conversationCount: number } } }>({
    ask: ({ ask, canary }) =>
      ask(
        'query ($c: JSON) { conversationMetrics(filter: { metadata: [{ path: ["canary"], eq: $c }] }) { current { conversationCount } } }',
        { c: canary },
      ),
    markIn: ({ conversationMetrics }) => conversationMetrics.current.conversationCount,
    expected: ({ count }) => count,
  }),
  'a read through Prisma': probe<{
    viewer: { tenant: { id: string } }
    agents: { nodes: { name: string }[] }
  }>({
    ask: ({ ask }) =>
      ask(
        '{ viewer { tenant { id } } agents(first: 5) { nodes { name } } conversation(by: { externalId: "none" }) { id } }',
      ),
    markIn: ({ viewer, agents }) => [viewer.tenant.id, ...agents.nodes.map(({ name }) => name)],
    expected: ({ id, canary }) => [id, canary],
  }),
  'a group commit': probe<{ logConversation: { conversation: { description: string } } }>({
    ask: ({ ask }, mark) =>
      write(ask, 'logConversation', { description: mark, messages: [said(mark)] }, 'conversation { description }'),
    markIn: ({ logConversation }) => logConversation.conversation.description,
  }),
  'an append': probe<{ appendMessages: { appendedMessages: { content: string }[] } }>({
    ask: ({ ask, openId }, mark) =>
      write(
        ask,
        'appendMessages',
        { by: { id: openId }, messages: [said(mark)] },
        'appendedMessages { ... on ChatMessage { content } }',
      ),
    markIn: ({ appendMessages }) => appendMessages.appendedMessages[0]?.content,
  }),
  'a bulk write': probe<{ logConversations: { results: { conversation: { description: string } }[] } }>({
    ask: ({ ask }, mark) =>
      ask(
        'mutation ($inputs: [LogConversationInput!]!) { logConversations(input: { conversations: $inputs }) { results { conversation { description } } } }',
        { inputs: [{ description: mark, messages: [said(mark)] }] },
      ),
    markIn: ({ logConversations }) => logConversations.results[0]?.conversation.description,
  }),
  'a write through Prisma': probe<{ updateConversation: { conversation: { companyName: string } } }>({
    ask: ({ ask, openId }, mark) =>
      write(ask, 'updateConversation', { by: { id: openId }, companyName: mark }, 'conversation { companyName }'),
    markIn: ({ updateConversation }) => updateConversation.conversation.companyName,
  }),
  'a write that sleeps': probe<{ logConversation: { conversation: { description: string } } }>({
    ask: ({ ask }, mark) =>
      write(
        ask,
        'logConversation',
        { description: `sleep ${mark}`, messages: [said(mark)] },
        'conversation { description }',
      ),
    markIn: ({ logConversation }) => logConversation.conversation.description,
    expected: (_, mark) => `sleep ${mark}`,
  }),
  'a write that fails': probe<{ updateConversation: unknown }>({
    ask: ({ ask, openId }) => write(ask, 'updateConversation', { by: { id: openId }, companyName: 'fail' }),
    markIn: () => 'it did not fail',
    expected: () => 'an error',
  }),
}

const FAULTY = `CREATE FUNCTION faulty() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF NEW.description LIKE 'sleep %' THEN PERFORM pg_sleep(2); END IF;
    IF NEW.company_name = 'fail' THEN RAISE EXCEPTION 'failed'; END IF;
    RETURN NEW;
  END $$`

describe.skipIf(inject('databaseKind') === 'pglite')('on PostgreSQL', async () => {
  // Few connections: each of them serves every tenant.
  const server = await startTestServer({ database: { poolSize: 4, statementTimeoutMs: STATEMENT_TIMEOUT_MS } })

  async function plant(number: number): Promise<Planted> {
    const tenant = await server.newTenant()
    const canary = `canary-${number}-${tenant.id}`
    await write(tenant.ask, 'createAgent', { name: canary }, 'agent { id }')
    const count = number + 1
    for (let i = 0; i < count; i += 1) {
      await logged(tenant.ask, { externalId: `${canary}-${i}`, description: canary, metadata: { canary } })
    }
    const { id: openId } = await logged(tenant.ask, { status: 'ACTIVE' })
    return { ...tenant, canary, openId, count }
  }

  /** While requests end, cancels statements or terminates connections, until the last request has ended. */
  async function disturb(ended: () => number, last: number): Promise<number> {
    let disturbed = 0
    await asOwner(server.ownerUrl ?? '', async (owner) => {
      while (ended() < last) {
        if (ended() >= disturbed * ENDED_FOR_EACH_DISTURBED) {
          const { rows } = await owner.query(`
            SELECT ${disturbed % 4 === 0 ? 'pg_terminate_backend' : 'pg_cancel_backend'}(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = 'parley' AND state <> 'idle' ORDER BY random() LIMIT 1`)
          disturbed += rows.length
        }
        await owner.query('SELECT pg_sleep(0.005)')
      }
    })
    return disturbed
  }

  /**
   * Sends one kind of request for one tenant, and checks that the answer is its own. Returns the codes of its errors.
   */
  async function check(name: string, tenant: Planted, others: Planted[], mark: string): Promise<string[]> {
    const one = PROBES[name] as Probe
    const answer = await one.ask(tenant, mark)
    const text = JSON.stringify([answer.data, answer.errors])
    for (const other of others) if (other !== tenant) expect(text).not.toContain(other.canary)
    if (answer.errors) return answer.errors.map(({ extensions }) => extensions.code)
    const expected = one.expected ? one.expected(tenant, mark) : mark
    expect({ name, mark: one.markIn(answer.data as never, tenant) }).toEqual({ name, mark: expected })
    return []
  }

  test('each answer is that of its own request, whatever fails, is cancelled or times out beside it', async () => {
    await server.owner(FAULTY)
    await server.owner(
      'CREATE TRIGGER faulty BEFORE INSERT OR UPDATE ON conversations FOR EACH ROW EXECUTE FUNCTION faulty()',
    )
    const tenants: Planted[] = []
    for (let i = 0; i < TENANTS; i += 1) tenants.push(await plant(i))
    const names = Object.keys(PROBES)
    /** Sends every kind of request for every tenant, one at a time. Returns which failed. */
    const checkAll = async (round: string): Promise<Set<string>> => {
      const failed = new Set<string>()
      for (const tenant of tenants) {
        for (const name of names) {
          if ((await check(name, tenant, tenants, `${round} ${tenant.canary} ${name}`)).length > 0) failed.add(name)
        }
      }
      return failed
    }
    const failing = new Set(['a write that sleeps', 'a write that fails'])
    expect(await checkAll('before')).toEqual(failing)

    let ended = 0
    const disturbing = disturb(() => ended, TENANTS * LANES_OF_EACH * REQUESTS_OF_EACH)
    const codes = new Set<string>()
    let answered = 0
    const lanes = tenants.flatMap((tenant, t) =>
      Array.from({ length: LANES_OF_EACH }, async (_, lane) => {
        const order = fc.sample(fc.constantFrom(...names), { numRuns: REQUESTS_OF_EACH, seed: t * 100 + lane })
        for (const [i, name] of order.entries()) {
          const ofThis = await check(name, tenant, tenants, `mark ${tenant.canary} ${lane} ${i}`).finally(() => {
            ended += 1
          })
          if (ofThis.length === 0) answered += 1
          for (const code of ofThis) codes.add(code)
        }
      }),
    )
    try {
      await Promise.all(lanes)
    } finally {
      ended = Number.POSITIVE_INFINITY
    }
    expect(await disturbing).toBeGreaterThan(50)
    expect(answered).toBeGreaterThan(50)
    expect([...codes].filter((code) => !DISTURBED.includes(code))).toEqual([])
    expect(codes).toContain('LIMIT_EXCEEDED')
    expect(codes).toContain('UNAVAILABLE')
    // The disturbances have left nothing behind: everything is answered again.
    expect(await checkAll('after')).toEqual(failing)
    // A tenant whose writes sleep rests in between, for seconds on a busy machine.
  }, 120_000)
})
