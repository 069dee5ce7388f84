import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { type Parley, startParley } from './systems/parley.ts'
import { writeTaskmasterFile } from './taskmaster-file.ts'

/**
 * An import of many messages: how fast it is, and whether memory stays flat, the command's and the server's. Stops it in the
 * middle, goes on where it says, and runs it once more on what is there.
 *
 *   node test/bench/import.ts --url postgres://superuser@localhost/postgres [--messages 1000000]
 *
 * Makes the database parley_bench_import anew, and drops it. Memory is read from /proc, which Linux has.
 */
const { values } = parseArgs({ options: { url: { type: 'string' }, messages: { type: 'string', default: '1000000' } } })
if (!values.url) throw new Error('--url is missing')

const DATABASE = 'parley_bench_import'
const admin = new pg.Client({ connectionString: values.url })
await admin.connect()
await admin.query(`DROP DATABASE IF EXISTS ${DATABASE}`)
await admin.query(`CREATE DATABASE ${DATABASE}`)
const url = new URL(values.url)
url.pathname = DATABASE
const parley = await startParley(url.href)
const owner = new pg.Client({ connectionString: url.href })
await owner.connect()

const directory = mkdtempSync(join(tmpdir(), 'parley-bench-import-'))
const file = join(directory, 'messages.jsonl')
const whole = await writeTaskmasterFile(file, Number(values.messages))
console.log(`${whole.conversations} conversations, ${whole.messages} messages, ${megabytes(statSync(file).size)} MB`)

const TENANT = 'bench'
await owner.query('INSERT INTO tenants (id, name, time_zone) VALUES ($1, $1, $2)', [TENANT, 'UTC'])
const key = await makeKey(parley)
const begun = performance.now()
const samples: Record<string, unknown>[] = []

try {
  await measure()
} finally {
  await parley.stop()
  await owner.end()
  await admin.query(`DROP DATABASE ${DATABASE}`)
  await admin.end()
  rmSync(directory, { recursive: true })
}

async function measure() {
  await note('before', null)
  const first = startImport()
  await sampleUntil(first, [0.02, 0.1, 0.25, 0.5])
  const askedAt = performance.now()
  first.stop()
  const [, nextLine] = /--from-line (\d+)/.exec(await first.printed) ?? []
  console.log(`Stopped ${Math.round(performance.now() - askedAt)} ms after SIGINT, to go on at line ${nextLine}.`)
  if (!nextLine) throw new Error('It ended before it was stopped: take more messages.')
  const second = startImport('--from-line', nextLine)
  await sampleUntil(second, [0.75, 0.9, 0.99])
  console.log(await second.printed)
  await note('after', null)
  const seconds = (performance.now() - begun) / 1_000
  console.table(samples)
  console.log(`${Math.round(whole.messages / seconds)} messages a second in all, over ${Math.round(seconds)} s.`)
  console.log('In the database:', await count('conversations'), 'conversations,', await count('messages'), 'messages.')

  const again = performance.now()
  console.log(await startImport().printed)
  console.log(`Once more, on what is there: ${Math.round((performance.now() - again) / 1_000)} s.`)
}

async function makeKey({ ask }: Parley): Promise<string> {
  const answer = await ask(
    TENANT,
    `mutation { generateApiKey(input: { name: "import", tenantId: "${TENANT}", scopes: [CONVERSATIONS_WRITE] }) { secret } }`,
  )
  return JSON.parse(answer).data.generateApiKey.secret
}

type Command = ReturnType<typeof startImport>

function startImport(...more: string[]) {
  const range = ['--from', '2025-01-01', '--to', '2025-12-01']
  const args = ['src/cli/import.ts', file, '--url', `${parley.origin}/graphql`, ...range, ...more]
  const child = spawn(process.execPath, args, {
    env: { ...process.env, PARLEY_KEY: key },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const command = { pid: child.pid, running: true, stop: () => child.kill('SIGINT'), printed: text(child.stdout) }
  child.once('exit', () => {
    command.running = false
  })
  return command
}

/** Notes the memory when so much of the file is stored. */
async function sampleUntil(command: Command, shares: number[]) {
  for (const share of shares) {
    while ((await count('conversations')) < whole.conversations * share) {
      if (!command.running) return
      await setTimeout(500)
    }
    await note(`${share * 100} %`, command)
  }
}

async function note(at: string, command: Command | null) {
  const [own, peak] = command ? memory(command.pid) : ['-', '-']
  const [server, serverPeak] = memory(parley.pid)
  const stored = await count('conversations')
  const elapsed = Math.round((performance.now() - begun) / 1_000)
  samples.push({ at, stored, seconds: elapsed, 'import MB': own, peak, 'server MB': server, 'server peak': serverPeak })
}

/** Resident megabytes, now and at the most. */
function memory(pid = 0): (number | string)[] {
  const status = existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, 'utf8') : ''
  return ['VmRSS', 'VmHWM'].map((name) => {
    const [, kilobytes] = new RegExp(`${name}:\\s+(\\d+)`).exec(status) ?? []
    return kilobytes ? megabytes(Number(kilobytes) * 1_024) : '-'
  })
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1_048_576)
}

async function count(table: 'conversations' | 'messages'): Promise<number> {
  const { rows } = await owner.query<{ count: number }>(`SELECT count(*)::int FROM ${table}`)
  return rows[0]?.count ?? 0
}
