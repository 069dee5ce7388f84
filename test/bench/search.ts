import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { spread } from './measure.ts'
import { printTable } from './report.ts'
import { type Parley, startParley } from './systems/parley.ts'

/**
 * How long a search takes, in a tenant with 2,000 long messages and in one with many:
 *
 *   node test/bench/search.ts [--messages 200000] [--directory CHECKOUT] [--url postgres://superuser@host/postgres]
 *
 * `--directory` measures another checkout, installed there. Makes the database parley_bench_search anew, and drops it.
 */
const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '200000' },
    directory: { type: 'string', default: '.' },
    url: {
      type: 'string',
      default: process.env['TEST_DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres',
    },
  },
})

const DATABASE = 'parley_bench_search'
const MESSAGES = 10
const RUNS = 15

const schema = readFileSync(join(values.directory, 'schema.graphql'), 'utf8')
/** Before 1.0.0, the conversations were an argument by themselves. */
const GIVEN = schema.includes('input LogConversationsInput') ? 'input: { conversations: $inputs }' : 'inputs: $inputs'
const LOG = `mutation ($inputs: [LogConversationInput!]!) { logConversations(${GIVEN}) { results { created } } }`
const SEARCH = `query ($search: String!) { conversations(first: 20, filter: { search: $search }) { totalCount nodes { id } } }`

const WORDS =
  'hello i have a question about my order it has not arrived yet and the parcel is late please help me'.split(' ')

/** Of so many words, some of them frequent; one of each hundred messages has the rare word. */
function contentOf(message: number, words: number): string {
  const text = Array.from({ length: words }, (_, i) => {
    const n = (message * 31 + i * 17) % 1_009
    return n % 3 === 0 ? `w${n}` : WORDS[(n + i) % WORDS.length]
  })
  return `${text.join(' ')}${message % 100 === 0 ? ' unusual' : ''}, number ${message}. 我的订单在哪里`
}

async function fill({ ask }: Parley, tenantId: string, messages: number, words: number) {
  for (let first = 0; first < messages; first += 100 * MESSAGES) {
    const inputs = Array.from({ length: Math.min(100, Math.ceil((messages - first) / MESSAGES)) }, (_, c) => ({
      messages: Array.from({ length: MESSAGES }, (_, m) => ({
        chat: { role: 'USER', content: contentOf(first + c * MESSAGES + m, words) },
      })),
    }))
    await ask(tenantId, LOG, { inputs })
  }
}

const SEARCHES = ['unusual', 'order', 'order parcel', '"my order"', '订单', 'unusual -order', 'unheard']

async function measure({ ask }: Parley, tenantId: string, when: string) {
  const rows = []
  for (const search of SEARCHES) {
    const times: number[] = []
    let found = ''
    for (let run = 0; run < RUNS; run++) {
      const beganMs = performance.now()
      found = await ask(tenantId, SEARCH, { search })
      times.push(performance.now() - beganMs)
    }
    const { totalCount } = JSON.parse(found).data.conversations
    rows.push({ search, conversations: String(totalCount), 'median, ms': spread(times).median.toFixed(1) })
  }
  printTable(`${tenantId}, ${when}`, rows)
}

const admin = new pg.Client({ connectionString: values.url })
await admin.connect()
await admin.query(`DROP DATABASE IF EXISTS ${DATABASE}`)
await admin.query(`CREATE DATABASE ${DATABASE}`)
const url = new URL(values.url)
url.pathname = DATABASE
const parley = await startParley(url.href, values.directory)
const owner = new pg.Client({ connectionString: url.href })
await owner.connect()
try {
  const tenants: [id: string, messages: number, words: number][] = [
    ['2000 messages of 250 words', 2_000, 250],
    [`${values.messages} messages of 15 words`, Number(values.messages), 15],
    ...Array.from({ length: 20 }, (_, i): [string, number, number] => [`other ${i}`, 2_000, 15]),
  ]
  for (const [id, messages, words] of tenants) {
    await owner.query(`INSERT INTO tenants (id, name, time_zone) VALUES ($1, $1, 'UTC')`, [id])
    await fill(parley, id, messages, words)
    // No statistics yet, and what was written last is not in the index's tree.
    if (words > 100) await measure(parley, id, 'just logged')
  }
  await owner.query('VACUUM ANALYZE')
  const { rows } = await owner.query(`
    SELECT pg_size_pretty(pg_table_size('messages')) AS messages, c.relname AS index, pg_size_pretty(pg_relation_size(c.oid)) AS size
    FROM pg_class c JOIN pg_am a ON a.oid = c.relam WHERE a.amname = 'gin' AND c.relname LIKE 'messages%'`)
  console.table(rows)
  for (const [id] of tenants.slice(0, 2)) await measure(parley, id, 'later')
} finally {
  await parley.stop()
  await owner.end()
  await admin.query(`DROP DATABASE ${DATABASE}`)
  await admin.end()
}
