/**
 * What logging costs the process that logs: a loop of work, with and without the client, while the server is killed, fails
 * and comes back. See README.md.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { Parley } from '../../src/client/parley.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** Of three runs each: without, with, and without again. */
    rounds: { type: 'string', default: '3' },
    /** How long the server is killed, and how long it fails. */
    seconds: { type: 'string', default: '30' },
  },
})

const PORT = 4_790
const URL_OF_SERVER = `http://127.0.0.1:${PORT}/graphql`
const WARM_UP = 2_000
const QUEUE_BYTES = 8 * 1024 * 1024

interface Figures {
  iterations: number
  cpuMs: number
  p99Ms: number
  longestMs: number
  rssMb: number
  aliveMb: number
  dropped: number
  errors: string[]
}

/** What the last users have, as a back end keeps it for a while. */
const sessions = new Map<number, object>()

/** A millisecond or two of what a back end does for a message. */
function work(n: number): string {
  const lines = Array.from({ length: 120 }, (_, line) => ({ line, text: `item ${line} of ${n}`, price: line * 1.1 }))
  let order: object = { id: n, lines }
  const hash = createHash('sha256')
  for (let round = 0; round < 20; round += 1) {
    const text = JSON.stringify(order)
    order = JSON.parse(text)
    hash.update(text)
  }
  sessions.set(n % 500, order)
  return hash.digest('hex')
}

const conversation = (n: number, hash: string) => ({
  externalId: `conversation-${n}`,
  channel: 'CHAT' as const,
  endUserId: `user-${n % 500}`,
  metadata: { page: '/orders', hash },
  messages: [
    { role: 'user', content: `Where is my order ${n}? I have waited for a week by now, and nobody has written.` },
    { role: 'assistant', content: 'I am sorry to hear that. May I have the number of your order, please?' },
    { role: 'user', content: `It is ${hash.slice(0, 12)}, and it was paid for on Monday.` },
    { role: 'assistant', content: `Thank you. It has left our warehouse and arrives tomorrow. Reference: ${hash}` },
  ],
})

/** The loop. Each iteration works, and logs a conversation of four messages, or does not. */
async function runHost(logs: boolean, seconds: number) {
  let dropped = 0
  const errors = new Set<string>()
  const parley = logs
    ? new Parley({
        url: URL_OF_SERVER,
        apiKey: 'key',
        maxQueueBytes: QUEUE_BYTES,
        onError: ({ code, count }) => {
          dropped += count
          errors.add(code)
        },
      })
    : null
  const iterate = (n: number) => {
    const hash = work(n)
    parley?.log(conversation(n, hash))
    // As in a back end, something is waited for between two messages.
    return new Promise((resolve) => setTimeout(resolve, 1))
  }
  // What is loaded and compiled once does not count.
  let n = 0
  while (n < WARM_UP) await iterate(n++)
  await parley?.flush()
  process.send?.('warm')
  const delays = monitorEventLoopDelay({ resolution: 1 })
  let rss = 0
  const sampling = setInterval(() => (rss = Math.max(rss, process.memoryUsage.rss())), 100)
  delays.enable()
  const before = process.cpuUsage()
  const end = performance.now() + seconds * 1_000
  // While the queue is full: what is alive, and not only not yet collected.
  while (performance.now() < end - seconds * 250) await iterate(n++)
  globalThis.gc?.()
  const aliveMb = process.memoryUsage().heapUsed / 1_048_576
  while (performance.now() < end) await iterate(n++)
  const { user, system } = process.cpuUsage(before)
  delays.disable()
  clearInterval(sampling)
  await parley?.close()
  process.send?.({
    iterations: n - WARM_UP,
    dropped,
    cpuMs: (user + system) / 1_000,
    p99Ms: delays.percentile(99) / 1e6,
    longestMs: delays.max / 1e6,
    rssMb: rss / 1_048_576,
    aliveMb,
    errors: [...errors],
  } satisfies Figures)
  process.disconnect()
}

