import { parseArgs } from 'node:util'
import pg from 'pg'
import { startParley } from './contestants/parley.ts'

/**
 * What keeping roll-ups costs a write: conversations of six messages, logged with their triggers on and off in turn.
 *
 *   node test/bench/rollup-writes.ts --url postgres://owner@localhost/parley_bench [--rounds 10] [--connections 16]
 *
 * What it logs is deleted again, and the roll-ups are then as before: the triggers are on when rows go that were added with
 * them on, and off for the others.
 */
const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    rounds: { type: 'string', default: '10' },
    connections: { type: 'string', default: '16' },
  },
})
if (!values.url) throw new Error('--url is missing')
const [rounds, connections] = [Number(values.rounds), Number(values.connections)]

const PER_ROUND = 400
const LOG = 'mutation ($input: LogConversationInput!) { logConversation(input: $input) { created } }'
const said = (role: string, more: object) => ({
  chat: { role, content: 'Where is my parcel? It should be here today.', ...more },
})
const messages = [0, 1, 2].flatMap(() => [
  said('USER', { sentiment: 0.25 }),
  said('ASSISTANT', { cost: 0.001, latencyMs: 800 }),
])

const owner = new pg.Client({ connectionString: values.url })
await owner.connect()
const parley = await startParley(values.url)

/** Milliseconds for one round, with as many requests open as there are connections. */
async function round(companyName: string) {
  let left = PER_ROUND
  const start = performance.now()
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (left-- > 0)
        await parley.ask('t050', LOG, { input: { companyName, messages, metadata: { plan: 'pro', score: 7 } } })
    }),
  )
  return performance.now() - start
}

const triggers = (state: 'ENABLE' | 'DISABLE') =>
  owner.query(
    ['insert', 'update', 'delete']
      .map((kind) => `ALTER TABLE conversations ${state} TRIGGER roll_up_${kind}`)
      .join(';'),
  )
const times: Record<'ENABLE' | 'DISABLE', number[]> = { ENABLE: [], DISABLE: [] }
await round('bench ENABLE')
for (let i = 0; i < rounds; i += 1) {
  for (const state of ['ENABLE', 'DISABLE'] as const) {
    await triggers(state)
    times[state].push(await round(`bench ${state}`))
  }
}
for (const state of ['DISABLE', 'ENABLE'] as const) {
  await triggers(state)
  await owner.query('DELETE FROM conversations WHERE company_name = $1', [`bench ${state}`])
}
const median = (all: number[]) => all.sort((a, b) => a - b)[all.length >> 1] ?? 0
const perSecond = (all: number[]) => Math.round((PER_ROUND * 1_000) / median(all))
console.table([
  {
    connections,
    'logged a second with roll-ups': perSecond(times.ENABLE),
    'and without': perSecond(times.DISABLE),
    'costs, times': (median(times.ENABLE) / median(times.DISABLE)).toFixed(2),
  },
])
await parley.stop()
await owner.end()