/** Stores external ids in a file: one line for each write, once for each idempotency key. Fails when told to. */
function runServer(file: string) {
  const keys = new Set(linesOf(file).map((line) => line.split(' ')[1]))
  let isFailing = false
  let requests = 0
  process.on('message', (fails) => (isFailing = Boolean(fails)))
  createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    requests += 1
    if (isFailing && requests % 2) return response.writeHead(429, { 'retry-after': '1' }).end()
    if (isFailing) return response.writeHead(500).end('Internal Server Error')
    const { conversations } = JSON.parse(body).variables.input as {
      conversations: { externalId: string; idempotencyKey: string }[]
    }
    const fresh = conversations.filter(({ idempotencyKey }) => !keys.has(idempotencyKey))
    for (const { idempotencyKey } of fresh) keys.add(idempotencyKey)
    appendFileSync(file, fresh.map(({ externalId, idempotencyKey }) => `${externalId} ${idempotencyKey}\n`).join(''))
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify({ data: { logConversations: { results: conversations.map(() => ({ error: null })) } } }),
    )
  }).listen(PORT, '127.0.0.1', () => process.send?.('up'))
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean)
  } catch {
    return []
  }
}

const start = (...args: string[]) =>
  fork(import.meta.filename, args, { execArgv: ['--disable-warning=ExperimentalWarning', '--expose-gc'] })
const sleep = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1_000))

async function startServer(file: string): Promise<ChildProcess> {
  const server = start('server', file)
  await once(server, 'message')
  return server
}

/** Up for a third of the time, killed, failing, and up again for two thirds. */
async function runOnce(logs: boolean, seconds: number): Promise<Figures & { stored: number; twice: number }> {
  const directory = mkdtempSync(join(tmpdir(), 'parley-host-'))
  const file = join(directory, 'stored')
  let server = await startServer(file)
  const host = start('host', logs ? 'with' : 'without', String(seconds * 3))
  await once(host, 'message')
  const result = once(host, 'message') as Promise<[Figures]>
  await sleep(seconds / 3)
  server.kill('SIGKILL')
  await sleep(seconds)
  server = await startServer(file)
  server.send(true)
  await sleep(seconds)
  server.send(false)
  const [figures] = await result
  server.kill('SIGKILL')
  const stored = linesOf(file).map((line) => line.split(' ')[0])
  rmSync(directory, { recursive: true })
  return { ...figures, stored: stored.length, twice: stored.length - new Set(stored).size }
}

async function compare(rounds: number, seconds: number) {
  const perIteration = ({ cpuMs, iterations }: Figures) => cpuMs / iterations
  const ratios: number[] = []
  const controls: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const [before, logging, after] = [
      await runOnce(false, seconds),
      await runOnce(true, seconds),
      await runOnce(false, seconds),
    ]
    const alone = (perIteration(before) + perIteration(after)) / 2
    ratios.push(perIteration(logging) / alone)
    controls.push(perIteration(after) / perIteration(before))
    for (const [name, figures] of Object.entries({ before, logging, after })) {
      const { iterations, p99Ms, longestMs, rssMb, stored, dropped, twice, errors } = figures
      console.log(
        `${name.padEnd(8)} ${iterations} iterations, CPU ${perIteration(figures).toFixed(3)} ms each, pauses p99 ${p99Ms.toFixed(1)} ms, ` +
          `longest ${longestMs.toFixed(0)} ms, memory ${rssMb.toFixed(0)} MB` +
          (name === 'logging'
            ? `, logged ${iterations + WARM_UP} = stored ${stored} + dropped ${dropped}, twice ${twice}, ${errors}`
            : ''),
      )
    }
    const shown = (all: number[]) => all.at(-1)?.toFixed(3)
    const more = (of: 'rssMb' | 'aliveMb') => (logging[of] - Math.max(before[of], after[of])).toFixed(0)
    console.log(
      `with/without: CPU ${shown(ratios)} (control ${shown(controls)}), memory +${more('rssMb')} MB, alive +${more('aliveMb')} MB\n`,
    )
  }
  const median = (all: number[]) => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)]?.toFixed(3)
  console.log(`median: CPU ${median(ratios)}, control ${median(controls)}`)
}

const [role, ...given] = positionals
if (role === 'host') await runHost(given[0] === 'with', Number(given[1]))
else if (role === 'server') runServer(given[0] ?? '')
else await compare(Number(values.rounds), Number(values.seconds))
